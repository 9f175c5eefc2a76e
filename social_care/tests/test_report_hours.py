from odoo import Command

from .clock_common import ClockCommon, at


class TestReportHours(ClockCommon):
    """Who wrote while somebody was there, and what was promised them, in the analysis.

    Team Care works Monday to Friday 9 to 18 in Madrid. August 2026; Monday is the 17th.
    """

    def _opening(self, local, **values):
        mention = self._say(local, local, who=local, **values)
        self.env.flush_all()
        row = self.env["social.care.report"].search([("mention_id", "=", mention.id)])
        # The same as the team says of itself
        hours = self.account._get_opening_hours(mention.posted_at, mention.posted_at)
        self.assertEqual(row.opening == "in", hours.is_open(mention.posted_at))
        return row.opening

    def test_the_minute_of_opening_is_in_and_that_of_closing_is_out(self):
        self.assertEqual(self._opening("2026-08-17 08:59"), "out")
        self.assertEqual(self._opening("2026-08-17 09:00"), "in")
        self.assertEqual(self._opening("2026-08-17 17:59"), "in")
        self.assertEqual(self._opening("2026-08-17 18:00"), "out")
        self.assertEqual(self._opening("2026-08-23 12:00"), "out")  # Sunday

    def test_the_hours_are_those_of_the_teams_zone_in_summer_and_winter(self):
        self.assertEqual(self._opening("2026-08-17 07:30", zone="UTC"), "in")
        self.assertEqual(self._opening("2026-11-16 07:30", zone="UTC"), "out")
        self.assertEqual(self._opening("2026-11-16 08:30", zone="UTC"), "in")

    def test_a_holiday_is_closed_and_that_of_another_company_is_not(self):
        boreal = self.env["res.company"].create({"name": "Boreal"})
        self._holiday("2026-08-18 00:00", "2026-08-18 23:59:59")
        self._holiday("2026-08-19 00:00", "2026-08-19 23:59", company=boreal, calendar_id=False)
        self.assertEqual(self._opening("2026-08-18 12:00"), "out")
        self.assertEqual(self._opening("2026-08-19 12:00"), "in")

    def test_any_team_of_the_account_opens_it(self):
        late = self.team.copy({"name": "Late", "user_ids": False})
        late.resource_calendar_id = self._create_calendar(
            "Kyiv 18-24", "Europe/Kyiv", [(18, 24)], days=range(7)
        )
        self.account.team_line_ids = [Command.create({"team_id": late.id})]
        self.assertEqual(self._opening("2026-08-23 22:59"), "in")  # 23:59 in Kyiv
        self.assertEqual(self._opening("2026-08-23 23:00"), "out")
        late.active = False
        self.assertEqual(self._opening("2026-08-23 20:00"), "out")

    def test_the_companys_hours_are_those_of_a_team_without_its_own(self):
        self.team.resource_calendar_id = False
        self.env.company.resource_calendar_id = self._create_calendar(
            "Sundays", "Europe/Madrid", [(10, 12)], days=[6]
        )
        self.assertEqual(self._opening("2026-08-17 11:00"), "out")
        self.assertEqual(self._opening("2026-08-23 11:00"), "in")

    def test_of_two_weeks_in_turn(self):
        self.calendar.switch_calendar_type()
        lines = self.calendar.attendance_ids.filtered(lambda line: line.week_type == "1")
        lines.filtered(lambda line: line.dayofweek == "0" and not line.display_type).unlink()
        mondays = [self._opening(f"2026-08-{day} 11:00") for day in ("03", "10", "17", "24")]
        self.assertEqual(sorted(mondays[:2]), ["in", "out"])
        self.assertEqual(mondays[:2], mondays[2:])

    def test_what_was_promised_stands_beside_the_first_response(self):
        self.policy.write({"days": 1, "hours": 2, "social_minutes": 30})
        self._next_response()
        ana = self._say("2026-08-17 10:00", "1", who="ana")
        self._say("2026-08-17 10:05", "2", who="ana")
        self._reply_at("2026-08-17 11:00", ana)
        closed = self._say("2026-08-17 12:00", "3", who="bo").ticket_id
        self._move("2026-08-17 12:30", closed, self.stage_done)
        self.env.flush_all()
        rows = self.env["social.care.report"].search([], order="posted_at")
        # A working day of nine hours, and two and a half; called off for Bo
        self.assertEqual(rows.mapped("promised_hours"), [11.5, 0, 0])
        [figures] = rows._read_group([], [], ["promised_hours:avg", "first_response_hours:avg"])
        self.assertEqual(figures, (11.5, 1.0))
        self.assertEqual(ana.posted_at, at("2026-08-17 10:00"))
