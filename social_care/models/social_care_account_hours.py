import re
import secrets
from datetime import timedelta
from itertools import pairwise

from pytz import timezone

from odoo import api, fields, models
from odoo.tools import ormcache

from .social_care_opening_hours import OpeningHours
from .social_care_times import get_midnight, get_monday, to_local, to_utc

TOKEN = re.compile(r"[\w-]{20,100}", re.ASCII)
WEEK_DAYS = 7
AHEAD_DAYS = 91  # for which holidays are told
CACHE_MINUTES = 5


class SocialCareAccount(models.Model):
    """The opening hours of an account, as anybody may see them: its teams' together."""

    _inherit = "social.care.account"

    care_where = fields.Char(
        string="Where", help="The name or address of the account that looks after customers."
    )
    hours_published = fields.Boolean(
        string="Publish opening hours",
        copy=False,
        help="Makes a page that shows everybody who has its address when you are there.",
    )
    hours_token = fields.Char(compute="_compute_hours_token", store=True, copy=False)
    hours_url = fields.Char(
        string="Address of the page",
        compute="_compute_hours_url",
        help="With .json at its end it is for programs.",
    )

    _hours_token_unique = models.UniqueIndex(
        "(hours_token) WHERE hours_token IS NOT NULL", "Two accounts cannot share a page."
    )

    @api.depends("hours_published")
    def _compute_hours_token(self):
        for account in self:
            # Kept while it is not published: the address is printed somewhere.
            known = account.hours_token or account._origin.hours_token
            new = account.hours_published and account.id and secrets.token_urlsafe(32)
            account.hours_token = known or new

    @api.depends("hours_token", "hours_published")
    def _compute_hours_url(self):
        for account in self:
            address = f"{account.get_base_url()}/social_care/hours/{account.hours_token}"
            account.hours_url = account.hours_published and account.hours_token and address

    def action_renew_hours_address(self):
        """A new address; the old one shows nothing from now on."""
        self.check_access("write")
        for account in self:
            account.hours_token = secrets.token_urlsafe(32)
        return True

    @api.model
    def _find_by_hours_token(self, token):
        """The account that publishes its hours there, or none."""
        if not TOKEN.fullmatch(token):
            return self.browse()
        return self.search([("hours_token", "=", token), ("hours_published", "=", True)])

    def _get_care_teams(self):
        """The teams that look after this account, in order, in its company."""
        return self.sudo()._get_teams().with_company(self.company_id)

    def _get_hours_zone(self):
        """The zone its hours are told in: the first team's."""
        return timezone(self._get_care_teams()[:1]._social_care_tz(self.company_id))

    def _get_opening_hours(self, start, end, holidays=True):
        """Open when any of its teams is: see the teams' ``_social_care_opening_hours``."""
        return OpeningHours.build(
            interval
            for team in self._get_care_teams()
            for interval in team._social_care_opening_hours(start, end, holidays).intervals
        )

    def _get_public_hours(self, now):
        """What the page and programs show, no older than five minutes.

        :param now: naive UTC
        """
        rest = timedelta(
            minutes=now.minute % CACHE_MINUTES, seconds=now.second, microseconds=now.microsecond
        )
        return self._read_public_hours(now - rest)

    @ormcache("self.id", "now")
    def _read_public_hours(self, now):
        """Data without language or secrets; times with the zone's offset, ISO 8601.

        ``week`` has seven lists of [from, to], Monday first, of this week without its holidays;
        ``holidays`` the days to come that differ: from, to, hours.
        """
        self.ensure_one()
        data = {
            "name": self.name,
            "network": self._get_network_name(),
            "handle": self.handle or "",
            "url": self.url or "",
            "care": self.care,
            "where": (self.care == "elsewhere" and self.care_where) or "",
        }
        if self.care != "here":
            return data
        zone = self._get_hours_zone()
        end = now + timedelta(days=AHEAD_DAYS)
        actual = self._get_opening_hours(now, end)
        usual = self._get_opening_hours(now, end, holidays=False)
        today = to_local(now, zone).date()
        monday = get_monday(now, zone).date()
        closing = actual.closes_at(now)
        openings = [team._social_care_next_opening(now) for team in self._get_care_teams()]
        return data | {
            "timezone": zone.zone,
            "open": actual.is_open(now),
            "closes_at": _iso(closing if closing and closing < end else False, zone),
            "opens_at": _iso(min(filter(None, openings), default=False), zone),
            "week": split_days(usual, zone, monday, WEEK_DAYS),
            "holidays": _differences(
                split_days(actual, zone, today, AHEAD_DAYS),
                split_days(usual, zone, today, AHEAD_DAYS),
                today,
            ),
        }


def split_days(hours, zone, first, count):
    """Opening hours day by day: lists of [from, to] in a zone, "09:00" to "24:00".

    :param hours: :class:`OpeningHours`
    :param first: date
    """
    midnights = (
        to_utc(get_midnight(first + timedelta(days=index), zone)) for index in range(count + 1)
    )
    days = []
    for low, high in pairwise(midnights):
        days.append(
            [
                [_clock(max(start, low), zone), "24:00" if end >= high else _clock(end, zone)]
                for start, end in hours.intervals
                if start < high and end > low
            ]
        )
    return days


def _differences(actual, usual, first):
    """Days whose hours are not the usual ones; closed days in a row are one entry."""
    entries, run = [], None
    for index, (real, regular) in enumerate(zip(actual, usual, strict=True)):
        day = (first + timedelta(days=index)).isoformat()
        if real == regular:
            if regular:
                run = None  # days that are always closed do not end a run
            continue
        if run and not real:
            run["to"] = day
            continue
        entry = {"from": day, "to": day, "hours": real}
        entries.append(entry)
        run = None if real else entry
    return entries


def _clock(moment, zone):
    return to_local(moment, zone).strftime("%H:%M")


def _iso(moment, zone):
    return to_local(moment, zone).isoformat() if moment else None
