import secrets

from odoo import fields, models

from .. import networks


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
    account_ids = fields.One2many("social.care.account", "app_id", string="Accounts")
    webhook_token = fields.Char(
        default=lambda self: secrets.token_urlsafe(32),
        required=True,
        copy=False,
        readonly=True,
        groups="base.group_system",
        help="The part of the webhook address that nobody can guess.",
    )
    client_id = fields.Char(
        string="Key", copy=False, groups="base.group_system", help="Also called client id."
    )
    client_secret = fields.Char(
        string="Secret",
        copy=False,
        groups="base.group_system",
        help="Signs the network's calls. Without it they are refused.",
    )
    signing_secret = fields.Char(
        string="Second secret",
        copy=False,
        groups="base.group_system",
        help="Some vendors sign with the secret of another app of yours. It is tried as well.",
    )
    verify_token = fields.Char(
        copy=False,
        groups="base.group_system",
        help="The word the network repeats when it checks the webhook address.",
    )

    app_token = fields.Char(
        string="App token",
        copy=False,
        groups="base.group_system",
        help="The app's own token, for instance X's bearer token. Needed for being called.",
    )

    _webhook_token_unique = models.UniqueIndex(
        "(webhook_token)", "Two apps cannot share a webhook address."
    )

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
