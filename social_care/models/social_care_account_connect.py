import base64
import logging
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.image import image_process
from odoo.tools.mimetypes import guess_mimetype

from .. import networks

_logger = logging.getLogger(__name__)

CALLBACK = "/social_care/connect/callback"
PRACTICE_DAYS = 8  # the sample's week, and a day to spare
MAX_PICTURE_BYTES = 2 * 2**20
PICTURE_TYPES = ("image/gif", "image/jpeg", "image/png", "image/webp")


class Proof(NamedTuple):
    """What the network said to a try: who we are there, or why not."""

    profile: networks.Profile | None
    error: networks.NetworkError | None = None
    login: networks.Login | None = None
    picture: bytes = b""
    note: str = ""


class SocialCareAccount(models.Model):
    """How an account gets its login, and proves it."""

    _inherit = "social.care.account"

    candidate_ids = fields.One2many(
        "social.care.login",
        string="Accounts of the login",
        compute="_compute_candidate_ids",
        groups="social_care.social_care_group_manager",
    )
    available_app_ids = fields.Many2many(
        "social.care.app",
        compute="_compute_available_app_ids",
        groups="social_care.social_care_group_manager",
    )

    def _compute_candidate_ids(self):
        candidates = self.env["social.care.login"]._search_fresh(self).grouped("account_id")
        for account in self:
            account.candidate_ids = candidates.get(account, False)

    @api.depends("network", "company_id", "base_url")
    def _compute_available_app_ids(self):
        apps = self.env["social.care.app"].search([("company_id", "in", self.company_id.ids)])
        for account in self:
            network = account._get_network_class()
            served = {account.network, *(network.app_networks if network else ())}
            account.available_app_ids = apps.filtered(
                lambda app, account=account, served=served: (
                    app.company_id == account.company_id
                    and app.network in served
                    and (
                        not account.base_url
                        or (app.base_url or account.base_url) == account.base_url
                    )
                )
            )

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

    def action_test_connection(self):
        """Prove that the account can be read, say so, and start reading."""
        self.ensure_one()
        self.check_access("write")
        return self._tell(*self._settle(self._prove()))

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
        network = self._get_network_class()
        if network is None:
            raise networks.RejectedError("no_network")
        known = self._get_credentials()
        tokens = login.tokens if login else networks.Tokens()
        credentials = replace(
            known,
            external_id=(login and login.profile.external_id) or known.external_id,
            handle=(login and login.profile.handle) or known.handle,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
        )
        return network(credentials, self._get_transport())

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
        fitting = self.available_app_ids.filtered(lambda app: app.redirect_uri in (False, address))
        if network is None or self.app_id in fitting:
            return
        if not network.registers_apps:
            raise networks.RejectedError("needs_app")
        app = fitting.filtered("base_url")[:1] if self.base_url else fitting.browse()
        self.sudo().app_id = app or self._register_app(address)

    def _register_app(self, address):
        keys = self._get_login_adapter().register_app(address)
        server = keys.base_url or self.base_url
        return (
            self.env["social.care.app"]
            .sudo()
            .create(
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
        )

    def _finish_login(self, code, verifier, refusal=""):
        """Take what the browser brought back.

        :param refusal: OAuth's error, where the login was not granted
        :return: whether it is done, or one of several accounts is to be chosen; and words
        :raises UserError: why nothing came of it
        """
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

    def _check_identity(self, profile):
        """An account stays who it is, and is there once.

        :raises UserError: which other account this is
        """
        found = profile.handle or profile.name or profile.external_id
        if self.external_id and profile.external_id != self.external_id:
            raise UserError(
                self.env._(
                    "You logged in as “%(found)s”, but this account is “%(own)s”. Log in as "
                    "“%(own)s”, or create another account.",
                    found=found,
                    own=self.handle or self.name,
                )
            )
        if profile.external_id and not self.practice:
            same = [
                ("id", "!=", self.id),
                ("network", "=", self.network),
                ("base_url", "=", self.base_url),
                ("external_id", "=", profile.external_id),
                ("practice", "=", False),
            ]
            if self.sudo().search_count(same, limit=1):
                raise UserError(
                    self.env._("“%(found)s” is connected already, as another account.", found=found)
                )

    # -- Proving and storing ----------------------------------------------------

    def _prove(self, login=None):
        """Ask the network who we are; stores nothing.

        :param login: a login that is not stored yet; None: the account's own
        :raises UserError: where it is another account
        """
        try:
            adapter = self._get_login_adapter(login) if login else self._get_adapter()
            profile = adapter.verify() if login else self._call(adapter.verify)
        except networks.NetworkError as error:
            return Proof(None, error, login)
        self._check_identity(profile)
        return Proof(profile, None, login, self._fetch_picture(profile), self._subscribe(adapter))

    def _settle(self, proof):
        """Store a login and what it proved.

        :return: whether the account is connected, and words about it
        """
        if proof.login:
            self._store_tokens(proof.login.tokens)
        if proof.error:
            self._record_failure(proof.error)
            return False, self._describe_error(proof.error.code)
        self._connect(proof.profile)
        if proof.picture:
            self.sudo().image_1920 = base64.b64encode(proof.picture)
        if proof.note:
            self.message_post(body=proof.note)
        name = proof.profile.name or proof.profile.handle or self.name
        return True, " ".join(
            filter(None, (self.env._("%(name)s can be read.", name=name), proof.note))
        )

    def _tell(self, connected, text):
        """A notification of what :meth:`_settle` gave."""
        if connected:
            return self._notify_user(self.env._("Connected"), text, "success")
        return self._notify_user(self.env._("Not connected"), text, "danger")

    def _connect(self, profile):
        """Store who we are there and begin."""
        self.ensure_one()
        now = fields.Datetime.now()
        start = now - timedelta(days=PRACTICE_DAYS) if self.practice else now
        self.sudo().write(
            {
                "external_id": profile.external_id or False,
                "handle": profile.handle,
                "url": profile.url,
                "max_length": profile.max_length or 0,
                "state": "connected",
                "since": self.since or start,
                "next_poll_at": now,
                # The first look tells how long nobody looked.
                "last_success_at": self.last_success_at or now,
                "failure_count": 0,
                "poll_attempts": 0,
                "error_code": False,
            }
        )
        self.activity_unlink(["mail.mail_activity_data_warning"])
        self._wake("social_care.ir_cron_poll")
        self.env["social.care.reply"]._release_held(self)

    def _fetch_picture(self, profile):
        """Bytes of the brand's picture there, where Odoo has none yet and can show it."""
        if self.image_1920 or not profile.avatar_url:
            return b""
        address = profile.avatar_url
        transport = self._get_transport(max_bytes=MAX_PICTURE_BYTES)
        try:
            picture = transport.request(
                "GET", address, origin=address, headers={"Accept": "image/*"}
            ).content
            # What Odoo takes for a picture unseen may hold scripts.
            if guess_mimetype(picture) not in PICTURE_TYPES:
                raise networks.RejectedError("bad_picture")
            image_process(picture, verify_resolution=True)
        except (networks.NetworkError, UserError) as error:
            _logger.info("Account %s: no picture: %s", self.id, error)
            return b""
        return picture

    def _subscribe(self, adapter):
        """Have the network call us about this account.

        :return: words about what hinders it, or ""
        """
        if not adapter.supports_webhook or not self.app_id:
            return ""
        address = self.app_id._get_webhook_address()
        try:
            if not address.startswith("https://"):
                raise networks.RejectedError("insecure_address")
            adapter.subscribe(address)
        except networks.NetworkError as error:
            _logger.info("Account %s: no webhook: %s", self.id, error)
            return self.env._(
                "The network cannot call Odoo yet, so Odoo looks for messages every %(minutes)s "
                "minutes. %(reason)s",
                minutes=adapter.poll_minutes,
                reason=self._describe_error(error.code),
            )
        return ""
