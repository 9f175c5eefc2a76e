"""Storms on a simulated clock: weeks of arrivals that the figures were not tuned on."""

import importlib.util
import json
import math
import random
from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta
from pathlib import Path

import pytest

ADDON = Path(__file__).parent.parent / "social_care"
spec = importlib.util.spec_from_file_location("storm", ADDON / "models" / "social_care_storm.py")
storm = importlib.util.module_from_spec(spec)
spec.loader.exec_module(storm)

START = datetime(2026, 3, 2)  # a Monday
WEEKS = 8  # with the weeks before that they are held against
VOLUMES = (2, 6, 15, 40, 90, 180)  # messages on a usual day
TUNED_ON = range(1000, 1054)  # seeds of other weeks than the test's
UNSEEN = range(3000, 3054)


def _poisson(dice, mean):
    count, product, limit = 0, dice.random(), math.exp(-mean)
    while product > limit:
        count += 1
        product *= dice.random()
    return count


def ordinary_weeks(seed, weeks=WEEKS):
    """What comes to one account: day and night, weekdays, better and worse days, threads."""
    dice = random.Random(seed)
    volume = VOLUMES[seed % len(VOLUMES)] * dice.uniform(0.7, 1.4)
    complaining, night = dice.uniform(0.1, 0.6), dice.uniform(0.02, 0.4)
    weekend, peak, thread = dice.uniform(0.3, 1.3), dice.uniform(9, 21), dice.uniform(0, 0.3)
    shape = [night + math.exp(-(((hour - peak + 12) % 24 - 12) ** 2) / 18) for hour in range(24)]
    arrivals, author = [], 0
    for day in range(weeks * 7):
        mood = dice.lognormvariate(0, 0.15) * (weekend if day % 7 > 4 else 1)
        for hour in range(24):
            for _one in range(_poisson(dice, volume * mood * shape[hour] / sum(shape))):
                moment, author = START + timedelta(days=day, hours=hour + dice.random()), author + 1
                arrivals.append(storm.Arrival(moment, author, dice.random() < complaining))
                while dice.random() < thread:  # somebody joins in, new or known
                    moment += timedelta(minutes=dice.expovariate(1 / 20))
                    author += 1
                    who = dice.choice([author, author - 1])
                    arrivals.append(storm.Arrival(moment, who, dice.random() < complaining))
    return sorted(arrivals, key=lambda item: item.moment)


def watch(arrivals, since, from_moment=None):
    """Look whenever something came, as Odoo does: [(moment, Storm)]."""
    moments = [item.moment for item in arrivals]

    def between(begin, end):
        return arrivals[bisect_right(moments, begin) : bisect_right(moments, end)]

    found = []
    for now in moments[bisect_left(moments, from_moment or since) :]:
        recent = between(now - storm.HOUR, now)
        seen = storm.find_at_once(recent)
        if not seen and storm.is_worth_a_look(now, recent):
            seen = storm.find_rush(
                now,
                recent,
                {
                    moment: between(moment - storm.AROUND, moment + storm.AROUND)
                    for moment in storm.get_periods(now, since)
                },
            )
        if seen:
            found.append((now, seen))
    return found


@pytest.mark.parametrize("seed", UNSEEN)
def test_ordinary_weeks_raise_no_alarm(seed):
    assert seed not in TUNED_ON
    assert watch(ordinary_weeks(seed), START) == []


@pytest.mark.parametrize("seed", [2000, 2001, 2002, 2003, 2004, 2005])
def test_a_storm_among_ordinary_weeks_is_found_within_15_minutes(seed):
    """From one a day to dozens an hour: every customer of a cancelled flight complains."""
    dice = random.Random(seed)
    arrivals = ordinary_weeks(seed, weeks=6)
    begin = START + timedelta(days=37, hours=17)
    usual = len([item for item in arrivals if begin - timedelta(weeks=1) < item.moment]) / 12 / 24
    crowd = [
        storm.Arrival(begin + timedelta(minutes=dice.uniform(0, 60)), f"crowd {number}", True)
        for number in range(40 + int(8 * usual))
    ]
    arrivals = sorted([*arrivals, *crowd], key=lambda item: item.moment)
    found = watch(arrivals, START, from_moment=begin)
    assert found and found[0][0] - begin <= timedelta(minutes=15)


