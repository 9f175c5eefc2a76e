from bisect import bisect_left, bisect_right
from datetime import timedelta
from itertools import count

from odoo.tools.date_utils import localized, to_timezone

# As far as Odoo's plan_hours looks at once, and how often it looks on.
WINDOW = timedelta(days=14)
WINDOWS = 100
# Most plans end before: what is read first.
AHEAD = timedelta(days=4)

to_utc = to_timezone(None)


class WorkingTime:
    """A calendar's working time, read once for many plans and further as they need it.

    Gives what ``plan_hours`` gives: it cuts intervals where that starts a new
    window and subtracts in the same order, so that even the rounding is the same.

    :param calendar: resource.calendar with fixed hours
    :param domain: of the leaves that count
    :param low, high: naive UTC, where to read first
    """

    def __init__(self, calendar, domain, low, high):
        self.calendar = calendar
        self.domain = domain
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
        intervals = self.calendar._work_intervals_batch(
            localized(low), localized(high), domain=self.domain
        )[False]
        self.starts = [to_utc(start) for start, _stop, _attendance in intervals]
        self.stops = [to_utc(stop) for _start, stop, _attendance in intervals]
