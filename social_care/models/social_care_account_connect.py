import base64
import logging
from datetime import timedelta
from typing import NamedTuple

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.image import image_process
from odoo.tools.mimetypes import guess_mimetype

from .. import networks

_logger = logging.getLogger(__name__)

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
    """How an account proves that it can be read, and begins."""

    _inherit = "social.care.account"

    def action_test_connection(self):
        """Prove that the account can be read, say so, and start reading."""
        self.ensure_one()
        self.check_access("write")
        return self._tell_outcome(*self._settle(self._prove()))

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

    def _settle(self, proof):
        """Store a login and what it proved.

        :return: whether the account is connected, and words about it
        """
        if proof.login:
            if proof.login.base_url:  # first: a changed server clears the tokens
                self.sudo().base_url = proof.login.base_url
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

    def _tell_outcome(self, connected, text):
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
        reason = self.env._("Odoo's own address does not begin with https://.")
        if address.startswith("https://"):
            try:
                adapter.subscribe(address)
                return ""
            except networks.NetworkError as error:
                _logger.info("Account %s: no webhook: %s", self.id, error)
                reason = self._describe_error(error.code)
        return self.env._(
            "The network cannot call Odoo yet, so Odoo looks for messages every %(minutes)s "
            "minutes. %(reason)s",
            minutes=adapter.poll_minutes,
            reason=reason,
        )
