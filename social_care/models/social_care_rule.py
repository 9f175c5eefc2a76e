import ast
import re

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from .social_care_intent import INTENTS
from .social_care_keywords import BadKeyword, Keywords

KINDS = ("mention", "reply", "comment", "direct")
# What narrows a rule down. One that sets none of these decides everything.
CRITERIA = (
    *(f"kind_{kind}" for kind in KINDS),
    "account_ids",
    "keywords",
    "languages",
    "thread_external_id",
    "standing",
    "addressed",
    "schedule",
    "domain",
    "excluded_keywords",
)
DOMAIN_ERRORS = (
    ValueError,
    TypeError,
    SyntaxError,
    KeyError,
    psycopg2.DataError,
    psycopg2.ProgrammingError,
)


class SocialCareRule(models.Model):
    """What to do with a message that starts a matter: the first rule that matches decides."""

    _name = "social.care.rule"
    _description = "Social care rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.", index=True)

    # When: what is left empty does not matter.
    account_ids = fields.Many2many("social.care.account", string="Accounts")
    kind_mention = fields.Boolean(string="Mentions")
    kind_reply = fields.Boolean(string="Replies")
    kind_comment = fields.Boolean(string="Comments")
    kind_direct = fields.Boolean(string="Private messages")
    kinds = fields.Char(compute="_compute_kinds", help="The kinds of message in words.")
    keywords = fields.Text(
        string="Words",
        help="One word or phrase a line; one of them is enough. Capitals and accents do not "
        "matter. A * at the end of a word lets it go on. A line with ? is any question.",
    )
    excluded_keywords = fields.Text(string="Without the words")
    languages = fields.Char(help="Codes like es, en. A message of unknown language never matches.")
    thread_external_id = fields.Char(
        string="Post", help="The ID of a post on the network: all that is said below it."
    )
    standing = fields.Selection(
        selection=lambda self: self.env["social.care.author"]._fields["standing"].selection,
        string="Author's standing",
    )
    addressed = fields.Selection(
        [("yes", "Said to us"), ("no", "Only names us")], string="Said to us"
    )
    schedule = fields.Selection(
        [("any", "At any time"), ("open", "While open"), ("closed", "While closed")],
        string="Hours",
        default="any",
        required=True,
        help="Whether somebody was there when it was posted: of the rule's team, or else of any "
        "team of the account.",
    )
    domain = fields.Char(string="More conditions")
    until = fields.Datetime(help="The rule ends then. Empty: it stays.")

    # What then.
    action = fields.Selection(
        [("ticket", "Make a ticket"), ("watch", "Keep an eye on"), ("ignore", "No answer needed")],
        string="Decision",
        required=True,
        default="ticket",
    )
    reason_id = fields.Many2one("social.care.reason", string="Why", ondelete="restrict")
    watch_hours = fields.Integer(string="For hours", default=24)
    watch_reach = fields.Integer(
        string="Or until",
        help="Likes, shares, replies and views that bring it back before. 0: time alone does.",
    )
    intent = fields.Selection(INTENTS, string="Type")
    severe = fields.Boolean(help="Threats, danger, the law, the press: a protocol is followed.")
    team_id = fields.Many2one("helpdesk.ticket.team", help="Empty: the account's own.")
    category_id = fields.Many2one("helpdesk.ticket.category")
    tag_ids = fields.Many2many("helpdesk.ticket.tag", string="Tags")
    priority = fields.Selection(
        selection=lambda self: self.env["helpdesk.ticket"]._fields["priority"].selection
    )
    on_call = fields.Boolean(
        string="Ring outside hours", help="Whoever is on call is rung though the team is closed."
    )
    reviewer_id = fields.Many2one(
        "res.users",
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("social_care.social_care_group_reviewer").ids)
        ],
        help="Looks after these tickets with the agent.",
    )
    protocol_note = fields.Html(
        string="Protocol", translate=True, help="Shown on top of the ticket."
    )

    hit_count = fields.Integer(string="Hits", compute="_compute_hits")
    last_hit_at = fields.Datetime(string="Last hit", compute="_compute_hits")
    warning = fields.Char(compute="_compute_warning")

    _ignore_has_reason = models.Constraint(
        "CHECK (action != 'ignore' OR reason_id IS NOT NULL)",
        "Choose why no answer is needed.",
    )
    _watch_has_hours = models.Constraint(
        "CHECK (action != 'watch' OR watch_hours > 0)",
        "Say for how many hours to keep an eye on it.",
    )

    @api.depends("kind_mention", "kind_reply", "kind_comment", "kind_direct")
    @api.depends_context("lang")
    def _compute_kinds(self):
        labels = dict(
            self.env["social.care.mention"]._fields["kind"]._description_selection(self.env)
        )
        for rule in self:
            rule.kinds = ", ".join(labels[kind] for kind in rule._get_kinds()) or False

    def _compute_hits(self):
        hits = {
            rule: values
            for rule, *values in self.env["social.care.mention"]._read_group(
                [("rule_id", "in", self.ids)], ["rule_id"], ["__count", "triaged_at:max"]
            )
        }
        for rule in self:
            rule.hit_count, rule.last_hit_at = hits.get(rule._origin, (0, False))

    @api.depends(*CRITERIA)
    @api.depends_context("lang")
    def _compute_warning(self):
        for rule in self:
            rule.warning = rule._get_warning()

    def _get_warning(self):
        if not self._is_narrowed():
            return self.env._(
                "This rule matches every message: no rule below it ever decides. "
                "Set a condition, or move it to the end."
            )
        if self._find_domain_error():
            return self.env._("“More conditions” do not work any more: the rule matches nothing.")
        return False

    def _is_narrowed(self):
        """Whether any condition is set."""
        return any(
            self[name] and (name, self[name]) != ("schedule", "any")
            for name in CRITERIA
            if name != "domain"
        ) or bool(ast_domain(self.domain))

    def _get_kinds(self):
        """The kinds it is for, as codes; none: for all."""
        return [kind for kind in KINDS if self[f"kind_{kind}"]]

    # -- Refused at saving, with the place --------------------------------------

    @api.constrains("keywords", "excluded_keywords")
    def _check_keywords(self):
        for rule in self:
            for name in ("keywords", "excluded_keywords"):
                try:
                    Keywords(rule[name])
                except BadKeyword as error:
                    raise ValidationError(
                        self.env._(
                            "%(rule)s, “%(field)s”, line %(line)s, “%(text)s”: %(what)s",
                            rule=rule.name,
                            field=self._fields[name]._description_string(self.env),
                            line=error.line,
                            text=error.text,
                            what=self._describe_bad_keyword(error.code),
                        )
                    ) from error

    @api.model
    def _describe_bad_keyword(self, code):
        return {
            "star": self.env._("a * can only end a word, as in refund*."),
            "address": self.env._(
                "handles and links are not looked at. Use “More conditions” for them."
            ),
            "empty": self.env._("there is no word in it."),
        }[code]

    @api.constrains("languages")
    def _check_languages(self):
        for rule in self:
            for code in rule._get_languages():
                if not re.fullmatch(r"[a-z]{2,3}", code):
                    raise ValidationError(
                        self.env._(
                            "“%(code)s” is no language. Write codes of two or three letters "
                            "with commas between them: es, en.",
                            code=code,
                        )
                    )

    def _get_languages(self):
        return (self.languages or "").lower().replace(",", " ").split()

    @api.constrains("domain")
    def _check_domain(self):
        for rule in self.filtered("domain"):
            error = rule._find_domain_error()
            if error:
                raise ValidationError(
                    self.env._(
                        "%(rule)s, “More conditions”: %(part)s does not work. Change or remove it.",
                        rule=rule.name,
                        part=error,
                    )
                )

    def _find_domain_error(self):
        """The part of the domain that cannot be searched for with the user's own rights, or False.

        With these alone: the domain is searched for as superuser later, and must not tell
        what its author may not read.
        """
        try:
            conditions = ast_domain(self.domain)
        except DOMAIN_ERRORS:
            return self.domain
        if not conditions or self._is_searchable(conditions):
            return False
        leaves = [item for item in conditions if not isinstance(item, str)]
        broken = (leaf for leaf in leaves if not self._is_searchable([leaf]))
        return str(next(broken, self.domain))

    @api.model
    def _is_searchable(self, conditions):
        mentions = self.env["social.care.mention"].with_user(self.env.user)
        try:
            with self.env.cr.savepoint():
                mentions.search(Domain(conditions), limit=1)
        except (*DOMAIN_ERRORS, AccessError):
            return False
        return True

    @api.constrains("until")
    def _check_until(self):
        for rule in self:
            if rule.until and rule.until <= fields.Datetime.now():
                raise ValidationError(
                    self.env._(
                        "“%(rule)s” would have ended already. Choose a time in the future.",
                        rule=rule.name,
                    )
                )

    @api.constrains("company_id", "team_id", "account_ids")
    def _check_one_company(self):
        for rule in self.filtered("company_id"):
            for record in (*rule.team_id, *rule.account_ids):
                if record.company_id and record.company_id != rule.company_id:
                    raise ValidationError(
                        self.env._(
                            "“%(name)s” belongs to another company than the rule “%(rule)s”. "
                            "Choose one of %(company)s.",
                            name=record.display_name,
                            rule=rule.name,
                            company=rule.company_id.name,
                        )
                    )

    @api.constrains("action", "severe", "watch_reach")
    def _check_action(self):
        for rule in self:
            if rule.severe and rule.action != "ticket":
                raise ValidationError(
                    self.env._("What is severe needs a person: choose “Make a ticket”.")
                )
            if rule.watch_reach < 0:
                raise ValidationError(self.env._("Reach cannot be negative."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["social.care.mention"].sudo()
        if used.search_count([("rule_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("This rule has decided messages. Archive it in order to keep them.")
            )

    def copy_data(self, default=None):
        return [
            values | {"name": self.env._("%(name)s (copy)", name=rule.name)}
            for rule, values in zip(self, super().copy_data(default), strict=True)
        ]

    def action_open_hits(self):
        """The messages it matched."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "social_care.social_care_mention_action"
        )
        return action | {"domain": [("rule_id", "=", self.id)], "context": {}}


def ast_domain(text):
    """A domain as a list, from its text; it is data and never run."""
    conditions = ast.literal_eval((text or "[]").strip())
    if not isinstance(conditions, list):
        raise TypeError
    return conditions
