"""When ordinary days end and a storm begins. No Odoo here: it is tested on a simulated clock.

Counted are people, not messages: one who writes ten times is no storm. What came in the
last 15 and 60 minutes is held against the same hour of past weeks (an hour and a half to
either side), or of past days as long as there are not three weeks yet. Few of these are
known, so the rate is not a number but a distribution: a gamma posterior (Jeffreys' prior),
and what it predicts for one more window is negative binomial. A storm is a count that this
reaches less than once in millions of windows, and that is many people in themselves. Past
windows vary more than chance would have them, the more so the more people there are: all
counts shrink by that factor. The busiest period is left out: the last storm must not hide
the next one.
"""

from collections import defaultdict
from datetime import timedelta
from math import exp, lgamma, log
from typing import NamedTuple

# People, not messages, below which nothing is a storm: complaining, or of all kinds.
FLOORS = {"complaints": {15: 5, 60: 10}, "volume": {15: 8, 60: 16}}
CHANCE = 2.5e-7  # of a false alarm, a window
SWAY = 0.25  # how much a rate moves by itself: large numbers need some five times the usual
COPIES = 5  # people who say the same within an hour
AROUND = timedelta(minutes=90)  # looked at to either side of the same time in the past
WEEKS, DAYS, ENOUGH = 8, 7, 3  # periods looked at; fewer than the last say nothing
HOUR = timedelta(hours=1)


class Arrival(NamedTuple):
    """What somebody said: naive UTC, any key of the person, and what weighs."""

    moment: object
    author: object
    complaint: bool = False
    text_key: str = ""
    reach: int = 0


class Storm(NamedTuple):
    """Why it is one, and the figures behind it."""

    trigger: str  # reach, copies, complaints, volume
    count: int  # people, or the author's followers
    minutes: int = 60
    usual: float = 0.0
    text_key: str = ""


def get_periods(now, since):
    """The same time in the past, as far as the account was read then: moments, naive UTC."""
    for length, number in ((timedelta(weeks=1), WEEKS), (timedelta(days=1), DAYS)):
        moments = [now - length * count for count in range(1, number + 1)]
        known = [moment for moment in moments if moment - AROUND >= since]
        if len(known) >= ENOUGH:
            return known
    return []


def find_at_once(recent, reach_from=0):
    """What is a storm whatever is usual: a complaint many will read, or a text that spreads.

    :param recent: :class:`Arrival` of the last hour
    :param reach_from: followers from which one complaint is enough; 0: never
    """
    loudest = max((item.reach for item in recent if item.complaint), default=0)
    if reach_from and loudest >= reach_from:
        return Storm("reach", loudest)
    people = defaultdict(set)
    for item in recent:
        if item.text_key:
            people[item.text_key].add(item.author)
    text_key = max(people, key=lambda key: len(people[key]), default="")
    if text_key and len(people[text_key]) >= COPIES:
        return Storm("copies", len(people[text_key]), text_key=text_key)
    return None


def is_worth_a_look(now, recent):
    """Whether so many people came that the past has to be asked."""
    return any(
        _count(now, recent, trigger, minutes) >= floor
        for trigger, floors in FLOORS.items()
        for minutes, floor in floors.items()
    )


def find_rush(now, recent, past):
    """More people than at this time of the past, or None.

    :param recent: :class:`Arrival` of the last hour
    :param dict past: each moment of :func:`get_periods` → the :class:`Arrival` around it
    """
    if len(past) < ENOUGH:
        return None
    for trigger, floors in FLOORS.items():
        for minutes, floor in floors.items():
            count = _count(now, recent, trigger, minutes)
            if count >= floor:
                counts = _count_past(past, trigger, minutes)
                if _get_chance(count, counts) < CHANCE:
                    return Storm(trigger, count, minutes, sum(counts) / len(counts))
    return None


def _count(now, recent, trigger, minutes):
    begin = now - timedelta(minutes=minutes)
    return len({item.author for item in recent if item.moment > begin and _weighs(item, trigger)})


def _weighs(item, trigger):
    return item.complaint or trigger == "volume"


def _count_past(past, trigger, minutes):
    """People in each window of the past, zeros too, without the busiest period."""
    width = timedelta(minutes=minutes)
    periods = []
    for moment, arrivals in past.items():
        begin = moment - AROUND
        windows = [set() for _window in range(2 * AROUND // width)]
        for item in arrivals:
            if _weighs(item, trigger) and begin <= item.moment < moment + AROUND:
                windows[(item.moment - begin) // width].add(item.author)
        periods.append([len(people) for people in windows])
    periods.sort(key=sum)
    return [count for windows in periods[:-1] for count in windows]


def _get_chance(count, counts):
    """How likely a window has ``count`` people or more, after these windows."""
    number, total = len(counts), sum(counts)
    mean = total / number
    spread = sum((item - mean) ** 2 for item in counts) / (number - 1)
    factor = (max(1.0, spread / mean) if mean else 1.0) + SWAY * mean
    return _predict(count / factor, total / factor + 0.5, number)


def _predict(count, shape, windows):
    """Tail of the negative binomial: at least ``count`` in one window after ``windows``."""
    chance, term = 0.0, 1.0
    while term > chance * 1e-6 or chance == 0.0:
        term = exp(
            lgamma(shape + count)
            - lgamma(shape)
            - lgamma(count + 1)
            + shape * log(windows / (windows + 1))
            - count * log(windows + 1)
        )
        chance += term
        count += 1
    return chance
