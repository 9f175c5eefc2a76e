from odoo import models

from .social_care_queue_parallel import SIDE_BY_SIDE


class IrCron(models.Model):
    _inherit = "ir.cron"

    def write(self, vals):
        """A queue that is switched off stops everywhere it is worked."""
        result = super().write(vals)
        queue = self.env["social.care.queue"]
        if "active" in vals and queue._get_workers() > 1:
            for cron_xmlid in SIDE_BY_SIDE:
                if self.env.ref(cron_xmlid, raise_if_not_found=False) in self:
                    for copy in queue._get_copies(cron_xmlid).values():
                        copy.active = vals["active"]
        return result
