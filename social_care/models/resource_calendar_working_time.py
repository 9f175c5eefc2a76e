from bisect import bisect_left, bisect_right
from datetime import timedelta
from itertools import count

from pytz import timezone

from odoo.tools.date_utils import localized, to_timezone
from odoo.tools.intervals import Intervals

# As far as Odoo's plan_hours looks at once, and how often it looks on.
WINDOW = timedelta(days=14)
WINDOWS = 100
# Most plans end before: what is read first.
AHEAD = timedelta(days=4)
DAY = timedelta(days=1)

to_utc = to_timezone(None)


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

    def plan(self, start, hours):
        """The naive UTC time so many working hours after ``start``; before, if negative."""
        if hours < 0:
            return self._backward(start, -hours)
        # Most plans end in the shift they begin in: those take no loop. On the very end
        # of a shift, which rounding decides, the loop does.
        index = bisect_right(self.stops, start)
        if index < len(self.stops):
            begin = self.starts[index]
            planned = (start if begin < start else begin) + timedelta(hours=hours)
            if planned < self.stops[index] < self.high and planned - start < WINDOW:
                return planned
        return self._forward(start, hours)

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
        if self.change:
            intervals = self._read_changed(localized(low) - DAY, localized(high) + DAY)
        else:
            intervals = self.calendar._work_intervals_batch(
                localized(low), localized(high), domain=self.domain
            )[False]
        self.starts = [to_utc(start) for start, _stop, _attendance in intervals]
        self.stops = [to_utc(stop) for _start, stop, _attendance in intervals]

    def _read_changed(self, low, high):
        """Whole days of the changed hours, less the same holidays."""
        hours = self.calendar._attendance_intervals_batch(low, high)[False]
        holidays = self.calendar._leave_intervals_batch(low, high, domain=self.domain)[False]
        pairs = [(start, stop) for start, stop, _attendance in hours]
        nobody = self.calendar.attendance_ids.browse()
        changed = self.change(pairs, low, high, timezone(self.calendar.tz))
        return Intervals((*pair, nobody) for pair in changed) - holidays