def read_sample(*networks):
    """The sample's customers but praise, each message once; accounts' own posts left out."""
    said = {}
    for line in (ADDON / "static" / "sample" / "mentions.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row.get("history") or row.get("author_id") == "auroraair@sample.example":
            continue
        if row.get("intent") == "praise" or (networks and row.get("network") not in networks):
            continue
        said[row["external_id"]] = storm.Arrival(
            datetime.fromisoformat(row["posted_at"].rstrip("Z")),
            row.get("author_id"),
            row.get("intent") == "complaint",
            reach=row.get("author_followers") or 0,
        )
    return sorted(said.values(), key=lambda item: item.moment)


MONDAY, FRIDAY_1702 = datetime(2026, 8, 17), datetime(2026, 8, 21, 17, 2)


def test_the_samples_storm_is_found_within_15_minutes_and_nothing_else():
    found = watch(read_sample(), MONDAY)
    first, seen = found[0]
    assert first - FRIDAY_1702 <= timedelta(minutes=15)
    assert (seen.trigger, seen.count, seen.minutes) == ("complaints", 5, 15)
    # The evening's last alarm is of the same storm: the weekend is quiet.
    assert found[-1][0] - FRIDAY_1702 < timedelta(hours=2)


def test_one_person_who_writes_ten_times_is_no_storm():
    now = START + timedelta(weeks=4)
    many = [storm.Arrival(now - timedelta(minutes=number), "ana", True) for number in range(10)]
    assert not storm.is_worth_a_look(now, many)


def test_an_account_without_three_days_of_past_raises_none_by_numbers():
    now = START + timedelta(days=2, hours=12)
    assert storm.get_periods(now, START) == []
    many = [storm.Arrival(now, number, True) for number in range(50)]
    assert storm.is_worth_a_look(now, many)
    assert storm.find_rush(now, many, {}) is None


def test_days_are_compared_until_there_are_three_weeks():
    now = START + timedelta(days=20, hours=12)
    assert len(storm.get_periods(now, START)) == 7
    later = now + timedelta(days=7)
    assert storm.get_periods(later, START) == [later - timedelta(weeks=n) for n in (1, 2, 3)]


def test_the_last_storm_does_not_hide_the_next():
    now = START + timedelta(weeks=4)
    past = {moment: [] for moment in storm.get_periods(now, START)}
    last = now - timedelta(weeks=1)
    past[last] = [storm.Arrival(last, number, True) for number in range(60)]
    crowd = [storm.Arrival(now, number, True) for number in range(12)]
    assert storm.find_rush(now, crowd, past).count == 12


def test_twice_the_usual_is_no_storm():
    now = START + timedelta(weeks=9)
    past = {
        moment: [
            storm.Arrival(moment + timedelta(minutes=minute - 90), (moment, minute), True)
            for minute in range(180)
        ]
        for moment in storm.get_periods(now, START)
    }
    crowd = [storm.Arrival(now, number, True) for number in range(30)]  # usual: 15
    assert storm.find_rush(now, crowd, past) is None
    crowd = [storm.Arrival(now, number, True) for number in range(90)]
    assert storm.find_rush(now, crowd, past).usual == 15


@pytest.mark.parametrize(
    ("followers", "complaint", "found"),
    [
        (99_999, True, False),
        (100_000, True, True),
        (100_000, False, False),
    ],
)
def test_one_complaint_that_many_read_is_a_storm(followers, complaint, found):
    said = [storm.Arrival(START, "ana", complaint, reach=followers)]
    assert bool(storm.find_at_once(said, 100_000)) is found


@pytest.mark.parametrize(("people", "found"), [(4, False), (5, True)])
def test_a_text_that_five_people_copy_is_a_storm(people, found):
    said = [storm.Arrival(START, number, text_key="20 euros") for number in range(people)]
    said += [storm.Arrival(START, 0, text_key="20 euros")] * 9  # the same person again
    assert bool(storm.find_at_once(said)) is found
