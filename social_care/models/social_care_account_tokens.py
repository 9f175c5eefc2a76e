from odoo import fields, models


class SocialCareAccount(models.Model):
    """The account's tokens: stored here and nowhere else."""

    _inherit = "social.care.account"

    access_expires_at = fields.Datetime(readonly=True, copy=False)

    def _store_tokens(self, tokens):
        """Keep what a login or a renewal gave; an empty refresh token leaves the present one."""
        self.ensure_one()
        values = {
            "access_token": tokens.access_token,
            "access_expires_at": tokens.access_expires_at or False,
            "token_expires_at": tokens.login_expires_at or False,
        }
        if tokens.refresh_token:
            values["refresh_token"] = tokens.refresh_token
        self.sudo().write(values)
