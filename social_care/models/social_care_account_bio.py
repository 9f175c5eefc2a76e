import hashlib
import json
from datetime import datetime, timedelta

from babel.dates import get_day_names

from odoo import api, fields, models
from odoo.tools.misc import babel_locale_parse

from .social_care_account_hours import WEEK_DAYS, split_days
from .social_care_times import get_monday


class SocialCareAccount(models.Model):
    """The hours in one line for the brand's profile, and whether they still stand there."""

    _inherit = "social.care.account"

    hours_bio_lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        string="Language of the profile",
        help="By default the company's.",
    )
    hours_bio = fields.Char(string="Text for the profile", compute="_compute_hours_bio")
    hours_bio_at = fields.Datetime(string="Put there on", readonly=True, copy=False)
    hours_bio_digest = fields.Char(
        readonly=True, copy=False, help="Of the hours that the profile tells."
    )
    hours_bio_warning = fields.Char(compute="_compute_hours_bio_warning")

    @api.depends("hours_bio_lang", "care", "care_where", "team_line_ids.team_id")
    def _compute_hours_bio(self):
        for account in self:
            lang = account.hours_bio_lang or account.company_id.partner_id.lang or self.env.lang
            account.hours_bio = account.with_context(lang=lang)._get_bio(fields.Datetime.now())

    @api.depends("hours_bio_digest", "care", "care_where", "team_line_ids.team_id")
    @api.depends_context("lang")
    def _compute_hours_bio_warning(self):
        for account in self:
            outdated = account.hours_bio_digest not in (False, account._get_hours_digest())
            account.hours_bio_warning = outdated and self.env._(
                "The profile still tells the old hours. Copy the text below and put it there."
            )

    def action_bio_placed(self):
        """A person put the text on the profile: tell when it is no longer true."""
        self.check_access("write")
        for account in self:
            account.hours_bio_digest = account._get_hours_digest()
            account.hours_bio_at = fields.Datetime.now()
        return True

    def _get_hours_digest(self):
        """Changes when what the profile tells does; not with holidays, nor with the words."""
        calendars = [
            team._social_care_calendar(self.company_id).sudo() for team in self._get_care_teams()
        ]
        hours = [
            [
                calendar.tz,
                calendar.flexible_hours
                and [calendar.full_time_required_hours, calendar.hours_per_day],
                sorted(
                    [line.week_type or "", line.dayofweek, line.hour_from, line.hour_to]
                    for line in calendar._get_global_attendances()
                ),
            ]
            for calendar in calendars
        ]
        told = [self.care, self.care_where or "", hours if self.care == "here" else []]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    # -- In words -----------------------------------------------------------------

    def _get_bio(self, now):
        """“Mon–Fri 9–14, 16–19 CET. Closed on public holidays.”, in the context's language."""
        self.ensure_one()
        _ = self.env._
        if self.care == "none":
            return _("No customer care here.")
        if self.care == "elsewhere":
            return _("Customer care: %(where)s", where=self.care_where or "…")
        zone = self._get_hours_zone()
        monday = get_monday(now, zone).date()
        end = now + timedelta(weeks=1)
        hours = self._get_opening_hours(now, end, holidays=False)
        days = split_days(hours, zone, monday, 2 * WEEK_DAYS)
        this_week, next_week = self._say_week(days[:WEEK_DAYS]), self._say_week(days[WEEK_DAYS:])
        if not this_week and not next_week:
            return _("No opening hours.")
        told = this_week or next_week
        if this_week != next_week:
            told = _("%(hours)s, every other week %(other)s", hours=this_week, other=next_week)
        return _(
            "%(hours)s %(zone)s. Closed on public holidays.",
            hours=told,
            zone=_zone_name(zone, now),
        )

    def _say_week(self, days):
        """“Mon–Thu 9–14, 16–19, Fri 9–14”."""
        names = get_day_names("abbreviated", locale=babel_locale_parse(self.env.lang))
        runs = []
        for index, day in enumerate(days):
            if runs and runs[-1][2] == day:
                runs[-1][1] = index
            else:
                runs.append([index, index, day])
        return ", ".join(
            " ".join(
                (
                    names[first] if first == last else f"{names[first]}–{names[last]}",
                    ", ".join(f"{_short(start)}–{_short(end)}" for start, end in day),
                )
            )
            for first, last, day in runs
            if day
        )


def _short(clock):
    """“9” of “09:00”, “9:30” of “09:30”."""
    hour, minute = clock.split(":")
    return str(int(hour)) + (f":{minute}" if minute != "00" else "")


def _zone_name(zone, now):
    """The zone as people write it, the same all year: “CET”, or “UTC-03” where it has no name."""
    halves = [zone.localize(datetime(now.year, month, 15)) for month in (1, 7)]
    winter = min(halves, key=lambda moment: moment.dst())
    name = winter.strftime("%Z")
    return name if name.isalpha() else f"UTC{winter.strftime('%z')[:3]}"
