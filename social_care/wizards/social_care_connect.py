from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools.translate import get_translated_module, get_translation

from .. import networks


class SocialCareConnect(models.TransientModel):
    """Lead through connecting an account: what it takes, what to create, log in."""

    _name = "social.care.connect"
    _description = "Connect a social account"

    account_id = fields.Many2one("social.care.account", ondelete="cascade")
    network = fields.Selection(selection="_get_networks", required=True)
    network_name = fields.Char(compute="_compute_guide")
    name = fields.Char(string="Brand", help="The brand's name, as agents say it.")
    practice = fields.Boolean(help="A sample's customers write, and nothing leaves Odoo.")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Who answers",
        domain="[('company_id', 'in', (company_id, False))]",
    )
    state = fields.Selection(related="account_id.state")
    base_url = fields.Char(string="Server", help="For instance https://mastodon.example.")
    app_id = fields.Many2one("social.care.app", string="Developer app")
    available_app_ids = fields.Many2many(related="account_id.available_app_ids")
    handle = fields.Char()
    # Never stored: the browser sends them along with the button.
    password = fields.Char(string="App password", store=False)
    token = fields.Char(string="Access token", store=False, groups="base.group_system")
    findings = fields.Html(readonly=True, sanitize=False)

    login = fields.Char(compute="_compute_guide")
    needs_app = fields.Boolean(compute="_compute_guide")
    needs_base_url = fields.Boolean(compute="_compute_guide")
    demands = fields.Html(string="What the network demands", compute="_compute_guide")
    meanwhile = fields.Char(compute="_compute_guide")
    steps = fields.Html(string="What to create there", compute="_compute_guide")
    permissions = fields.Text(string="Allow", compute="_compute_guide")
    console_url = fields.Char(string="Where", compute="_compute_guide")
    callback_address = fields.Char(string="Callback address", compute="_compute_guide")
    webhook_address = fields.Char(
        string="Webhook address",
        compute="_compute_webhook_address",
        groups="base.group_system",
        compute_sudo=True,
    )

    @api.model
    def _get_networks(self):
        networks_field = self.env["social.care.account"]._fields["network"]
        return networks_field._description_selection(self.env)

    @api.depends("network", "practice")
    @api.depends_context("lang")
    def _compute_guide(self):
        accounts = self.env["social.care.account"]
        classes = accounts._get_network_classes()
        for wizard in self:
            network = classes.get(wizard.network) or networks.Network
            live = bool(wizard.network) and not wizard.practice
            guide = network.guide if live else networks.Guide()
            wizard.network_name = wizard.network and network.name
            wizard.login = live and network.login
            wizard.needs_app = live and network.needs_app
            wizard.needs_base_url = live and network.needs_base_url
            wizard.demands = self._list(network, guide.demands, "ul")
            wizard.meanwhile = self._translate(network, guide.meanwhile)
            wizard.steps = self._list(network, guide.steps, "ol")
            wizard.permissions = "\n".join(guide.permissions)
            wizard.console_url = guide.console_url
            asks = live and network.login == "oauth"
            wizard.callback_address = asks and accounts._get_callback_address()

    @api.depends("app_id")
    def _compute_webhook_address(self):
        classes = self.env["social.care.account"]._get_network_classes()
        for wizard in self:
            network = classes.get(wizard.network)
            calls = bool(wizard.app_id and network and network.supports_webhook)
            wizard.webhook_address = calls and wizard.app_id._get_webhook_address()

    def _list(self, network, texts, kind):
        items = (Markup("<li>%s</li>") % self._translate(network, text) for text in texts)
        return bool(texts) and Markup("<%s>%s</%s>") % (kind, Markup("").join(items), kind)

    def _translate(self, network, text):
        """An English text of an adapter in the user's language, from the adapter's own addon."""
        if not text:
            return ""
        module = get_translated_module(network.__module__)
        return get_translation(module, self.env.lang or "en_US", text, ())

    def _open(self):
        self.ensure_one()
        return self._get_records_action(
            name=self.env._("Connect %(account)s", account=self.account_id.name),
            target="new",
            context={},
        )

    def action_begin(self):
        """Make the account; where there is somewhere to log in, go on to that."""
        self.ensure_one()
        account = self.env["social.care.account"].create(
            {
                "name": self.name,
                "network": self.network,
                "practice": self.practice,
                "company_id": self.company_id.id,
                "team_line_ids": [Command.create({"team_id": team.id}) for team in self.team_id],
            }
        )
        if self.login:
            self.account_id = account
            return self._open()
        if self.practice:
            return self._end(*account._settle(account._prove()), account)
        return account.get_formview_action()  # its form says what it needs

    def action_check_setup(self):
        self.findings = self.env["social.care.check"]._describe()
        return self._open()

    def action_log_in(self):
        """Log in as this network has it: in the browser, or with what was typed."""
        self.ensure_one()
        typed = self.env.context.get("typed")
        # Actions take the context along: from here on it is without the secret.
        account = self.account_id.with_context(typed=False)
        if self.base_url and self.base_url != account.base_url:
            account.base_url = self.base_url  # which only administrators may
        if self.app_id and self.app_id != account.app_id:
            account._choose_app(self.app_id)
        if self.needs_base_url and not account.base_url:
            raise UserError(
                self.env._(
                    "The server's address is missing. Only an administrator can enter it: here, or "
                    "on the account."
                )
            )
        return getattr(self, f"_log_in_{self.login}")(account, (typed or "").strip())

    def _log_in_oauth(self, account, _typed):
        return {"type": "ir.actions.act_url", "url": account._begin_login(), "target": "self"}

    def _log_in_password(self, account, password):
        if not self.handle or not password:
            raise UserError(self.env._("Enter the handle and the app password."))
        return self._end(*account._sign_in(self.handle.strip(), password), account)

    def _log_in_token(self, account, token):
        if not token or not self.env.user.has_group("base.group_system"):
            raise UserError(self.env._("An administrator enters the token of this account."))
        login = networks.Login(networks.Profile(external_id=""), networks.Tokens(token))
        return self._end(*account._settle(account._prove(login)), account)

    def _end(self, connected, text, account):
        """Say how it went; once connected, show the account."""
        told = account._tell_outcome(connected, text)
        told["params"]["next"] = account.get_formview_action() if connected else False
        return told
