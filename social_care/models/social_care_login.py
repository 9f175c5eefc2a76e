import base64
import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import STORED_SESSION_BYTES, request
from odoo.tools import SQL

from .. import networks
from .social_care_secret import secret

MINUTES = 10  # a login under way is good for


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


class SocialCareLogin(models.Model):
    """A login under way: the state sent along, then the accounts it opened, until one is chosen."""

    _name = "social.care.login"
    _description = "Social care login under way"
    _inherit = ["social.care.secret"]

    _secret_fields = ("verifier", "access_token", "refresh_token")

    account_id = fields.Many2one(
        "social.care.account", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", required=True, index=True, ondelete="cascade")
    state_digest = fields.Char(groups="base.group_system")
    session_digest = fields.Char(groups="base.group_system")
    verifier = secret()
    external_id = fields.Char(help="Of an account that the login opened.")
    name = fields.Char()
    handle = fields.Char()
    avatar_url = fields.Char(string="Picture")
    access_token = secret()
    refresh_token = secret()
    access_expires_at = fields.Datetime(groups="base.group_system")
    token_expires_at = fields.Datetime(groups="base.group_system")

    _state_digest_unique = models.UniqueIndex("(state_digest)")

    # -- On the way to the network -------------------------------------------

    @api.model
    def _begin(self, account):
        """Remember that this user, in this browser, goes to log in.

        :return: OAuth's ``state`` and PKCE's ``S256`` challenge
        """
        self._gc_logins()
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        self.sudo().create(
            {
                "account_id": account.id,
                "user_id": self.env.uid,
                "state_digest": _digest(state),
                "session_digest": self._get_session_digest(),
                "verifier": verifier,
            }
        )
        digest = hashlib.sha256(verifier.encode()).digest()
        return state, base64.urlsafe_b64encode(digest).decode().rstrip("=")

    @api.model
    def _consume(self, state):
        """Use up a state of this user in this browser.

        :return: account and PKCE verifier; an empty account where the state is unknown,
            used, too old or somebody else's
        """
        self.env.cr.execute(
            SQL(
                """DELETE FROM social_care_login
                    WHERE state_digest = %s AND user_id = %s AND session_digest = %s
                      AND create_date > (now() AT TIME ZONE 'UTC') - interval '%s minutes'
                RETURNING account_id, verifier""",
                _digest(state),
                self.env.uid,
                self._get_session_digest(),
                MINUTES,
            ),
            log_exceptions=False,
        )
        self.invalidate_model(flush=False)
        account_id, verifier = self.env.cr.fetchone() or (False, "")
        return self.env["social.care.account"].browse(account_id), verifier

    @api.model
    def _get_session_digest(self):
        """Hash of the browser's session, of the part that outlives its rotation."""
        return _digest(request.session.sid[:STORED_SESSION_BYTES])

    # -- Back, with several accounts ---------------------------------------------

    @api.model
    def _keep(self, account, logins):
        """Keep the accounts that a login opened until this user has chosen one."""
        self._search_fresh(account).sudo().unlink()
        self.sudo().create(
            [
                {
                    "account_id": account.id,
                    "user_id": self.env.uid,
                    "external_id": login.profile.external_id,
                    "name": login.profile.name,
                    "handle": login.profile.handle,
                    "avatar_url": login.profile.avatar_url,
                    "access_token": login.tokens.access_token,
                    "refresh_token": login.tokens.refresh_token,
                    "access_expires_at": login.tokens.access_expires_at,
                    "token_expires_at": login.tokens.login_expires_at,
                }
                for login in logins
            ]
        )

    @api.model
    def _search_fresh(self, accounts):
        """The choices that this user has on these accounts."""
        return self.search(
            [
                ("account_id", "in", accounts.ids),
                ("user_id", "=", self.env.uid),
                ("external_id", "!=", False),
                ("create_date", ">", self._get_limit()),
            ]
        )

    def action_choose(self):
        """This is the brand's account: connect it and forget the others."""
        self.ensure_one()
        account = self.account_id
        account.check_access("write")
        choices = self._search_fresh(account)
        if self not in choices:
            raise UserError(self.env._("This took more than ten minutes. Log in again."))
        proof = account._prove(self.sudo()._to_login())
        choices.sudo().unlink()
        return account._tell_outcome(*account._settle(proof))

    def _to_login(self):
        profile = networks.Profile(
            external_id=self.external_id, handle=self.handle or "", name=self.name or ""
        )
        tokens = networks.Tokens(
            access_token=self.access_token or "",
            refresh_token=self.refresh_token or "",
            access_expires_at=self.access_expires_at or None,
            login_expires_at=self.token_expires_at or None,
        )
        return networks.Login(profile, tokens)

    @api.model
    def _get_limit(self):
        return fields.Datetime.now() - timedelta(minutes=MINUTES)

    @api.autovacuum
    def _gc_logins(self):
        self.sudo().search([("create_date", "<=", self._get_limit())]).unlink()
