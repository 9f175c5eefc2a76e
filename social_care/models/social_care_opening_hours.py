"""Opening hours: when somebody is there, and when next. Pure Python, no records."""

from bisect import bisect_right
from datetime import timedelta
from typing import NamedTuple

MINUTE = timedelta(minutes=1)


class OpeningHours(NamedTuple):
    """Times when somebody is there, sorted and apart; a start is in, an end is not.

    :param intervals: tuple of (naive UTC start, naive UTC end)
    """

    intervals: tuple = ()

    @classmethod
    def build(cls, intervals):
        """From times that may touch, overlap, or end at the last second of a day."""
        merged = []
        for start, end in sorted((_up(start), _up(end)) for start, end in intervals):
            if start == end:
                continue
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        return cls(tuple(merged))

    def without(self, absences):
        """These hours less some others: (naive UTC start, naive UTC end)."""
        kept = self.intervals
        for start, end in absences:
            kept = [
                (since, until)
                for opening, closing in kept
                for since, until in ((opening, min(closing, start)), (max(opening, end), closing))
                if since < until
            ]
        return self.build(kept)

    def is_open(self, at):
        last = self._find(at)
        return last >= 0 and at < self.intervals[last][1]

    def next_opening(self, at):
        """The first opening after a time, or False."""
        following = self._find(at) + 1
        return following < len(self.intervals) and self.intervals[following][0]

    def opened_at(self, at):
        """Start of the opening around a time, or False."""
        return self.is_open(at) and self.intervals[self._find(at)][0]

    def closes_at(self, at):
        """End of the opening around a time, or False."""
        return self.is_open(at) and self.intervals[self._find(at)][1]

    def last_closing(self, at):
        """Start of the closed period around or last before a time, or False."""
        last = self._find(at)
        if last >= 0 and at < self.intervals[last][1]:
            last -= 1
        return last >= 0 and self.intervals[last][1]

    def _find(self, at):
        """Index of the last interval that starts at or before a time, or -1."""
        return bisect_right(self.intervals, at, key=lambda interval: interval[0]) - 1


def _up(moment):
    """To the full minute: Odoo ends a day at 23:59:59.999999, a holiday at 23:59:59."""
    rest = timedelta(seconds=moment.second, microseconds=moment.microsecond)
    return moment - rest + MINUTE if rest else moment
