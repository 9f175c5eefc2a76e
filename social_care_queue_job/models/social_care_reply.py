from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.social_care.models.social_care_queue import LEASE_MINUTES


class SocialCareReply(models.Model):
    _inherit = "social.care.reply"

    @api.model
    def _cron_publish(self):
        if self._is_working():
            super()._cron_publish()
            return
        lost = fields.Datetime.now() - timedelta(minutes=LEASE_MINUTES)
        under_way = [("state", "=", "sending"), ("claimed_at", "<", lost)]
        accounts = self.env["social.care.account"]
        for domain in (self._get_due(), under_way, self._get_unsettled()):
            groups = self._read_group(domain, ["account_id"])
            accounts |= accounts.union(*(account for [account] in groups))
        if accounts:
            self._queue_jobs(accounts, "_job_publish", priority=3)
