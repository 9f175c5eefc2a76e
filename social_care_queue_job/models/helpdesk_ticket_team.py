from odoo import api, models


class HelpdeskTicketTeam(models.Model):
    _inherit = "helpdesk.ticket.team"

    @api.model
    def _cron_route(self):
        if self._is_working():
            super()._cron_route()
            return
        if self._social_care_find_to_route():
            self._queue_jobs(self, "_job_route", priority=4)

    @api.model
    def _job_route(self):
        """Find somebody for conversations"""
        self._work_alone(self, "_cron_route")
