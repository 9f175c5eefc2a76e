"""Ways in which a calendar's hours could be others.

Each takes a calendar's hours as pairs with time zone, the time they were read for (whole days)
and the calendar's zone, and gives the other hours in the same shape. They may overlap; holidays
are subtracted afterwards.
"""

from datetime import datetime, time, timedelta

from odoo.tools import groupby

HOUR = timedelta(hours=1)
WEEKEND = (5, 6)
WEEKEND_HOURS = (time(10), time(14))


def open_earlier(hours, _low, _high, _zone):
    """An hour before the first of each day's shifts as well."""
    return hours + [(day[0][0] - HOUR, day[0][0]) for day in _by_day(hours)]


def close_later(hours, _low, _high, _zone):
    """An hour after the last of each day's shifts as well."""
    closings = [max(stop for _start, stop in day) for day in _by_day(hours)]
    return hours + [(closing, closing + HOUR) for closing in closings]


def open_weekends(hours, low, high, zone):
    """Saturday and Sunday from 10 to 14 as well, by the calendar's clock."""
    first, last = (moment.astimezone(zone).date() for moment in (low, high))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return hours + [
        tuple(zone.localize(datetime.combine(day, clock)) for clock in WEEKEND_HOURS)
        for day in days
        if day.weekday() in WEEKEND
    ]


def _by_day(hours):
    """The hours of each day they begin on, in order."""
    return [day for _date, day in groupby(sorted(hours), key=lambda pair: pair[0].date())]
