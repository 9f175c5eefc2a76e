"""Looking into a text for what a guard finds, and where."""

import re
from contextlib import closing
from functools import cached_property
from typing import NamedTuple

import psycopg2

from odoo.tools import SQL

from .social_care_keywords import PlacedWords, read_keywords
from .social_care_personal_data import find_personal_data, is_own

PATIENCE = 200  # milliseconds for a manager's pattern
# What a pattern may do that was sound when it was saved.
_FAILURES = (
    psycopg2.errors.QueryCanceled,
    psycopg2.errors.StatementTooComplex,
    psycopg2.errors.ProgramLimitExceeded,
    psycopg2.DataError,
)
_OPEN, _CLOSE = "\x01", "\x02"
# Neither in PostgreSQL's texts, nor beside our own signs. Each becomes one blank: places stay.
_UNFIT = re.compile("[\x00-\x02\ud800-\udfff]")


class TimedOutError(Exception):
    """A pattern did not come to an end in its time."""


class Check(NamedTuple):
    """A guard as values, to be kept from one text to the next."""

    id: int
    name: str
    kind: str
    severity: str
    pattern: str
    languages: frozenset
    company_id: int
    account_ids: frozenset
    team_ids: frozenset
    public_only: bool
    data: frozenset
    allowed: tuple

    def applies(self, occasion):
        """Whether it looks at what is said there.

        :param occasion: :class:`Occasion`
        """
        return (
            (not self.company_id or self.company_id == occasion.company.id)
            and (not self.account_ids or occasion.account_id in self.account_ids)
            and (not self.team_ids or occasion.team_id in self.team_ids)
            and (not self.languages or not occasion.lang or occasion.lang in self.languages)
            and (self.kind != "personal_data" or occasion.is_public or not self.public_only)
        )


class Occasion(NamedTuple):
    """Where a text is said: what decides which guards look at it."""

    company: object
    account_id: int = 0
    team_id: int = 0
    lang: str = ""
    is_public: bool = True


class GuardedText:
    """A text that checks look into, cut and searched once for all of them."""

    def __init__(self, cr, text, company):
        self.cr = cr
        self.text = _UNFIT.sub(" ", text or "")
        self.company_sudo = company.sudo()

    @cached_property
    def words(self):
        return PlacedWords(self.text)

    @cached_property
    def personal_data(self):
        """Without order numbers, as :func:`find_personal_data` gives it."""
        own = (self.company_sudo.phone, self.company_sudo.email)
        return find_personal_data(self.text, own)

    @cached_property
    def orders(self):
        """Order numbers, likewise; not parts of longer words.

        :raises TimedOutError: see there
        """
        pattern = self.company_sudo.social_order_pattern
        found = find_pattern(self.cr, pattern, self.text) if pattern else []
        return [
            ("order", start, end, self.text[start:end])
            for start, end in found
            if start < end and not self._is_inside_word(start, end)
        ]

    def _is_inside_word(self, start, end):
        around = self.text[max(0, start - 1) : start] + self.text[end : end + 1]
        return any(sign.isalnum() for sign in around)

    def look(self, check):
        """Where a check finds something: list of (start, end, kind of personal data or "").

        :raises TimedOutError: its pattern did not come to an end
        """
        if check.kind == "keywords":
            places = read_keywords(check.pattern).find_all(self.words)
        elif check.kind == "regex":
            places = find_pattern(self.cr, check.pattern, self.text)
        else:
            return self._look_for_data(check)
        return [(start, end, "") for start, end in places]

    def _look_for_data(self, check):
        found = self.personal_data + (self.orders if "order" in check.data else [])
        return sorted(
            (start, end, kind)
            for kind, start, end, value in found
            if kind in check.data and not is_own(kind, value, check.allowed)
        )


def find_pattern(cr, pattern, text):
    """Where a pattern of PostgreSQL stands in a text: list of (start, end).

    Each place is marked by the replacement's ``\\&``, which is all of what matched whatever groups
    the pattern has.

    :raises TimedOutError: after 200 ms, or where it cannot be carried out any more
    """
    query = SQL("SELECT regexp_replace(%s, %s, %s, 'gi')", text, pattern, f"{_OPEN}\\&{_CLOSE}")
    try:
        marked = _ask_patiently(cr, query)
    except _FAILURES as error:
        raise TimedOutError from error
    places, start, before = [], 0, 0
    for at, sign in enumerate(marked):
        if sign == _OPEN:
            start, before = at - before, before + 1
        elif sign == _CLOSE:
            places.append((start, at - before))
            before += 1
    return places


def check_pattern(cr, pattern):
    """Why a pattern cannot be looked for, in PostgreSQL's words; ``matches_all``; or ""."""
    try:
        return "matches_all" if _ask_patiently(cr, SQL("SELECT '' ~* %s", pattern)) else ""
    except _FAILURES as error:
        return error.diag.message_primary


def _ask_patiently(cr, query):
    """The one value that a query gives within 200 ms.

    What it sets ends with the savepoint. A failure is not logged: the text is somebody's.
    """
    with closing(cr.savepoint(flush=False)):
        cr.execute(SQL("SET LOCAL statement_timeout = %s", PATIENCE))
        cr.execute(query, log_exceptions=False)
        return cr.fetchone()[0]
