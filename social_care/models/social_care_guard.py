from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .social_care_guard_match import check_pattern
from .social_care_keywords import BadKeyword, Keywords
from .social_care_languages import check_codes
from .social_care_personal_data import KINDS

# What the guards are cached by: see ``_get_checks``.
CACHED = {
    "name", "active", "sequence", "kind", "severity", "pattern", "lang", "company_id",
    "account_ids", "team_ids", "public_only", "allowed", *(f"data_{kind}" for kind in KINDS),
}  # fmt: skip


class SocialCareGuard(models.Model):
    """What an answer must not say unseen."""

    _name = "social.care.guard"
    _description = "Check before sending"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, help="What it finds, as agents read it.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.", index=True)
    account_ids = fields.Many2many("social.care.account", string="Accounts")
    team_ids = fields.Many2many("helpdesk.ticket.team", string="Teams")
    kind = fields.Selection(
        [
            ("keywords", "Words"),
            ("regex", "A pattern"),
            ("personal_data", "Personal data"),
        ],
        string="Looks for",
        required=True,
        default="keywords",
    )
    severity = fields.Selection(
        [
            ("warn", "Warn"),
            ("approve", "Ask for approval"),
            ("block", "Do not send"),
        ],
        string="Then",
        required=True,
        default="warn",
    )
    pattern = fields.Text(
        string="Words or pattern",
        help="One word or phrase a line; capitals and accents do not matter, and a * at the end of "
        "a word lets it go on. A pattern is one regular expression of PostgreSQL.",
    )
    lang = fields.Char(
        string="Languages",
        help="Codes like es, en: only where the customer writes one of these, or an unknown one.",
    )
    data_phone = fields.Boolean(string="Phone numbers", default=True)
    data_mail = fields.Boolean(string="Mail addresses", default=True)
    data_iban = fields.Boolean(string="Bank accounts (IBAN)", default=True)
    data_card = fields.Boolean(string="Cards", default=True)
    data_order = fields.Boolean(string="Order numbers", default=True)
    public_only = fields.Boolean(string="Only in public", default=True)
    allowed = fields.Text(
        string="Ours",
        help="Our own phone numbers and mail addresses, one a line; @aurora.example is every "
        "address there. The company's phone and mail need not be listed.",
    )
    order_pattern = fields.Char(
        string="Order numbers look like",
        compute="_compute_order_pattern",
        inverse="_inverse_order_pattern",
        help=r"A regular expression, the company's own: S\d{5} is S00042.",
    )
    timed_out_at = fields.Datetime(string="Took too long on", readonly=True, copy=False)

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_order_pattern(self):
        for guard in self:
            company_sudo = (guard.company_id or self.env.company).sudo()
            guard.order_pattern = company_sudo.social_order_pattern

    def _inverse_order_pattern(self):
        for guard in self:
            company_sudo = (guard.company_id or self.env.company).sudo()
            company_sudo.social_order_pattern = guard.order_pattern

    # -- What is refused at saving --------------------------------------------

    @api.constrains("kind", "pattern")
    def _check_pattern(self):
        for guard in self:
            if guard.kind == "keywords":
                guard._check_keywords()
            elif guard.kind == "regex":
                guard._check_regex()

    def _check_keywords(self):
        try:
            keywords = Keywords(self.pattern)
        except BadKeyword as error:
            raise ValidationError(
                self.env._(
                    "%(guard)s, line %(line)s, “%(text)s”: %(what)s",
                    guard=self.name,
                    line=error.line,
                    text=error.text,
                    what=self.env["social.care.rule"]._describe_bad_keyword(error.code),
                )
            ) from error
        if not keywords:
            raise ValidationError(
                self.env._("“%(guard)s” has no words to look for.", guard=self.name)
            )
        if keywords.signs:
            raise ValidationError(
                self.env._(
                    "%(guard)s: a line with ?, @ or :// alone finds nothing here. Use a pattern.",
                    guard=self.name,
                )
            )

    def _check_regex(self):
        pattern = (self.pattern or "").strip()
        reason = check_pattern(self.env.cr, pattern)
        if not pattern or reason == "matches_all":
            reason = self.env._("it finds something in every text.")
        if reason:
            raise ValidationError(
                self.env._(
                    "%(guard)s, “%(pattern)s”: %(reason)s",
                    guard=self.name,
                    pattern=pattern,
                    reason=reason,
                )
            )

    @api.constrains("kind", *(f"data_{kind}" for kind in KINDS))
    def _check_data(self):
        for guard in self:
            if guard.kind == "personal_data" and not guard._get_data():
                raise ValidationError(
                    self.env._("Choose what “%(guard)s” looks for.", guard=guard.name)
                )

    @api.constrains("lang")
    def _check_lang(self):
        for guard in self:
            check_codes(self.env, guard.lang)

    def _get_data(self):
        """The kinds of personal data it looks for, as codes."""
        return [kind for kind in KINDS if self[f"data_{kind}"]]

    # -- Create, write, unlink ------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        guards = super().create(vals_list)
        self.env.registry.clear_cache()
        return guards

    def write(self, vals):
        result = super().write(vals)
        if CACHED & set(vals):
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def copy_data(self, default=None):
        return [
            values | {"name": self.env._("%(name)s (copy)", name=guard.name)}
            for guard, values in zip(self, super().copy_data(default), strict=True)
        ]
