from datetime import datetime, timedelta

from odoo.addons.social_care.models.social_care_opening_hours import OpeningHours

from .common import MONDAY_10, SocialCareCommon

MONDAY_9 = MONDAY_10 - timedelta(hours=1)
MONDAY_17 = MONDAY_10 + timedelta(hours=7)
DAY = timedelta(days=1)


class TestTeamHours(SocialCareCommon):
    """When a team is there: Madrid, Monday to Friday, 9 to 17, unless a test says otherwise."""

    def _holiday(self, first, last, **values):
        """A holiday of whole days in Madrid in summer, as Odoo's form proposes it."""
        company = values.pop("company", self.env.company)
        leave = self.env["resource.calendar.leaves"].with_company(company)
        record = leave.create(
            {
                "name": "Holiday",
                "calendar_id": self.team.resource_calendar_id.id,
                "date_from": datetime(2026, 8, first) - timedelta(hours=2),
                "date_to": datetime(2026, 8, last, 21, 59, 59),
                **values,
            }
        )
        record.flush_recordset()  # its company is computed from the environment's
        return record

    def _use(self, name, tz, hours, **values):
        self.team.resource_calendar_id = self._create_calendar(name, tz, hours, **values)

    def _opens(self, at):
        return self.team._social_care_next_opening(at)

    def test_open_from_the_first_minute_to_before_the_last(self):
        self.assertTrue(self.team._social_care_is_open(MONDAY_9))
        self.assertTrue(self.team._social_care_is_open(MONDAY_17 - timedelta(seconds=1)))
        self.assertFalse(self.team._social_care_is_open(MONDAY_9 - timedelta(seconds=1)))
        self.assertFalse(self.team._social_care_is_open(MONDAY_17))

    def test_on_friday_evening_it_opens_on_monday_and_closed_that_afternoon(self):
        friday_18 = MONDAY_17 - 3 * DAY + timedelta(hours=1)
        self.assertEqual(self._opens(friday_18), MONDAY_9)
        self.assertEqual(self.team._social_care_last_closing(friday_18), MONDAY_17 - 3 * DAY)

    def test_while_open_the_next_opening_is_tomorrows_and_the_last_closing_fridays(self):
        self.assertEqual(self._opens(MONDAY_10), MONDAY_9 + DAY)
        self.assertEqual(self.team._social_care_last_closing(MONDAY_10), MONDAY_17 - 3 * DAY)

    def test_over_lunch_it_is_closed(self):
        self._use("Split", "Europe/Madrid", [(9, 14), (16, 19)])
        monday_15 = MONDAY_10 + timedelta(hours=5)
        self.assertFalse(self.team._social_care_is_open(monday_15))
        self.assertEqual(self._opens(monday_15), MONDAY_10 + timedelta(hours=6))
        self.assertEqual(
            self.team._social_care_last_closing(monday_15), MONDAY_10 + timedelta(hours=4)
        )

    def test_mornings_and_afternoons_that_touch_are_one_opening(self):
        self._use("Through", "Europe/Madrid", [(9, 13), (13, 17)])
        self.assertEqual(self._opens(MONDAY_10), MONDAY_9 + DAY)

    def test_a_holiday_on_monday_and_tuesday_opens_on_wednesday(self):
        self._holiday(17, 18)
        self.assertFalse(self.team._social_care_is_open(MONDAY_10))
        self.assertEqual(self._opens(MONDAY_10), MONDAY_9 + 2 * DAY)
        self.assertEqual(self.team._social_care_last_closing(MONDAY_10), MONDAY_17 - 3 * DAY)

    def test_a_holiday_of_an_employee_or_of_another_company_does_not_close(self):
        self._holiday(17, 17, resource_id=self.env["resource.resource"].create({"name": "Ana"}).id)
        other = self.env["res.company"].create({"name": "Other"})
        self._holiday(17, 17, calendar_id=False, company=other)
        self.assertTrue(self.team._social_care_is_open(MONDAY_10))

    def test_a_holiday_without_a_calendar_closes(self):
        self._holiday(17, 17, calendar_id=False)
        self.assertFalse(self.team._social_care_is_open(MONDAY_10))

    def test_around_the_clock_never_closes_and_opens_at_midnight_after_a_holiday(self):
        self._use("Always", "Europe/Madrid", [(0, 24)], days=range(7))
        midnight = datetime(2026, 8, 17, 22, 0)
        self.assertTrue(self.team._social_care_is_open(midnight - timedelta(microseconds=1)))
        self.assertFalse(self._opens(MONDAY_10))
        self.assertFalse(self.team._social_care_last_closing(MONDAY_10))
        self._holiday(17, 17)
        self.assertEqual(self._opens(MONDAY_10), midnight)

    def test_a_season_of_half_a_year_away_is_found(self):
        self._holiday(1, 31, date_to=datetime(2027, 2, 1, 22, 59, 59))  # winter: one hour to UTC
        self.assertEqual(self._opens(MONDAY_10), datetime(2027, 2, 2, 8, 0))

    def test_without_working_time_it_is_never_open(self):
        self._use("Empty", "Europe/Madrid", [])
        self.assertFalse(self.team._social_care_is_open(MONDAY_10))
        self.assertFalse(self._opens(MONDAY_10))
        self.assertFalse(self.team._social_care_last_closing(MONDAY_10))

    def test_a_flexible_week_of_40_hours_is_monday_to_friday_around_noon(self):
        self._use("Flexible", "Europe/Madrid", [])
        self.team.resource_calendar_id.write(
            {"flexible_hours": True, "full_time_required_hours": 40, "hours_per_day": 8}
        )
        monday_8 = MONDAY_9 - timedelta(hours=1)
        for days in range(5):
            self.assertTrue(self.team._social_care_is_open(monday_8 + days * DAY))
        saturday_noon = MONDAY_10 + timedelta(hours=2) + 5 * DAY
        self.assertFalse(self.team._social_care_is_open(saturday_noon))
        self.assertEqual(self._opens(saturday_noon), monday_8 + 7 * DAY)

    def test_the_night_the_clocks_go_back_shifts_the_opening_in_utc(self):
        saturday = datetime(2026, 10, 24, 18, 0)  # Saturday 20:00 in summer time
        self.assertEqual(self._opens(saturday), datetime(2026, 10, 26, 8, 0))  # 9:00 in winter

    def test_a_shift_over_the_hour_that_comes_twice_lasts_an_hour_longer(self):
        self._use("Nights", "Europe/Madrid", [(0, 6)], days=[6])
        night = self.team._social_care_opening_hours(*[datetime(2026, 10, 25)] * 2)
        # Sunday 25 October, 0:00 in summer time to 6:00 in winter time: seven hours.
        self.assertEqual(
            night.intervals, ((datetime(2026, 10, 24, 22, 0), datetime(2026, 10, 25, 5, 0)),)
        )

    def test_a_half_hour_zone_and_one_behind_utc(self):
        self._use("Kolkata", "Asia/Kolkata", [(9, 17)])
        self.assertEqual(self._opens(datetime(2026, 8, 16, 12, 0)), datetime(2026, 8, 17, 3, 30))
        self._use("Mexico", "America/Mexico_City", [(9, 17)])
        # Sunday 23:00 in Mexico is Monday in UTC already.
        self.assertEqual(self._opens(datetime(2026, 8, 17, 5, 0)), datetime(2026, 8, 17, 15, 0))

    def test_a_team_without_hours_has_its_companys(self):
        self.team.resource_calendar_id = False
        self.env.company.resource_calendar_id = self.calendar
        self.assertEqual(self._opens(MONDAY_10), MONDAY_9 + DAY)

    def test_an_agent_may_ask_and_a_question_takes_two_queries(self):
        team = self.team.with_user(self.agent)
        team._social_care_is_open(MONDAY_10)
        with self.assertQueryCount(2):
            self.assertTrue(team._social_care_is_open(MONDAY_10))

    def test_times_that_overlap_or_are_empty_are_put_in_order(self):
        hour = timedelta(hours=1)
        hours = OpeningHours.build(
            [
                (MONDAY_10 + hour, MONDAY_10 + 3 * hour),
                (MONDAY_10, MONDAY_10 + 2 * hour),
                (MONDAY_17, MONDAY_17),
            ]
        )
        self.assertEqual(hours.intervals, ((MONDAY_10, MONDAY_10 + 3 * hour),))
