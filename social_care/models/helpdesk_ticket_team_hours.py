from datetime import timedelta

from pytz import timezone

from odoo import models

from .resource_calendar import holidays_domain
from .social_care_opening_hours import OpeningHours
from .social_care_times import get_monday, to_utc

WEEK = timedelta(weeks=1)
FAR = timedelta(weeks=60)  # a seasonal business may be closed for most of a year


class HelpdeskTicketTeam(models.Model):
    """When a team is there: its calendar, else its company's, less the holidays.

    Leaves of employees do not count, nor those of other companies. A calendar without
    working time is never open. A flexible calendar is open when Odoo assumes its work
    is done: the average day around noon, from Monday until the week's hours are used up.
    """

    _inherit = "helpdesk.ticket.team"

    def _social_care_is_open(self, at):
        """Whether somebody is there; for many times ask :meth:`_social_care_opening_hours`.

        :param at: naive UTC
        """
        return self._social_care_opening_hours(at, at).is_open(at)

    def _social_care_next_opening(self, at):
        """The first opening after a time.

        :param at: naive UTC
        :return: naive UTC, False where there is none within a year
        """
        for span in (WEEK, FAR):
            opening = self._social_care_opening_hours(at, at + span).next_opening(at)
            if opening:
                return opening
        return False

    def _social_care_last_closing(self, at):
        """Start of the closed period that contains a time, or last preceded it.

        :param at: naive UTC
        :return: naive UTC, False where there is none within a year
        """
        for span in (WEEK, FAR):
            closing = self._social_care_opening_hours(at - span, at).last_closing(at)
            if closing:
                return closing
        return False

    def _social_care_opening_hours(self, start, end, holidays=True):
        """The opening hours of the whole weeks around two times: two queries.

        :param start, end: naive UTC
        :param holidays: False for the hours of any week, as if there were none
        :return: :class:`OpeningHours`
        """
        self.ensure_one()
        calendar = self._social_care_calendar().sudo()
        if not calendar:
            return OpeningHours()
        zone = timezone(calendar.tz)
        domain = holidays_domain(self._social_care_company())
        # Odoo hands out a flexible week's hours from where it is asked to begin.
        work = calendar._work_intervals_batch(
            get_monday(start, zone),
            get_monday(end, zone, weeks=1),
            domain=domain,
            compute_leaves=holidays,
        )[False]
        return OpeningHours.build((to_utc(since), to_utc(until)) for since, until, _days in work)
