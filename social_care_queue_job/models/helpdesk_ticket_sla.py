from odoo import api, models


class HelpdeskTicketSla(models.Model):
    _inherit = "helpdesk.ticket.sla"

    @api.model
    def _cron_watch(self):
        if self._is_working():
            super()._cron_watch()
            return
        if self.search_count(self._social_care_due(), limit=1):
            self._queue_jobs(self, "_job_watch", priority=4)

    @api.model
    def _cron_replan(self):
        if self._is_working():
            super()._cron_replan()
            return
        if self.search_count([("social_replan_at", "!=", False)], limit=1):
            self._queue_jobs(self, "_job_replan", priority=4)

    @api.model
    def _job_watch(self):
        """Watch the deadlines"""
        self._work_alone(self, "_cron_watch")

    @api.model
    def _job_replan(self):
        """Keep deadlines true"""
        self._work_alone(self, "_cron_replan")
