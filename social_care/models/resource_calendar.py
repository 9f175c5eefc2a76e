from collections import defaultdict
from datetime import timedelta

from odoo import models

from .resource_calendar_working_time import WINDOW, WorkingTime, get_reach

# What moves the deadlines planned in a calendar, beside its lines.
DECIDING = {
    "tz",
    "schedule_type",
    "flexible_hours",
    "two_weeks_calendar",
    "full_time_required_hours",
    "hours_per_day",
}


def holidays_domain(company):
    """The leaves that close a company: holidays and the like, its own and everybody's."""
    return [("time_type", "=", "leave"), ("company_id", "in", [False, company.id])]


def plan_hours(items, change=None):
    """Plan working times in many calendars, together where they share one.

    :param items: list of (calendar, company, naive UTC start, working hours)
    :param change: as for :meth:`_plan_hours_batch`
    :return: list of naive UTC datetimes, False without a calendar or working time
    """
    planned = [False] * len(items)
    places = defaultdict(list)
    for place, (calendar, company, *_pair) in enumerate(items):
        if calendar:
            places[calendar, company].append(place)
    for (calendar, company), of_calendar in places.items():
        pairs = [items[place][2:] for place in of_calendar]
        moments = calendar._plan_hours_batch(pairs, company, change)
        for place, moment in zip(of_calendar, moments, strict=True):
            planned[place] = moment
    return planned


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & DECIDING:
            self.env["helpdesk.ticket.sla"]._social_care_mark_calendars(self)
        return result

    def unlink(self):
        self.env["helpdesk.ticket.sla"]._social_care_mark_calendars(self)
        return super().unlink()

    def _plan_hours_batch(self, pairs, company=None, change=None):
        """Plan many working times at once.

        Leaves of the calendar count, those of employees do not; leaves without a
        calendar count for the given company only.

        :param pairs: list of (naive UTC start, working hours); negative hours plan back
        :param company: res.company whose holidays count
        :param change: how the hours would be others, see ``other_hours.py``; flexible ones stay
        :return: list of naive UTC datetimes, False where there is no working time
        """
        self.ensure_one()
        if not pairs:
            return []
        # sudo: a deadline does not depend on whose holidays the user may see
        calendar = self.sudo()
        domain = holidays_domain(company or calendar.company_id)
        if calendar.flexible_hours:
            # Its hours move with the window that is looked at: nothing to read ahead.
            return [
                calendar.plan_hours(hours, start, compute_leaves=True, domain=domain)
                for start, hours in pairs
            ]
        starts, lengths = zip(*pairs, strict=True)
        low = min(starts) - (WINDOW if min(lengths) < 0 else timedelta())
        high = max(starts) + get_reach(max(*lengths, 0))
        time = WorkingTime(calendar, domain, low, high, change)
        return time.plan(pairs)
