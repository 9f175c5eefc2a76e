"""A calendar's working time, read the short way.

Odoo reads each line as a record and turns each hour into its zone and back, which takes most
of the time of planning a thousand deadlines.
"""

from datetime import datetime, time, timedelta
from functools import lru_cache

from pytz import timezone

from odoo.tools.date_utils import float_to_time
from odoo.tools.intervals import Intervals

from .social_care_times import to_local

DAY = timedelta(days=1)
# Odoo's own way of counting; another addon may have its own.
COUNTED_BY = ("_work_intervals_batch", "_attendance_intervals_batch", "_leave_intervals_batch")
NOBODY = frozenset()


def read_openings(calendar, domain, low, high):
    """What ``_work_intervals_batch`` gives for a calendar with fixed hours, as naive UTC.

    :param calendar: resource.calendar, sudo
    :param domain: of the leaves that count
    :param low, high: naive UTC
    :return: list of (start, stop), in order
    """
    hours = [
        (max(start, low), min(stop, high), NOBODY)
        for start, stop in _spread(_read_week(calendar), timezone(calendar.tz), low, high)
    ]
    leaves = _select(
        calendar.env["resource.calendar.leaves"],
        [
            *domain,
            ("calendar_id", "in", [False, calendar.id]),
            ("resource_id", "=", False),
            ("date_from", "<=", high),
            ("date_to", ">=", low),
        ],
        ("date_from", "date_to"),
    )
    closed = Intervals([(*leave, NOBODY) for leave in leaves], keep_distinct=True)
    open_ = Intervals(hours, keep_distinct=True) - closed
    return [(start, stop) for start, stop, _nobody in open_]


def _read_week(calendar):
    """(week, weekday) → its hours, as pairs of local times; a calendar of one week has it twice."""
    lines = _select(
        calendar.env["resource.calendar.attendance"],
        [
            ("calendar_id", "=", calendar.id),
            ("display_type", "=", False),
            ("day_period", "!=", "lunch"),
        ],
        ("dayofweek", "week_type", "hour_from", "hour_to"),
    )
    week = {}
    for weekday, week_type, *hours in lines:
        pair = tuple(map(float_to_time, hours))
        for number in [int(week_type or 0)] if calendar.two_weeks_calendar else (0, 1):
            week.setdefault((number, int(weekday)), []).append(pair)
    return week


def _spread(week, zone, low, high):
    """The hours of each day, as pairs in naive UTC."""
    first, last = (to_local(moment, zone).date() for moment in (low, high))
    for number in range((last - first).days + 1):
        day = first + number * DAY
        # As get_week_type of resource.calendar.attendance counts.
        hours = week.get(((day.toordinal() - 1) // 7 % 2, day.weekday()), ())
        offset = _get_offset(zone, day) if hours else None
        for pair in hours:
            start, stop = (datetime.combine(day, clock) for clock in pair)
            if offset is None:
                yield (
                    start - zone.localize(start).utcoffset(),
                    stop - zone.localize(stop).utcoffset(),
                )
            else:
                yield start - offset, stop - offset


@lru_cache(maxsize=4096)
def _get_offset(zone, day):
    """How far a day's clocks are ahead of UTC; None where they change on it."""
    morning, night = (
        zone.localize(datetime.combine(day, clock)).utcoffset() for clock in (time.min, time.max)
    )
    return morning if morning == night else None


def _select(model, domain, names):
    query = model._search(domain)
    columns = (model._field_to_sql(query.table, name, query) for name in names)
    return model.env.execute_query(query.select(*columns))
