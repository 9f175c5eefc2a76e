import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import file_open

from .. import networks

SAMPLE = "social_care/static/sample/mentions.jsonl"


class SocialCareAccount(models.Model):
    """How an account speaks to its network. Nothing else reads its secrets."""

    _inherit = "social.care.account"

    @api.model
    def _get_network_classes(self):
        """Network code → adapter class; an addon extends with ``super() | {…}``."""
        return {cls.code: cls for cls in networks.BUILTIN}

    def _get_network_class(self):
        """The account's adapter class, or None where its addon is gone."""
        return self._get_network_classes().get(self.network)

    def _get_present_class(self):
        """The account's adapter class.

        :raises networks.RejectedError: ``no_network`` where its addon is gone
        """
        network = self._get_network_class()
        if network is None:
            raise networks.RejectedError("no_network")
        return network

    def _get_network_name(self):
        network = self._get_network_class()
        return network.name if network else (self.network or "")

    def _get_credentials(self):
        account_sudo = self.sudo()
        return networks.Credentials(
            base_url=account_sudo.base_url or account_sudo.app_id.base_url or "",
            external_id=account_sudo.external_id or "",
            handle=account_sudo.handle or "",
            access_token=account_sudo.access_token or "",
            refresh_token=account_sudo.refresh_token or "",
            client_id=account_sudo.app_id.client_id or "",
            client_secret=account_sudo.app_id.client_secret or "",
            app_token=account_sudo.app_id.app_token or "",
            document=account_sudo._read_document(),
            document_name=account_sudo.document_name or "",
        )

    def _read_document(self):
        """Bytes of the account's file; a practice account has the sample's customers."""
        document = self.with_context(bin_size=False).document
        if document:
            return base64.b64decode(document)
        if self.practice:
            with file_open(SAMPLE, "rb") as sample:
                return sample.read()
        return b""

    def _get_adapter(self):
        """The network, ready to be spoken to through :meth:`_call`.

        :raises networks.NetworkError: ``no_network`` where its addon is gone; where the
            login has ended and cannot be renewed
        """
        return self._make_adapter(self._get_fresh_credentials())

    def _make_adapter(self, credentials):
        self.ensure_one()
        network, transport = self._get_present_class(), self._get_transport()
        if self.practice:
            return networks.Practice(credentials, transport, like=network)
        return network(credentials, transport)

    @api.model
    def _get_transport(self, **limits):
        """The way to the outside; ``limits`` as :class:`networks.Transport` takes them."""
        loopback = self.env["ir.config_parameter"].sudo().get_param("social_care.allow_loopback")
        return networks.Transport(allow_loopback=loopback == "True", **limits)

    # -- What people do ---------------------------------------------------

    def action_pause(self):
        self.check_access("write")
        self.sudo().write({"state": "paused"})
        return True

    def action_resume(self):
        self.check_access("write")
        if any(account.state != "paused" or not account.since for account in self):
            raise UserError(self.env._("Only a paused account can resume. Test its connection."))
        self.sudo().write({"state": "connected", "next_poll_at": fields.Datetime.now()})
        self._wake("social_care.ir_cron_poll")
        return True

    def action_poll_now(self):
        self.check_access("write")
        self.sudo().write({"next_poll_at": fields.Datetime.now()})
        self._wake("social_care.ir_cron_poll")
        return self._notify_user(
            self.env._("Looking"), self.env._("New messages appear in a moment."), "info"
        )

    def action_view_mentions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "social_care.social_care_mention_action"
        )
        return {**action, "domain": [("account_id", "=", self.id)], "context": {}}

    def action_view_problems(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "social_care.social_care_delivery_action"
        )
        return {**action, "domain": [("account_id", "=", self.id)]}

    def _notify_user(self, title, message, kind):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": title,
                "message": message,
                "type": kind,
                "sticky": kind == "danger",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
