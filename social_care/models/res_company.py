from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def write(self, vals):
        result = super().write(vals)
        if "resource_calendar_id" in vals:
            # Teams without working hours of their own run in these.
            self.env["helpdesk.ticket.sla"]._social_care_mark(
                [
                    ("ticket_id.company_id", "in", self.ids),
                    ("ticket_id.team_id.resource_calendar_id", "=", False),
                ]
            )
        return result
