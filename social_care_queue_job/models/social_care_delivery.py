from odoo import api, fields, models


class SocialCareDelivery(models.Model):
    _inherit = "social.care.delivery"

    @api.model
    def _cron_process(self):
        if self._is_working():
            super()._cron_process()
            return
        due = [("state", "=", "received"), ("next_try_at", "<=", fields.Datetime.now())]
        groups = self._read_group([*due, ("app_id", "!=", False)], ["app_id"])
        apps = self.env["social.care.app"].union(*(app for [app] in groups))
        if apps:
            self._queue_jobs(apps, "_job_process", priority=4)


class SocialCareApp(models.Model):
    _inherit = "social.care.app"

    def _get_channel_name(self):
        return f"app_{self.id}"

    def _job_process(self):
        """Read what webhooks brought"""
        deliveries = self.env["social.care.delivery"]
        share = [("app_id", "=", self.id)]
        deliveries._work_alone(deliveries, "_cron_process", share)
        postponed = [("state", "=", "received"), ("error_code", "!=", False)]
        waiting = deliveries.search([*share, *postponed], order="next_try_at", limit=1)
        deliveries._come_back(waiting, "next_try_at")
