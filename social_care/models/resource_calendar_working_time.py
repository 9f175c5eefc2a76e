from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta
from itertools import count
from math import inf

from pytz import timezone

from odoo.tools.date_utils import localized
from odoo.tools.intervals import Intervals

from .resource_calendar_openings import COUNTED_BY, read_openings
from .social_care_overrides import is_standard
from .social_care_times import to_utc

# As far as Odoo's plan_hours looks at once, and how often it looks on.
WINDOW = timedelta(days=14)
WINDOWS = 100
# Most plans end before: what is read first, and so much more for each working hour.
AHEAD = timedelta(days=4)
HOURS_AN_HOUR = 5
DAY = timedelta(days=1)


def get_reach(hours):
    """How far to read for a plan of so many hours: reading again costs as much as all of it."""
    hours = min(hours * HOURS_AN_HOUR, WINDOWS * WINDOW // timedelta(hours=1))
    return AHEAD + timedelta(hours=hours)


class WorkingTime:
    """A calendar's working time, read once for many plans and further as they need it.

    Gives what ``plan_hours`` gives: it cuts intervals where that starts a new
    window and subtracts in the same order, so that even the rounding is the same.

    :param calendar: resource.calendar with fixed hours
    :param domain: of the leaves that count
    :param low, high: naive UTC, where to read first
    :param change: what its hours would be, see ``other_hours.py``
    """

    def __init__(self, calendar, domain, low, high, change=None):
        self.calendar = calendar
        self.domain = domain
        self.change = change
        self._read(low, high)

    def plan(self, pairs):
        """For each (start, hours) the naive UTC time so many working hours later; before, if negative."""
        planned = self._plan_fast(pairs)
        for place, found in enumerate(planned):
            if found is None:
                start, hours = pairs[place]
                step = self._forward if hours >= 0 else self._backward
                planned[place] = step(start, abs(hours))
        return planned

    def _plan_fast(self, pairs):
        """The same by lengths known before; None for plans back, and where a window or what was read cuts a shift."""
        whole, stops = self.whole, self.stops
        # After what was read all fits.
        starts = [*self.starts[:whole], datetime.max]
        lengths = [*self.lengths[:whole], inf]
        planned = []
        for start, hours in pairs:
            first = index = bisect_right(stops, start, 0, whole)
            begin, length = starts[index], lengths[index]
            if begin < start:
                begin = start
                length = (stops[index] - start).total_seconds() / 3600
            while hours > length:
                hours -= length
                index += 1
                length = lengths[index]
            if index > first:
                begin = starts[index]
            known = hours >= 0 and index < whole and stops[index] - start <= WINDOW
            if not known:
                planned.append(None)
            elif (minutes := hours * 60) % 1:
                planned.append(begin + timedelta(hours=hours))
            else:  # as most are: the same in half the time
                planned.append(begin + timedelta(0, minutes * 60))
        return planned

    def _forward(self, start, hours):
        for _window in range(WINDOWS):
            end = start + WINDOW
            for index in count(bisect_right(self.stops, start)):
                if self.high < end and not self._is_whole(index):
                    self._read(self.low, max(end, self.high + (self.high - self.low)))
                if index == len(self.stops) or self.starts[index] >= end:
                    break
                begin = max(self.starts[index], start)
                length = (min(self.stops[index], end) - begin).total_seconds() / 3600
                if hours <= length:
                    return begin + timedelta(hours=hours)
                hours -= length
            start = end
        return False

    def _is_whole(self, index):
        """Whether this interval is known, and not cut off by the end of what was read."""
        return index < len(self.stops) and self.stops[index] < self.high

    def _backward(self, end, hours):
        for _window in range(WINDOWS):
            start = end - WINDOW
            if start < self.low:
                self._read(min(start, self.low - (self.high - self.low)), self.high)
            first = bisect_right(self.stops, start)
            for index in reversed(range(first, bisect_left(self.starts, end, first))):
                finish = min(self.stops[index], end)
                length = (finish - max(self.starts[index], start)).total_seconds() / 3600
                if hours <= length:
                    return finish - timedelta(hours=hours)
                hours -= length
            end = start
        return False

    def _read(self, low, high):
        self.low, self.high = low, high
        if not self.change and is_standard(self.calendar, *COUNTED_BY):
            openings = read_openings(self.calendar, self.domain, low, high)
        else:
            openings = self._ask(localized(low), localized(high))
        self.starts = [start for start, _stop in openings]
        self.stops = [stop for _start, stop in openings]
        self.lengths = [
            (stop - start).total_seconds() / 3600
            for start, stop in zip(self.starts, self.stops, strict=True)
        ]
        # The last one may be cut off by the end of what was read.
        self.whole = bisect_left(self.stops, high)

    def _ask(self, low, high):
        """The same from Odoo, as it is or with its hours changed."""
        if self.change:
            intervals = self._ask_changed(low - DAY, high + DAY)
        else:
            intervals = self.calendar._work_intervals_batch(low, high, domain=self.domain)[False]
        return [(to_utc(start), to_utc(stop)) for start, stop, _attendance in intervals]

    def _ask_changed(self, low, high):
        """Whole days of the changed hours, less the same holidays."""
        hours = self.calendar._attendance_intervals_batch(low, high)[False]
        holidays = self.calendar._leave_intervals_batch(low, high, domain=self.domain)[False]
        pairs = [(start, stop) for start, stop, _attendance in hours]
        nobody = self.calendar.attendance_ids.browse()
        changed = self.change(pairs, low, high, timezone(self.calendar.tz))
        return Intervals((*pair, nobody) for pair in changed) - holidays
