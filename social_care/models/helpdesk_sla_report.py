from odoo import models


class HelpdeskSlaReport(models.Model):
    _inherit = "helpdesk.sla.report"

    def _where_sla(self):
        # A clock that was called off in time was neither kept nor missed; practice is no work.
        return f"""{super()._where_sla()}
            AND hts.state IS DISTINCT FROM 'cancelled'
            AND NOT EXISTS (
                SELECT FROM social_care_account sca
                 WHERE sca.id = ht.social_account_id AND sca.practice
            )"""
