import ast

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

from .social_care_keywords import BadKeyword, Keywords
from .social_care_languages import check_codes, split_codes
from .social_care_rule import KINDS

# What narrows a rule down. One that sets none of these decides everything.
CRITERIA = (
    *(f"kind_{kind}" for kind in KINDS),
    "account_ids",
    "keywords",
    "more_keywords",
    "max_words",
    "languages",
    "thread_external_id",
    "standing",
    "addressed",
    "schedule",
    "domain",
    "excluded_keywords",
)
# What a domain that cannot be searched for raises.
DOMAIN_ERRORS = (
    ValueError,
    TypeError,
    SyntaxError,
    KeyError,
    psycopg2.DataError,
    psycopg2.ProgrammingError,
)


def parse_domain(text):
    """A domain as a list, from its text; it is data and never run."""
    conditions = ast.literal_eval((text or "[]").strip())
    if not isinstance(conditions, list):
        raise TypeError
    return conditions


class SocialCareRule(models.Model):
    """What is refused at saving, with the place; and what only warns."""

    _inherit = "social.care.rule"

    warning = fields.Char(compute="_compute_warning")

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
        empty = {("schedule", "any"), ("domain", "[]")}
        return any(self[name] and (name, self[name]) not in empty for name in CRITERIA)

    @api.constrains("keywords", "more_keywords", "excluded_keywords")
    def _check_keywords(self):
        for rule in self:
            for name in ("keywords", "more_keywords", "excluded_keywords"):
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
            check_codes(self.env, rule.languages)

    def _get_languages(self):
        return split_codes(self.languages)

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
            conditions = parse_domain(self.domain)
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
                # Of none: whether it can be asked, not what it finds among a million.
                mentions.search(Domain(conditions) & Domain("id", "<", 0))
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
