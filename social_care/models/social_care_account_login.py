from dataclasses import replace
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import networks
from .social_care_roles import MANAGER

CALLBACK = "/social_care/connect/callback"


class SocialCareAccount(models.Model):
    """How an account gets its login."""

    _inherit = "social.care.account"

    candidate_ids = fields.One2many(
        "social.care.login",
        string="Accounts of the login",
        compute="_compute_candidate_ids",
        groups=MANAGER,
    )
    available_app_ids = fields.Many2many(
        "social.care.app",
        string="Apps to choose from",
        compute="_compute_available_app_ids",
        groups=MANAGER,
    )

    def _compute_candidate_ids(self):
        candidates = self.env["social.care.login"]._search_fresh(self).grouped("account_id")
        for account in self:
            account.candidate_ids = candidates.get(account, False)

    @api.depends("network", "company_id", "base_url")
    def _compute_available_app_ids(self):
        """Those of the reader's companies: one app may serve accounts of several."""
        for account in self:
            network = account._get_network_class()
            served = [account.network, *(network.app_networks if network else ())]
            apps = self.env["social.care.app"].search([("network", "in", served)])
            account.available_app_ids = apps.filtered(
                lambda app, server=account.base_url: not server or app.base_url in (False, server)
            ).sorted(lambda app, company=account.company_id: app.company_id != company)

    # -- The dialog's steps ---------------------------------------------------

    def action_connect(self):
        """Open the dialog that leads through it."""
        self.ensure_one()
        self.check_access("write")
        values = {"account_id": self.id, "network": self.network, "base_url": self.base_url}
        wizard = self.env["social.care.connect"].create(
            {**values, "app_id": self.app_id.id, "handle": self.handle}
        )
        return wizard._open()

    def action_check_setup(self):
        return self.env["social.care.check"]._open()

    def _choose_app(self, app):
        """Log in with this app's keys, at its server."""
        self.check_access("write")
        if app not in self.available_app_ids:
            raise UserError(
                self.env._("The app “%(app)s” is not for this account.", app=app.display_name)
            )
        # Administrators alone make apps, so this server is of their choice.
        self.sudo().write({"app_id": app.id, "base_url": self.base_url or app.base_url})

    # -- Logging in ---------------------------------------------------------

    @api.model
    def _get_callback_address(self):
        return self.get_base_url() + CALLBACK

    def _get_login_adapter(self, login=None):
        """The network, ready to be spoken to with a login that is not stored yet, or without one.

        :raises networks.NetworkError: ``no_network`` where its addon is gone
        """
        known = self._get_credentials()
        tokens = login.tokens if login else networks.Tokens()
        credentials = replace(
            known,
            base_url=(login and login.base_url) or known.base_url,
            external_id=(login and login.profile.external_id) or known.external_id,
            handle=(login and login.profile.handle) or known.handle,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
        )
        return self._get_present_class()(credentials, self._get_transport())

    def _begin_login(self):
        """The network's address where this user's browser logs in.

        :raises UserError: why it cannot begin
        """
        self.check_access("write")
        try:
            self._ensure_app()
            state, challenge = self.env["social.care.login"]._begin(self)
            return self._get_login_adapter().authorize_url(
                self._get_callback_address(), state, challenge
            )
        except networks.NetworkError as error:
            raise UserError(self._describe_error(error.code)) from None

    def _ensure_app(self):
        """Have developer keys: the chosen app's, or new ones where the server gives them.

        :raises networks.RejectedError: ``needs_app`` where only an administrator can get them
        """
        network, address = self._get_network_class(), self._get_callback_address()
        # Keys that a server gave hold for one address to come back to.
        fitting = (self.available_app_ids | self.sudo().app_id).filtered(
            lambda app: app.redirect_uri in (False, address)
        )
        if network is None or self.app_id in fitting:
            return
        if not network.registers_apps:
            raise networks.RejectedError("needs_app")
        fitting = fitting.filtered(lambda app: app.company_id == self.company_id)
        app = fitting.filtered("base_url")[:1] if self.base_url else fitting.browse()
        self.sudo().app_id = app or self._register_app(address)

    def _register_app(self, address):
        keys = self._get_login_adapter().register_app(address)
        server = keys.base_url or self.base_url
        apps_sudo = self.env["social.care.app"].sudo()
        return apps_sudo.create(
            {
                "name": f"{self._get_network_name()} {urlsplit(server or '').netloc}".strip(),
                "network": self.network,
                "company_id": self.company_id.id,
                "base_url": server,
                "redirect_uri": address,
                "client_id": keys.client_id,
                "client_secret": keys.client_secret,
            }
        )

    def _finish_login(self, code, verifier, refusal=""):
        """Take what the browser brought back.

        :param refusal: OAuth's error, where the login was not granted
        :return: whether it is done, or one of several accounts is to be chosen; and words
        :raises UserError: why nothing came of it
        """
        self._check_return(code, refusal)
        try:
            adapter = self._get_login_adapter()
            logins = adapter.exchange(code, self._get_callback_address(), verifier)
        except networks.NetworkError as error:
            raise UserError(self._describe_error(error.code)) from None
        login = self._pick_login(logins)
        if login is None:
            self.env["social.care.login"]._keep(self, logins)
            return True, ""
        proof = self._prove(login)
        # A new snapshot: the account may have been polled while the network was asked, and
        # after a conflict this request, its state used up, could not be repeated.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return self._settle(proof)

    def _check_return(self, code, refusal):
        if not self:
            raise UserError(
                self.env._(
                    "This login has been used already, is older than ten minutes or began in "
                    "another browser. Begin again in Odoo."
                )
            )
        self.check_access("write")
        if refusal == "access_denied":
            raise UserError(self.env._("The login was not granted. Nothing has changed."))
        if refusal or not code:
            raise UserError(self._describe_error("login_refused"))

    def _sign_in(self, handle, password):
        """Log in with a name and an app password; neither is kept."""
        self.check_access("write")
        try:
            login = self._get_login_adapter().sign_in(handle, password)
        except networks.NetworkError as error:
            raise UserError(self._describe_error(error.code)) from None
        return self._settle(self._prove(login))

    def _pick_login(self, logins):
        """The login of this account, or None where a person has to choose.

        :raises UserError: where it is none of them
        """
        if not logins:
            raise UserError(
                self.env._(
                    "This login looks after no account. Log in as somebody who may manage it."
                )
            )
        if self.external_id:
            own = [one for one in logins if one.profile.external_id == self.external_id]
            return own[0] if own else self._check_identity(logins[0].profile)
        return logins[0] if len(logins) == 1 else None
