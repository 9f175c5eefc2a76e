import re
import secrets
from urllib.parse import urlsplit

from odoo import api, fields, models

from .. import networks
from .social_care_secret import secret

WEBHOOK_TOKEN = re.compile(r"[\w-]+", re.ASCII)


class SocialCareApp(models.Model):
    """A developer app at a vendor: its keys and its one webhook address."""

    _name = "social.care.app"
    _description = "Social care app (developer keys)"
    _inherit = ["social.care.secret"]
    _order = "name, id"

    _secret_fields = ("client_id", "client_secret", "signing_secret", "verify_token", "app_token")

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    network = fields.Selection([(cls.code, cls.name) for cls in networks.BUILTIN], required=True)
    base_url = fields.Char(
        string="Server", help="Only for networks with several servers, for instance Mastodon."
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    redirect_uri = fields.Char(
        string="Callback address",
        readonly=True,
        copy=False,
        help="Where people come back to after a login, in an app that Odoo registered by itself.",
    )
    account_ids = fields.One2many("social.care.account", "app_id", string="Accounts")
    webhook_token = fields.Char(
        default=lambda self: self._new_webhook_token(),
        required=True,
        copy=False,
        readonly=True,
        exportable=False,
        groups="base.group_system",
        help="The part of the webhook address that nobody can guess.",
    )
    webhook_url = fields.Char(
        string="Webhook address",
        compute="_compute_webhook_url",
        groups="base.group_system",
        help="Enter it at the vendor: new messages then arrive at once.",
    )
    webhook_is_public = fields.Boolean(
        string="Public address", compute="_compute_webhook_url", groups="base.group_system"
    )
    supports_webhook = fields.Boolean(compute="_compute_capabilities")
    needs_base_url = fields.Boolean(compute="_compute_capabilities")
    client_id = secret(
        string="Key",
        help="Also called client id.",
    )
    client_secret = secret(
        string="Secret",
        help="Signs the network's calls. Without it they are refused.",
    )
    signing_secret = secret(
        string="Second secret",
        help="Some vendors sign with the secret of another app of yours, for instance Instagram's "
        "with that of the Facebook app above it. It is tried as well.",
    )
    verify_token = secret(
        string="Verify token",
        help="A word of your own. Enter it at the vendor as well: the network repeats it when it "
        "checks the webhook address.",
    )
    app_token = secret(
        string="App token",
        help="The app's own token, for instance X's bearer token. X calls Odoo only with it.",
    )
    delivery_count = fields.Integer(string="Deliveries", compute="_compute_delivery_count")

    _webhook_token_unique = models.UniqueIndex(
        "(webhook_token)", "Two apps cannot share a webhook address."
    )

    @api.depends("webhook_token")
    def _compute_webhook_url(self):
        for app in self:
            app.webhook_url = app._get_webhook_address()
            app.webhook_is_public = self._is_public(app.webhook_url)

    @api.depends("network")
    def _compute_capabilities(self):
        for app in self:
            network = app._get_network_class()
            app.supports_webhook = bool(network) and network.supports_webhook
            app.needs_base_url = bool(network) and network.needs_base_url

    def _compute_delivery_count(self):
        deliveries_sudo = self.env["social.care.delivery"].sudo()
        counts = dict(
            deliveries_sudo._read_group([("app_id", "in", self.ids)], ["app_id"], ["__count"])
        )
        for app in self:
            app.delivery_count = counts.get(app, 0)

    def action_renew_webhook_token(self):
        """A new address; the old one is nobody's from now on."""
        self.check_access("write")
        for app in self:
            app.webhook_token = self._new_webhook_token()
        return True

    def action_view_deliveries(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "social_care.social_care_delivery_action"
        )
        title = self.env._("Deliveries")
        return {**action, "name": title, "domain": [("app_id", "=", self.id)]}

    @api.model
    def _new_webhook_token(self):
        return secrets.token_urlsafe(32)

    @api.model
    def _is_public(self, url):
        """Whether a network can be expected to reach this address: https, and no private name."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        try:
            public = networks.addresses.is_public(host)
        except ValueError:  # a name, not a number
            public = "." in host and not host.endswith((".local", ".localhost", ".internal"))
        return parts.scheme == "https" and public

    @api.model
    def _find_by_webhook_token(self, token):
        """The app that has this address, or none."""
        # Strangers write the address: PostgreSQL refuses a NUL in it.
        if not WEBHOOK_TOKEN.fullmatch(token):
            return self.browse()
        # With all that proving and storing a call needs: one statement, many times a second.
        names = ("network", "company_id", "base_url", *self._secret_fields)
        return self.search_fetch([("webhook_token", "=", token)], names)

    def _get_network_class(self):
        """The app's adapter class, or None where its addon is gone."""
        return self.env["social.care.account"]._get_network_classes().get(self.network)

    def _is_signed(self, body, headers):
        """Whether the network sent these very bytes. No secret: no.

        A body is always an object: X signs short words for whoever asks (its challenge).
        """
        keys = self._get_keys()
        return (
            bool(keys.secrets)
            and body.lstrip()[:1] == b"{"
            and self._get_network_class().is_signed(body, headers, keys)
        )

    def _get_webhook_address(self):
        self.ensure_one()
        return f"{self.get_base_url()}/social_care/webhook/{self.sudo().webhook_token}"

    def action_check_setup(self):
        return self.env["social.care.check"]._open()

    def _get_keys(self):
        """The keys as adapters take them."""
        self.ensure_one()
        app_sudo = self.sudo()
        return networks.AppKeys(
            base_url=app_sudo.base_url or "",
            client_id=app_sudo.client_id or "",
            client_secret=app_sudo.client_secret or "",
            signing_secret=app_sudo.signing_secret or "",
            verify_token=app_sudo.verify_token or "",
            app_token=app_sudo.app_token or "",
        )
