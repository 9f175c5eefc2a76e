"""Which rule decides which message, for a whole batch: no query but those of domains."""

import logging

from odoo.fields import Domain

from .social_care_conversations_read import thread_keys
from .social_care_keywords import Words, index_keywords, read_keywords
from .social_care_rule_check import DOMAIN_ERRORS, parse_domain

_logger = logging.getLogger(__name__)


class Subject:
    """What rules ask about a message, read once."""

    __slots__ = (
        "account_id", "addressed", "at", "company_id", "found", "kind", "lang", "mention",
        "standing", "threads", "words",
    )  # fmt: skip

    def __init__(self, mention, index):
        self.mention = mention
        self.account_id = mention.account_id.id
        self.company_id = mention.company_id.id
        self.kind = mention.kind
        self.addressed = mention.addressed
        self.lang = (mention.lang or "").split("_")[0]
        self.standing = mention.author_id.standing
        self.threads = thread_keys(mention) | {mention.parent_external_id}
        self.at = mention._get_clock_start()
        self.words = Words(mention.body, mention.account_id.handle)
        self.found = index.find(self.words)  # the lists of keywords with a line in it


class CompiledRule:
    """A rule as sets and tables."""

    def __init__(self, rule):
        self.rule = rule
        self.company_id = rule.company_id.id
        self.account_ids = frozenset(rule.account_ids.ids)
        self.kinds = frozenset(rule._get_kinds())
        self.languages = frozenset(rule._get_languages())
        self.thread = rule.thread_external_id
        self.standing = rule.standing
        self.addressed = rule.addressed
        self.schedule = rule.schedule
        self.keywords = read_keywords(rule.keywords or "")
        self.more = read_keywords(rule.more_keywords or "")
        self.max_words = rule.max_words
        self.excluded = read_keywords(rule.excluded_keywords or "")
        self.lists = (self.keywords, self.more, self.excluded)
        self.domain = rule.domain and rule.domain.strip() != "[]" and rule.domain

    def matches(self, subject):
        """Whether all conditions hold that need neither a query nor a calendar."""
        return (
            (not self.keywords or self.keywords in subject.found)
            and (not self.company_id or subject.company_id == self.company_id)
            and (not self.account_ids or subject.account_id in self.account_ids)
            and (not self.kinds or subject.kind in self.kinds)
            and (not self.languages or subject.lang in self.languages)
            and (not self.thread or self.thread in subject.threads)
            and (not self.standing or subject.standing == self.standing)
            and (not self.addressed or subject.addressed == (self.addressed == "yes"))
            and (not self.max_words or len(subject.words) <= self.max_words)
            and (not self.more or self.more in subject.found)
            and (not self.excluded or self.excluded not in subject.found)
        )


class SocialCareRules:
    """Ordered rules, ready to match.

    :param rules: ``social.care.rule`` in their order
    """

    def __init__(self, rules):
        self.env = rules.env
        self.compiled = [CompiledRule(rule) for rule in rules]

    def decide(self, mentions):
        """Id of a mention → the first rule that matches; those that none matches are left out."""
        decided = {}
        index = index_keywords(tuple(keywords for rule in self.compiled for keywords in rule.lists))
        undecided = [Subject(mention, index) for mention in mentions]
        for compiled in self.compiled:
            matching = [subject for subject in undecided if compiled.matches(subject)]
            if matching and compiled.schedule != "any":
                matching = self._filter_schedule(compiled, matching)
            if matching and compiled.domain:
                matching = self._filter_domain(compiled, matching)
            if matching:
                decided |= {subject.mention.id: compiled.rule for subject in matching}
                undecided = [item for item in undecided if item.mention.id not in decided]
        return decided

    def _filter_schedule(self, compiled, subjects):
        """Those posted while somebody was there, or while nobody was: one look a team."""
        by_teams = {}
        for subject in subjects:
            teams = compiled.rule.team_id or subject.mention.account_id._get_teams()
            by_teams.setdefault(teams, []).append(subject)
        wanted = compiled.schedule == "open"
        found = []
        for teams, of_teams in by_teams.items():
            times = [subject.at for subject in of_teams]
            hours = [team._social_care_opening_hours(min(times), max(times)) for team in teams]
            # An account without teams is never closed.
            found += [
                subject
                for subject in of_teams
                if (not hours or any(item.is_open(subject.at) for item in hours)) == wanted
            ]
        return found

    def _filter_domain(self, compiled, subjects):
        """Those that the rule's domain finds: one query.

        A domain that worked when it was saved may name a field that is gone: its rule then
        matches nothing and says so, for all others must go on.
        """
        ids = [subject.mention.id for subject in subjects]
        mentions = subjects[0].mention
        try:
            with self.env.cr.savepoint():
                domain = Domain("id", "in", ids) & Domain(parse_domain(compiled.domain))
                found = set(mentions.search(domain)._ids)
        except DOMAIN_ERRORS:
            _logger.warning("Rule %s: its domain does not work any more", compiled.rule.id)
            return []
        return [subject for subject in subjects if subject.mention.id in found]
