from datetime import timedelta

from freezegun import freeze_time

from odoo import Command

from .clock_common import ClockCommon, at, words


class TestReplan(ClockCommon):
    """Deadlines stay true when teams, policies, working hours and holidays change."""

    def setUp(self):
        super().setUp()
        self.ticket = self._say("2026-08-21 17:00").ticket_id  # a Friday; due Monday 10:00
        self.row = self.ticket.ticket_sla_ids

    def _replan(self, local="2026-08-21 17:10"):
        with freeze_time(at(local)):
            self._run_cron("ir_cron_replan")

    def _notes(self, ticket=None):
        return self._chatter(ticket or self.ticket).count("no longer by")

    def _second_team(self, hours=((12, 20),), **values):
        calendar = self._create_calendar("Second", "Europe/Madrid", hours)
        return self.env["helpdesk.ticket.team"].create(
            {"name": "Second", "use_sla": True, "resource_calendar_id": calendar.id, **values}
        )

    def test_before_anything_changes(self):
        self.assertEqual(words(self.row.deadline), "Monday 10:00")
        self.assertFalse(self.row.social_replan_at)

    def test_a_holiday_moves_the_deadline_and_says_so(self):
        self._holiday("2026-08-24 00:00", "2026-08-24 23:59:59")
        self.assertTrue(self.row.social_replan_at)
        self._replan()
        self.assertEqual(words(self.row.deadline), "Tuesday 10:00")
        self.assertEqual(self.ticket.social_deadline, self.row.deadline)
        self.assertFalse(self.row.social_replan_at)
        self.assertEqual(self._notes(), 1)

    def test_the_note_is_in_the_companys_language_and_the_calendars_time(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.env.company.partner_id.lang = "es_ES"
        self.env.user.write({"lang": "en_US", "tz": "Asia/Tokyo"})
        self._holiday("2026-08-24 00:00", "2026-08-24 23:59:59")
        self._replan()
        note = self.ticket.message_ids[0].body
        self.assertIn("25/8/26, 10:00", note)
        self.assertIn("24/8/26, 10:00", note)

    def test_a_cancelled_holiday_moves_it_back(self):
        holiday = self._holiday("2026-08-24 00:00", "2026-08-24 23:59:59")
        self._replan()
        holiday.unlink()
        self._replan()
        self.assertEqual(words(self.row.deadline), "Monday 10:00")

    def test_a_moved_holiday(self):
        holiday = self._holiday("2026-08-24 00:00", "2026-08-24 23:59:59")
        self._replan()
        holiday.write({"date_from": at("2026-08-25 00:00"), "date_to": at("2026-08-25 23:59")})
        self._replan()
        self.assertEqual(words(self.row.deadline), "Monday 10:00")

    def test_a_holiday_of_no_calendar_counts_for_its_company(self):
        self._holiday("2026-08-24 00:00", "2026-08-24 23:59:59", calendar_id=False)
        self._replan()
        self.assertEqual(words(self.row.deadline), "Tuesday 10:00")

    def test_what_does_not_touch_it_marks_nothing(self):
        self._holiday("2026-08-26 00:00", "2026-08-26 23:59")  # after the deadline
        self._holiday("2026-08-20 00:00", "2026-08-20 23:59")  # before the start
        other = self.env["res.company"].create({"name": "Other"})
        self._holiday("2026-08-24 00:00", "2026-08-24 23:59", company=other, calendar_id=False)
        marta = self.env["resource.resource"].create(
            {"name": "Marta", "calendar_id": self.calendar.id}
        )
        self._holiday("2026-08-24 00:00", "2026-08-24 23:59", resource_id=marta.id)
        self._create_calendar("Nobody's", "UTC", [(1, 2)]).tz = "Asia/Tokyo"
        self.assertFalse(self.row.social_replan_at)

    def test_later_hours_move_it(self):
        self.calendar.attendance_ids.filtered(lambda line: line.dayofweek == "0").hour_from = 11
        self._replan()
        self.assertEqual(words(self.row.deadline), "Monday 12:00")

    def test_a_shift_taken_out_moves_it(self):
        self.calendar.attendance_ids.filtered(lambda line: line.dayofweek == "0").unlink()
        self._replan()
        self.assertEqual(words(self.row.deadline), "Tuesday 10:00")

    def test_a_whole_new_week_is_planned_once(self):
        self.calendar.attendance_ids = [
            Command.clear(),
            *(
                Command.create({"name": "Late", "dayofweek": day, "hour_from": 14, "hour_to": 20})
                for day in ("0", "4")
            ),
        ]
        self._replan()
        self.assertEqual(words(self.row.deadline), "Friday 19:00")
        self.assertEqual(self._notes(), 1)

    def test_another_time_zone_moves_it(self):
        self.calendar.tz = "Atlantic/Canary"  # an hour later
        self._replan()
        self.assertEqual(words(self.row.deadline), "Friday 19:00")

    def test_another_calendar_of_the_team_moves_it(self):
        self.team.resource_calendar_id = self._create_calendar("Late", "Europe/Madrid", [(12, 20)])
        self._replan()
        self.assertEqual(words(self.row.deadline), "Friday 19:00")

    def test_the_companys_calendar_counts_for_teams_without_one(self):
        self.team.resource_calendar_id = False
        late = self._create_calendar("Late", "Europe/Madrid", [(12, 20)])
        self.env.company.resource_calendar_id = late
        self._replan()
        self.assertEqual(words(self.row.deadline), "Friday 19:00")
        late.tz = "Atlantic/Canary"
        self.assertTrue(self.row.social_replan_at)

    def test_the_companys_calendar_does_not_touch_teams_with_one(self):
        late = self._create_calendar("Late", "Europe/Madrid", [(12, 20)])
        self.env.company.resource_calendar_id = late
        self.assertFalse(self.row.social_replan_at)

    def test_another_team_moves_it_at_once(self):
        with freeze_time(at("2026-08-21 17:10")):
            self.ticket.with_user(self.agent).sudo().team_id = self._second_team()
        self.assertEqual(words(self.row.deadline), "Friday 19:00")
        self.assertEqual(self._notes(), 1)

    def test_another_team_may_have_another_promise(self):
        team = self._second_team()
        strict = self.env["helpdesk.sla"].create(
            {
                "name": "Strict",
                "social_target": "first_response",
                "hours": 1,
                "team_ids": team.ids,
            }
        )
        with freeze_time(at("2026-08-21 17:10")):
            self.ticket.team_id = team
        self.assertEqual((self.row.sla_id, words(self.row.deadline)), (strict, "Friday 18:00"))

    def test_a_team_without_promises_ends_the_clock(self):
        with freeze_time(at("2026-08-21 17:10")):
            self.ticket.team_id = self._second_team(use_sla=False)
        self.assertEqual(self.row.state, "cancelled")
        self.assertIn("No promise applies any longer", self._chatter(self.ticket))

    def test_sla_switched_off_ends_the_team_s_clocks(self):
        self.team.use_sla = False
        self._replan()
        self.assertEqual(self.row.state, "cancelled")
        self.assertFalse(self.ticket.social_deadline)
        with freeze_time(at("2026-08-24 12:00")):
            self.assertFalse(self.env["helpdesk.ticket.sla"]._social_care_watch())

    def test_a_filter_that_no_longer_takes_the_ticket_ends_its_clock(self):
        self.policy.domain = "[('priority', '=', '3')]"
        self._replan()
        self.assertEqual(self.row.state, "cancelled")

    def test_a_filter_that_still_takes_the_ticket_leaves_its_clock(self):
        self.policy.domain = "[('priority', '!=', '3')]"
        self._holiday("2026-08-24 00:00", "2026-08-24 23:59:59")
        self._replan()
        self.assertEqual(
            (self.row.state, words(self.row.deadline)), ("in_progress", "Tuesday 10:00")
        )

    def test_a_question_that_turns_out_a_complaint_is_due_earlier(self):
        self.env["helpdesk.sla"].create(
            {
                "name": "Complaint",
                "social_target": "first_response",
                "social_minutes": 30,
                "social_intent": "complaint",
            }
        )
        with freeze_time(at("2026-08-21 17:10")):
            self.ticket.with_user(self.agent).social_intent = "complaint"
        self.assertEqual(words(self.row.deadline), "Friday 17:30")

    def test_hours_and_minutes_of_the_policy(self):
        self.policy.hours = 3
        self._replan()
        self.assertEqual(words(self.row.deadline), "Monday 11:00")
        self.policy.social_minutes = 30
        self._replan()
        self.assertEqual(words(self.row.deadline), "Monday 11:30")

    def test_where_the_policy_gets_longer_the_next_strictest_wins(self):
        self.env["helpdesk.sla"].create(
            {"name": "Three", "social_target": "first_response", "hours": 3}
        )
        self.policy.hours = 8
        self._replan()
        self.assertEqual(
            (self.row.sla_id.name, words(self.row.deadline)), ("Three", "Monday 11:00")
        )

    def test_an_archived_policy_gives_way_to_the_next_strictest(self):
        self.env["helpdesk.sla"].create(
            {"name": "Three", "social_target": "first_response", "hours": 3}
        )
        self.policy.active = False
        self._replan()
        self.assertEqual(
            (self.row.sla_id.name, words(self.row.deadline)), ("Three", "Monday 11:00")
        )

    def test_an_archived_policy_without_successor_ends_the_clock(self):
        self.policy.active = False
        self._replan()
        self.assertEqual(self.row.state, "cancelled")
        self.assertFalse(self.ticket.social_deadline)

    def test_a_new_ignored_stage_pauses_who_is_in_it(self):
        self.policy.ignore_stage_ids = self.stage_new
        self._replan("2026-08-21 17:30")
        self.assertEqual((self.row.state, self.row.consumed_time), ("on_hold", 0.5))
        self.policy.ignore_stage_ids = False
        self._replan("2026-08-24 15:00")
        self.assertEqual(words(self.row.deadline), "Monday 16:30")

    def test_what_was_used_up_before_a_pause_stays(self):
        self.policy.ignore_stage_ids = self.stage_waiting
        self._move("2026-08-21 17:30", self.ticket, self.stage_waiting)
        self._move("2026-08-24 09:00", self.ticket, self.stage_progress)
        self._holiday("2026-08-24 09:00", "2026-08-24 12:00")
        self._replan("2026-08-24 09:05")
        self.assertEqual(words(self.row.deadline), "Monday 13:30")

    def test_without_working_time_it_stands_still_and_goes_on_later(self):
        lines = self.calendar.attendance_ids
        copies = [line._copy_attendance_vals() for line in lines]
        lines.unlink()
        self._replan()
        self.assertEqual((self.row.state, self.row.deadline), ("on_hold", False))
        self.assertIn("there is no working time", self._chatter(self.ticket))
        self.assertIn("no working time", self.team.social_warning)
        self.calendar.attendance_ids = [Command.create(values) for values in copies]
        self._replan()
        self.assertEqual(
            (self.row.state, words(self.row.deadline)), ("in_progress", "Monday 10:00")
        )

    def test_closed_and_opened_again_without_working_time_it_stands_still(self):
        self.calendar.attendance_ids.unlink()
        self._replan()
        self._move("2026-08-21 17:30", self.ticket, self.stage_done)
        self._move("2026-08-21 17:40", self.ticket, self.stage_progress)
        self.assertEqual((self.row.state, self.row.deadline), ("on_hold", False))

    def test_a_pause_while_there_is_no_working_time(self):
        """The hours come back during the pause, from Friday 17:30 to Monday 15:00."""
        self.policy.ignore_stage_ids = self.stage_waiting
        lines = self.calendar.attendance_ids
        copies = [line._copy_attendance_vals() for line in lines]
        lines.unlink()
        self._replan("2026-08-21 17:30")
        self._move("2026-08-21 17:30", self.ticket, self.stage_waiting)
        self.calendar.attendance_ids = [Command.create(values) for values in copies]
        self._replan("2026-08-21 17:40")
        self.assertEqual(self.row.state, "on_hold")
        self._move("2026-08-24 15:00", self.ticket, self.stage_progress)
        self.assertEqual(
            (self.row.state, words(self.row.deadline)), ("in_progress", "Monday 17:00")
        )

    def test_answered_and_cancelled_clocks_are_left_alone(self):
        self._reply_at("2026-08-21 17:05", self.ticket.social_mention_ids)
        deadline = self.row.deadline
        self._holiday("2026-08-24 00:00", "2026-08-24 23:59:59")
        self.assertFalse(self.row.social_replan_at)
        self._replan()
        self.assertEqual((self.row.state, self.row.deadline), ("accomplished", deadline))

    def test_a_bad_clock_does_not_hold_up_the_others(self):
        second = self._say("2026-08-21 17:00", "2", who="bo").ticket_id
        broken = self.row
        rows_class = self.env.registry["helpdesk.ticket.sla"]
        plan = rows_class._social_care_replan

        def fail_on_one(rows, *args, **kwargs):
            if broken.id in rows.ids:
                raise ValueError("broken")
            return plan(rows, *args, **kwargs)

        self.patch(rows_class, "_social_care_replan", fail_on_one)
        self._holiday("2026-08-24 00:00", "2026-08-24 23:59:59")
        with self.assertLogs("odoo.addons.social_care.models.social_care_queue", "ERROR"):
            self._replan()
        self.assertEqual(words(second.ticket_sla_ids.deadline), "Tuesday 10:00")

    def test_a_hundred_clocks_take_as_many_queries_as_ten(self):
        counts = []
        for count in (10, 100):
            start = at("2026-08-21 17:00")
            items = [
                self._mention(
                    f"{count}-{n}", who=f"{count}-{n}", posted_at=start + timedelta(seconds=n)
                )
                for n in range(count)
            ]
            with freeze_time(start + timedelta(minutes=5)):
                rows = self._receive(*items).ticket_id.ticket_sla_ids
            holiday = self._holiday("2026-08-24 00:00", "2026-08-24 12:00")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with freeze_time(start + timedelta(minutes=10)):
                rows.browse(rows.ids)._social_care_replan()
                self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            due = {row.deadline - row.social_started_at for row in rows}
            self.assertEqual(due, {at("2026-08-24 13:00") - start})
            self.assertEqual(len({row.social_alarm_at for row in rows}), count)
            holiday.unlink()
        self.assertLessEqual(counts[1], counts[0] + 5)

    def test_the_warning_moves_along(self):
        self.assertEqual(words(self.row.social_alarm_at), "Monday 09:30")
        self._holiday("2026-08-24 00:00", "2026-08-24 23:59:59")
        self._replan()
        self.assertEqual(words(self.row.social_alarm_at), "Tuesday 09:30")

    def test_marking_takes_one_query_and_an_idle_pass_one(self):
        self.row.social_replan_at = at("2026-08-21 17:10")
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.env["helpdesk.ticket.sla"]._social_care_mark_calendars(self.calendar)
