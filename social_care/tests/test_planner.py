import logging
import random
import time
from datetime import datetime, timedelta

from pytz import utc

from odoo import Command
from odoo.tests import TransactionCase
from odoo.tools.intervals import Intervals

_logger = logging.getLogger(__name__)

# Each with the days on which its clocks change; the last one on the days of the plans.
ZONES = {
    "Europe/Madrid": datetime(2026, 10, 25),
    "America/Mexico_City": datetime(2022, 10, 30),  # its last change
    "Asia/Kolkata": datetime(2026, 8, 17),  # never, and half an hour off
    "America/New_York": datetime(2026, 3, 8),
    "Australia/Lord_Howe": datetime(2026, 4, 5),  # by half an hour
    "Africa/Casablanca": datetime(2026, 2, 15),  # for Ramadan
    "America/Sao_Paulo": datetime(2018, 11, 4),  # at midnight
    "Europe/London": datetime(2026, 10, 25),
}
CALENDARS = 200
PAIRS = 24


class TestPlanner(TransactionCase):
    """`_plan_hours_batch` gives what Odoo's `plan_hours` gives, pair by pair."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Aurora"})
        cls.other_company = cls.env["res.company"].create({"name": "Other"})

    def _oracle(self, calendar, pairs, company):
        domain = [("time_type", "=", "leave"), ("company_id", "in", [False, company.id])]
        return [
            calendar.plan_hours(hours, start, compute_leaves=True, domain=domain)
            for start, hours in pairs
        ]

    def _create_calendar(self, attendances, **values):
        lines = [
            Command.create(
                {"name": "Shift", "dayofweek": str(day), "hour_from": start, "hour_to": end, **more}
            )
            for day, start, end, more in attendances
        ]
        return self.env["resource.calendar"].create(
            {
                "name": "Care",
                "company_id": self.company.id,
                "attendance_ids": [Command.clear(), *lines],
                **values,
            }
        )

    # -- Odoo is the oracle ----------------------------------------------------

    def test_any_calendar_and_any_plan_as_odoo_does(self):
        seed = random.SystemRandom().randrange(10**6)
        chance = random.Random(seed)  # noqa: S311
        self._create_shared_leaves(chance)
        for number in range(CALENDARS):
            zone = chance.choice(list(ZONES))
            calendar = self._draw_calendar(chance, zone)
            leaves = self._draw_leaves(chance, calendar, ZONES[zone])
            # Odoo looks a hundred times fourteen days ahead where it finds no working time.
            count = PAIRS if calendar.attendance_ids else 1
            pairs = [self._draw_pair(chance, ZONES[zone]) for _number in range(count)]
            planned = calendar._plan_hours_batch(pairs, self.company)
            expected = self._oracle(calendar, pairs, self.company)
            for pair, got, wanted in zip(pairs, planned, expected, strict=True):
                self.assertEqual(
                    got,
                    wanted,
                    f"seed {seed}, calendar {number} in {zone}, {pair}, leaves "
                    f"{leaves.mapped(lambda leave: (leave.date_from, leave.date_to))}",
                )

    def _draw_calendar(self, chance, zone):
        shape = chance.choice(["split", "split", "week", "night", "two weeks", "flexible", "none"])
        if shape == "flexible":
            return self._create_calendar([], tz=zone, schedule_type="flexible", hours_per_day=8)
        attendances = []
        days = chance.sample(range(7), chance.randint(1, 7)) if shape != "none" else []
        for day in days:
            for week in ("0", "1") if shape == "two weeks" else (False,):
                more = {"week_type": week}
                if shape == "split":
                    cut = chance.choice([10, 12.25, 13.7, 14])
                    attendances += [(day, chance.choice([8, 9.1]), cut, more)]
                    pause = chance.choice([0, 0.5])
                    if pause:
                        lunch = {**more, "day_period": "lunch"}
                        attendances += [(day, cut, cut + pause, lunch)]
                    attendances += [(day, cut + pause, 18.4, more)]
                elif shape == "night":
                    attendances += [(day, 0, chance.choice([2.5, 3, 6]), more), (day, 22, 24, more)]
                elif week != "1" or chance.random() < 0.7:
                    attendances += [
                        (day, chance.randint(0, 660) / 60, chance.randint(720, 1440) / 60, more)
                    ]
        calendar = self._create_calendar(
            attendances, tz=zone, two_weeks_calendar=shape == "two weeks"
        )
        if shape == "split" and days and chance.random() < 0.3:
            # Odoo refuses these by hand, but imported calendars have them.
            line = calendar.attendance_ids[:1]
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE resource_calendar_attendance SET hour_to = 15 WHERE id = %s", [line.id]
            )
            self.env.invalidate_all()
        return calendar

    def _create_shared_leaves(self, chance):
        """Holidays of no calendar: of ours, of everybody, and of another company."""
        for changes in ZONES.values():
            for company in (self.company, self.env["res.company"], self.other_company):
                self._create_leave(chance, changes, calendar_id=False, company_id=company.id)

    def _draw_leaves(self, chance, calendar, around):
        leaves = self.env["resource.calendar.leaves"]
        for _number in range(chance.randint(0, 5)):
            company = chance.choice([self.company, self.company, self.other_company])
            leaves |= self._create_leave(
                chance,
                around,
                calendar_id=calendar.id,
                company_id=company.id,
                time_type=chance.choice(["leave", "leave", "leave", "other"]),
            )
        if chance.random() < 0.3:
            resource = self.env["resource.resource"].create(
                {"name": "Marta", "calendar_id": calendar.id, "company_id": self.company.id}
            )
            leaves |= self._create_leave(
                chance, around, calendar_id=calendar.id, resource_id=resource.id
            )
        return leaves

    def _create_leave(self, chance, around, **values):
        start = around + timedelta(minutes=chance.randint(-20 * 1440, 20 * 1440))
        length = timedelta(minutes=chance.choice([45, 300, 1440, 2000, 5000]))
        values = {"name": "Away", "date_from": start, "date_to": start + length, **values}
        leave = self.env["resource.calendar.leaves"].create(values)
        if "company_id" in values and leave.company_id.id != values["company_id"]:
            leave.company_id = values["company_id"]
        return leave

    def _draw_pair(self, chance, around):
        start = around + timedelta(minutes=chance.randint(-15 * 1440, 15 * 1440))
        if chance.random() < 0.2:
            start += timedelta(microseconds=chance.randint(1, 59_999_999))
        hours = chance.choice([0, 0.5, 0.7, 1, 2, 2.1, 8, 8.4, 24, 45 / 60, 1e-9])
        if chance.random() < 0.2:
            hours = chance.choice([chance.uniform(0, 20), chance.uniform(0, 120)])
        return start, hours * chance.choice([1, 1, 1, -1])

    # -- What must be right by itself ----------------------------------------

    def test_a_holiday_without_calendar_counts_for_its_company_only(self):
        calendar = self._create_calendar([(0, 9, 17, {}), (1, 9, 17, {})], tz="UTC")
        monday = datetime(2026, 8, 17)
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Theirs",
                "calendar_id": False,
                "date_from": monday,
                "date_to": monday + timedelta(days=1),
            }
        )
        leave.company_id = self.other_company
        plan = [(monday, 2)]
        self.assertEqual(
            calendar._plan_hours_batch(plan, self.company), [datetime(2026, 8, 17, 11)]
        )
        self.assertEqual(
            calendar._plan_hours_batch(plan, self.other_company), [datetime(2026, 8, 18, 11)]
        )
        leave.company_id = False
        self.assertEqual(
            calendar._plan_hours_batch(plan, self.company), [datetime(2026, 8, 18, 11)]
        )

    def test_what_is_further_than_odoo_looks_is_no_deadline(self):
        """Closed for four years: Odoo looks 1,400 days ahead; a later plan reads further."""
        calendar = self._create_calendar([(day, 9, 17, {}) for day in range(5)], tz="UTC")
        closed, opened = datetime(2026, 8, 17), datetime(2030, 8, 19)
        self.env["resource.calendar.leaves"].create(
            {"name": "Away", "calendar_id": calendar.id, "date_from": closed, "date_to": opened}
        )
        pairs = [(opened, 2), (closed, 2), (closed, -2), (opened, -2)]
        planned = calendar._plan_hours_batch(pairs, self.company)
        self.assertEqual(planned, self._oracle(calendar, pairs, self.company))
        self.assertEqual(
            planned, [datetime(2030, 8, 19, 11), False, datetime(2026, 8, 14, 15), False]
        )

    def test_no_working_time_gives_no_deadline(self):
        calendar = self._create_calendar([], tz="UTC")
        plans = [(datetime(2026, 8, 17), 2), (datetime(2026, 8, 17), -2)]
        self.assertEqual(calendar._plan_hours_batch(plans), [False, False])
        self.assertEqual(calendar._plan_hours_batch([]), [])

    def test_a_thousand_plans_take_as_many_queries_as_one(self):
        calendar = self._create_calendar([(day, 9, 17, {}) for day in range(5)], tz="UTC")
        monday = datetime(2026, 8, 17)
        for count in (1, 1000):
            pairs = [(monday + timedelta(minutes=10 * number), 2) for number in range(count)]
            self.env.invalidate_all()
            with self.assertQueryCount(4):
                calendar._plan_hours_batch(pairs, self.company)

    def test_a_calendar_is_read_once_for_plans_of_a_week(self):
        calendar = self._create_calendar([(day, 9, 17, {}) for day in range(5)], tz="UTC")
        monday = datetime(2026, 8, 17)
        pairs = [(monday + timedelta(days=number), 40) for number in range(7)]
        calendar._plan_hours_batch(pairs, self.company)
        with self.assertQueryCount(2):
            planned = calendar._plan_hours_batch(pairs, self.company)
        self.assertEqual(planned, self._oracle(calendar, pairs, self.company))

    def test_where_another_addon_counts_its_own_way_it_is_asked(self):
        calendar = self._create_calendar([(day, 9, 17, {}) for day in range(5)], tz="UTC")
        calendar_class = self.env.registry["resource.calendar"]
        count = calendar_class._leave_intervals_batch

        def count_mondays(calendar, start_dt, end_dt, resources=None, domain=None, tz=None):
            leaves = count(calendar, start_dt, end_dt, resources, domain, tz)
            monday = (utc.localize(datetime(2026, 8, 17)), utc.localize(datetime(2026, 8, 18)))
            nobody = self.env["resource.calendar.leaves"]
            return {key: found | Intervals([(*monday, nobody)]) for key, found in leaves.items()}

        self.patch(calendar_class, "_leave_intervals_batch", count_mondays)
        plan = [(datetime(2026, 8, 17), 2)]
        self.assertEqual(
            calendar._plan_hours_batch(plan, self.company), [datetime(2026, 8, 18, 11)]
        )

    def test_a_thousand_at_once_are_told_beside_one_by_one(self):
        shifts = [(day, *hours, {}) for day in range(5) for hours in ((8, 13), (14, 17))]
        calendar = self._create_calendar(shifts, tz="Europe/Madrid")
        monday = datetime(2026, 8, 17)
        pairs = [(monday + timedelta(minutes=10 * number), 2) for number in range(1000)]
        rounds = []
        for _round in range(5):
            begun = time.perf_counter()
            one_by_one = self._oracle(calendar, pairs[::20], self.company)
            between = time.perf_counter()
            at_once = calendar._plan_hours_batch(pairs, self.company)
            rounds.append((between - begun) * 20 / (time.perf_counter() - between))
            self.assertEqual(at_once[::20], one_by_one)
        _logger.info("1,000 plans at once: %.0f × as fast as one by one", sorted(rounds)[2])
