"""Moments: kept in naive UTC, told by the clock of a zone."""

from datetime import datetime, time, timedelta

from odoo.tools.date_utils import localized, to_timezone

to_utc = to_timezone(None)  # a moment with its zone → naive UTC


def to_local(moment, zone):
    """A naive UTC time by a zone's clock."""
    return localized(moment).astimezone(zone)


def get_midnight(day, zone):
    """Where a date begins, by a zone's clock."""
    return zone.localize(datetime.combine(day, time.min))


def get_monday(moment, zone, weeks=0):
    """The Monday's midnight before a naive UTC time, or some weeks later, by a zone's clock."""
    day = to_local(moment, zone).date()
    return get_midnight(day + timedelta(weeks=weeks, days=-day.weekday()), zone)
