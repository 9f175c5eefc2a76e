from odoo import api, models


class SocialCareMention(models.Model):
    _inherit = "social.care.mention"

    @api.model
    def _cron_triage(self):
        if self._is_working():
            super()._cron_triage()
            return
        accounts = self.env["social.care.account"]
        for domain in (self._get_untriaged(), self._get_watch_due()):
            groups = self._read_group(domain, ["account_id"])
            accounts |= accounts.union(*(account for [account] in groups))
        if accounts:
            self._queue_jobs(accounts, "_job_triage", priority=5)
