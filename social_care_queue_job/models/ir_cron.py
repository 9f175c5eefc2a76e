import time

from odoo import api, models


class IrCron(models.Model):
    _inherit = "ir.cron"

    @api.model
    def _commit_progress(self, processed=0, *, remaining=None, deactivate=False):
        """In a job, its time counts like a scheduled action's."""
        seconds_left = super()._commit_progress(
            processed, remaining=remaining, deactivate=deactivate
        )
        until = self.env.context.get("social_care_until")
        return min(seconds_left, max(until - time.monotonic(), 0)) if until else seconds_left
