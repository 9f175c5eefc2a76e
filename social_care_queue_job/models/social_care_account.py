from odoo import api, fields, models

from odoo.addons.social_care.models.social_care_reply_status import OPEN_ACCOUNT

from .social_care_queue_work import BUSY_SECONDS


class SocialCareAccount(models.Model):
    _inherit = "social.care.account"

    @api.model
    def _cron_poll(self):
        if self._is_working():
            super()._cron_poll()
            return
        if due := self._search_due():
            self._queue_jobs(due, "_job_poll", priority=10)

    def _get_channel_name(self):
        return str(self.id)

    def _job_poll(self):
        """Look for new messages"""
        self._work_alone(self, "_poll")
        failed = self.exists().filtered(lambda account: account.state in OPEN_ACCOUNT)
        self._come_back(failed.filtered("error_code"), "next_poll_at")

    def _job_triage(self):
        """Turn messages into tickets"""
        mentions = self.env["social.care.mention"]
        self._work_alone(mentions, "_cron_triage", self._get_rows())
        # Their author's messages to another account are being decided on.
        left = [*self._get_rows(), *mentions._get_untriaged(), ("triage_attempts", "=", 0)]
        if mentions.search_count(left, limit=1):
            self._continue_in(BUSY_SECONDS)

    def _job_publish(self):
        """Send answers"""
        replies = self.env["social.care.reply"]
        self._work_alone(replies, "_cron_publish", self._get_rows())
        postponed = [("state", "in", ("queued", "sending")), ("error_code", "!=", False)]
        postponed += [("account_id.state", "in", OPEN_ACCOUNT)]
        postponed += [("next_try_at", ">", fields.Datetime.now())]
        waiting = replies.search([*self._get_rows(), *postponed], order="next_try_at", limit=1)
        self._come_back(waiting, "next_try_at")

    def _get_rows(self):
        return [("account_id", "=", self.id)]
