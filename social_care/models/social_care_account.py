from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .. import networks
from .social_care_roles import MANAGER
from .social_care_secret import secret


class SocialCareAccount(models.Model):
    """A brand's connected page, handle or channel."""

    _name = "social.care.account"
    _description = "Social care account"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "avatar.mixin",
        "social.care.queue",
        "social.care.secret",
    ]
    _order = "sequence, name, id"

    _secret_fields = ("access_token", "refresh_token")

    name = fields.Char(required=True, help="The brand's name, as agents say it.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    network = fields.Selection(
        [(cls.code, cls.name) for cls in networks.BUILTIN], required=True, tracking=True
    )
    # Brands of several companies may share one app of the vendor's: an administrator decides.
    app_id = fields.Many2one("social.care.app", ondelete="restrict", index="btree_not_null")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    base_url = fields.Char(
        string="Server",
        tracking=True,
        help="Address of the server the account lives on, for instance https://mastodon.example.",
    )
    handle = fields.Char(readonly=True, help="What customers call you there.")
    external_id = fields.Char(string="ID on the network", readonly=True, copy=False)
    url = fields.Char(string="Page", readonly=True, copy=False)
    max_length = fields.Integer(
        readonly=True, copy=False, help="Longest answer the network takes, in its own count."
    )
    state = fields.Selection(
        [
            ("draft", "Not connected"),
            ("connected", "Connected"),
            ("degraded", "Trying again"),
            ("reconnect", "Reconnect"),
            ("paused", "Paused"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    practice = fields.Boolean(
        tracking=True,
        help="For training: the sample's customers write, you answer, and nothing leaves Odoo. "
        "The SLA report leaves it out.",
    )
    since = fields.Datetime(
        string="Start from",
        copy=False,
        help="Messages from before this moment get no deadline. "
        "By default the moment of the first connection.",
    )
    team_line_ids = fields.One2many(
        "social.care.account.team", "account_id", string="Teams", copy=True
    )
    responsible_id = fields.Many2one(
        "res.users",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="Is told when the account needs care.",
    )
    deputy_id = fields.Many2one("res.users", domain="[('share', '=', False)]")
    channel_id = fields.Many2one(
        "helpdesk.ticket.channel",
        compute="_compute_channel_id",
        store=True,
        readonly=False,
        help="The helpdesk channel its tickets come from.",
    )
    signature = fields.Char(help="Ends each answer, before the agent's own initials. It counts.")
    tone = fields.Text(help="How this brand speaks. Agents see it while they write.")
    care = fields.Selection(
        [("here", "Here"), ("elsewhere", "Elsewhere"), ("none", "Not given")],
        string="Customer care",
        default="here",
        required=True,
    )
    silence_hours = fields.Integer(
        string="Silence",
        help="Warn when nothing came for so many hours in which messages usually come: nights and "
        "quiet weekends do not count once there are some weeks of messages. 0: never.",
    )
    retention_days = fields.Integer(
        string="Keep raw data",
        default=90,
        help="Days to keep what the network sent as it came, and what stood around a message. "
        "0: for ever.",
    )
    access_token = secret(string="Access token")
    refresh_token = secret(string="Refresh token")
    token_expires_at = fields.Datetime(string="Log in again by", readonly=True, copy=False)
    document = fields.Binary(
        string="File",
        copy=False,
        attachment=True,
        groups=MANAGER,
        help="JSON Lines or CSV. Each file is read once, from the top.",
    )
    document_name = fields.Char(copy=False)

    cursor = fields.Json(
        readonly=True,
        copy=False,
        groups=MANAGER,
        help="Where reading goes on.",
    )
    next_poll_at = fields.Datetime(string="Next look", readonly=True, copy=False)
    poll_attempts = fields.Integer(readonly=True, copy=False)
    last_received_at = fields.Datetime(string="Last message", readonly=True, copy=False)
    last_success_at = fields.Datetime(string="Last good look", readonly=True, copy=False)
    failure_count = fields.Integer(string="Failures in a row", readonly=True, copy=False)
    error_code = fields.Char(readonly=True, copy=False)
    error_text = fields.Char(string="Last error", compute="_compute_error_text")

    supports_document = fields.Boolean(compute="_compute_capabilities")
    needs_base_url = fields.Boolean(compute="_compute_capabilities")
    needs_token = fields.Boolean(compute="_compute_capabilities")
    login = fields.Char(compute="_compute_capabilities", help="How people log in there.")
    needs_app = fields.Boolean(compute="_compute_capabilities")
    has_token = fields.Boolean(
        compute="_compute_has_token", help="Tells that there is one, never which."
    )
    mention_count = fields.Integer(string="Number of messages", compute="_compute_counts")
    problem_count = fields.Integer(string="Not understood", compute="_compute_counts")

    _identity_unique = models.UniqueIndex(
        "(network, COALESCE(base_url, ''), external_id) WHERE active AND practice IS NOT TRUE",
        "This account is connected already.",
    )
    # As Odoo writes it: PostgreSQL does not see that “active” means the same.
    _due = models.Index(
        "(next_poll_at) WHERE active IS TRUE AND state IN ('connected', 'degraded')"
    )

    @api.depends("network")
    def _compute_channel_id(self):
        for account in self:
            account.channel_id = account.network and account.channel_id.sudo()._social_care_find(
                account.network, account._get_network_name()
            )

    @api.depends("error_code")
    @api.depends_context("lang")
    def _compute_error_text(self):
        for account in self:
            account.error_text = account.error_code and self._describe_error(account.error_code)

    @api.depends("network", "practice")
    def _compute_capabilities(self):
        for account in self:
            network = account._get_network_class()
            live = bool(network) and not account.practice
            account.supports_document = live and network.reads_document
            account.needs_base_url = live and network.needs_base_url
            account.needs_token = live and network.needs_token
            account.login = live and network.login
            account.needs_app = live and network.needs_app

    @api.depends("access_token")
    def _compute_has_token(self):
        for account in self:
            account.has_token = bool(account.sudo().access_token)

    def _compute_counts(self):
        mentions = dict(
            self.env["social.care.mention"]._read_group(
                [("account_id", "in", self.ids)], ["account_id"], ["__count"]
            )
        )
        deliveries_sudo = self.env["social.care.delivery"].sudo()
        problems = dict(
            deliveries_sudo._read_group(
                [("account_id", "in", self.ids), ("state", "=", "failed")],
                ["account_id"],
                ["__count"],
            )
        )
        for account in self:
            account.mention_count = mentions.get(account, 0)
            account.problem_count = problems.get(account, 0)

    @api.constrains("base_url")
    def _check_base_url(self):
        for account in self.filtered("base_url"):
            if not networks.cleaning.clean_url(account.base_url):
                raise ValidationError(
                    self.env._(
                        "“%(address)s” is no address of a server. "
                        "Enter one like https://mastodon.example.",
                        address=account.base_url,
                    )
                )

    @api.constrains("company_id", "team_line_ids")
    def _check_team_company(self):
        for account in self:
            for team in account.team_line_ids.team_id:
                if team.company_id and team.company_id != account.company_id:
                    raise ValidationError(
                        self.env._(
                            "Team “%(team)s” belongs to another company than “%(account)s”. "
                            "Choose a team of %(company)s.",
                            team=team.name,
                            account=account.name,
                            company=account.company_id.name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        # What the context or a user's own defaults propose is said by that user.
        proposed = self.default_get(["base_url"])
        return super().create([self._prepare_values(proposed | vals) for vals in vals_list])

    def write(self, vals):
        self._check_identity_change(vals)
        vals = self._prepare_values(vals)
        if "base_url" not in vals or all(
            not account.base_url or account.base_url == vals["base_url"] for account in self
        ):
            return super().write(vals)
        # A token belongs to the server that gave it.
        cleared = dict.fromkeys(("access_token", "refresh_token", "token_expires_at"), False)
        cleared.update(access_expires_at=False, state="draft")
        return super(SocialCareAccount, self.sudo()).write({**cleared, **vals})

    @api.model
    def _prepare_values(self, vals):
        """Values with a tidy address; a new file is read from its top.

        :raises AccessError: only administrators say where credentials are sent
        """
        vals = dict(vals)
        if vals.get("base_url"):
            if not (self.env.su or self.env.user.has_group("base.group_system")):
                raise AccessError(
                    self.env._("Only an administrator can set the server of an account.")
                )
            # The server alone, whatever page of it was copied.
            address = urlsplit(vals["base_url"].strip())
            if address.scheme and address.netloc:
                vals["base_url"] = f"{address.scheme}://{address.netloc}"
        if vals.get("document"):
            vals.update({"cursor": False, "next_poll_at": fields.Datetime.now()})
        return vals

    def _check_identity_change(self, vals):
        """What an account is stays once messages came: practice must not turn into earnest."""
        changed = self.filtered(
            lambda account: any(
                name in vals and vals[name] != account[name] for name in ("practice", "network")
            )
        )
        used = self.env["social.care.mention"].sudo()
        if changed and used.search_count([("account_id", "in", changed.ids)], limit=1):
            raise UserError(
                self.env._(
                    "This account has messages: its network and practice stay as they are. "
                    "Create another account."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["social.care.mention"].sudo()
        if used.search_count([("account_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("This account has messages. Archive it in order to keep them.")
            )
