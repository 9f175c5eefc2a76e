"""The walk backwards, against lists made at random."""

import json
import random
from datetime import datetime, timedelta

import pytest

from networks import RejectedError
from networks.walk import READ_BACK_PAGES, read_back, walk_back, walk_lists

NOW = datetime(2026, 11, 22, 12)
PAGE = 5


class Timeline:
    """A list, newest first, that grows and shrinks while it is read."""

    def __init__(self):
        self.items = []  # (id, time), oldest first
        self.refuse = 0

    def add(self, moment):
        self.items.append((len(self.items) + 1, moment))

    def read(self, token):
        if token and self.refuse:
            self.refuse -= 1
            raise RejectedError("rejected")
        below = int(token) if token else 10**9
        page = [item for item in reversed(self.items) if item and item[0] < below][:PAGE]
        return page, str(page[-1][0]) if len(page) == PAGE else ""

    def step(self, cursor, since=None, now=NOW):
        cursor = json.loads(json.dumps(cursor))
        return walk_back(cursor, since, self.read, lambda item: item[1], now)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_between_pages_nothing_is_missed(seed):
    chance, timeline = random.Random(seed), Timeline()
    now, cursor, seen, deleted = NOW, {}, set(), set()
    for _step in range(300):
        for _new in range(chance.choice((0, 0, 1, 3, 12))):
            timeline.add(now)
        if chance.random() < 0.1 and timeline.items:
            place = chance.randrange(len(timeline.items))
            deleted.add(place + 1)
            timeline.items[place] = None
        if chance.random() < 0.05:
            timeline.refuse = 1
        if chance.random() > 0.2:  # else the process died before it stored the page
            step = timeline.step(cursor, now=now)
            seen |= {item[0] for item in step.items}
            cursor = step.cursor
        now += timedelta(minutes=chance.choice((0, 1, 30)))
    timeline.refuse, more = 0, True
    for _time in range(2):  # the walk that is under way, and one more
        more = True
        while more:
            step = timeline.step(cursor, now=now)
            seen |= {item[0] for item in step.items}
            cursor, more = step.cursor, step.more
    assert set(range(1, len(timeline.items) + 1)) - deleted <= seen


def test_high_moves_only_when_the_walk_has_arrived():
    timeline = Timeline()
    for minute in range(12):
        timeline.add(NOW - timedelta(hours=12 - minute))
    first = timeline.step({})
    assert "high" not in first.cursor
    second = timeline.step(first.cursor)
    assert "high" not in second.cursor
    third = timeline.step(second.cursor)
    assert third.cursor == {"high": "2026-11-22T11:00:00"}
    assert not third.more


def test_the_overlap_is_an_hour():
    timeline = Timeline()
    for minute in range(200):
        timeline.add(NOW - timedelta(minutes=200 - minute))
    cursor, seen, more = {"high": (NOW - timedelta(minutes=10)).isoformat()}, [], True
    while more:
        step = timeline.step(cursor)
        seen += step.items
        cursor, more = step.cursor, step.more
    oldest = min(time for _id, time in seen)
    assert NOW - timedelta(minutes=70 + PAGE) <= oldest <= NOW - timedelta(minutes=70)


def test_a_time_in_the_future_hides_nothing():
    timeline = Timeline()
    timeline.add(NOW + timedelta(days=365))
    assert timeline.step({}).cursor == {"high": NOW.isoformat()}


def test_a_token_that_always_expires_ends_in_a_recorded_gap():
    timeline = Timeline()
    for minute in range(30):
        timeline.add(NOW - timedelta(hours=30 - minute))
    cursor, steps = {}, 0
    while True:
        timeline.refuse = 1
        step = timeline.step(cursor)
        steps, cursor = steps + 1, step.cursor
        if not step.more:
            break
    assert steps == 4  # the first page, and again after each of three refusals
    assert cursor == {"gap": (NOW - timedelta(hours=5)).isoformat()}


def test_a_network_that_does_not_page_ends_the_walk():
    page = [(2, NOW), (1, NOW - timedelta(minutes=1))]

    def read(_token):
        return page, "1"

    first = walk_back({}, None, read, lambda item: item[1], NOW)
    second = walk_back(first.cursor, None, read, lambda item: item[1], NOW)
    assert (first.more, second.more) == (True, False)


def test_a_refusal_of_the_first_page_is_an_error():
    def read(_token):
        raise RejectedError("not_found")

    with pytest.raises(RejectedError):
        walk_back({}, None, read, lambda item: item, NOW)


@pytest.mark.parametrize(
    "cursor", [{"walk": []}, {"high": 7, "walk": {"next": None}}, {"high": "x"}]
)
def test_a_strange_cursor_starts_anew(cursor):
    timeline = Timeline()
    timeline.add(NOW)
    assert timeline.step(cursor).items == ((1, NOW),)


def test_a_long_page_token_comes_back_as_it_was_given():
    token, asked = "t" * 900, []

    def read(given):
        asked.append(given)
        return [(1, NOW)], token

    walk_back(
        walk_back({}, None, read, lambda item: item[1], NOW).cursor,
        None,
        read,
        lambda item: item[1],
        NOW,
    )
    assert asked == ["", token]


def test_lists_are_walked_one_after_the_other():
    first, second = Timeline(), Timeline()
    for minute in range(PAGE + 1):
        first.add(NOW + timedelta(minutes=minute))
    second.add(NOW)
    lists, cursor, told = {"first": first.read, "second": second.read}, {}, []
    for _page in range(4):
        cursor = json.loads(json.dumps(cursor))
        name, step = walk_lists(cursor, None, lists, lambda item: item[1], NOW + timedelta(hours=1))
        cursor = step.cursor
        told.append((name, len(step.items), step.more))
    assert told == [
        ("first", 5, True),
        ("first", 1, True),
        ("second", 1, False),
        ("first", 5, True),
    ]
    assert cursor["second"] == {"high": NOW.isoformat()}


def test_looking_back_ends_at_a_time_or_is_said_to_be_too_far():
    timeline = Timeline()
    for minute in range(PAGE * READ_BACK_PAGES + 1):
        timeline.add(NOW + timedelta(minutes=minute))

    def read(since):
        return [number for number, _moment in read_back(timeline.read, lambda item: item[1], since)]

    assert len(read(NOW + timedelta(minutes=40))) == 15
    with pytest.raises(RejectedError, match="cannot_read_back"):
        read(NOW)
