from freezegun import freeze_time

from .clock_common import ClockCommon, at, words


class TestPauses(ClockCommon):
    """In a policy's ignored stages the clock stands still, keeping what is used up."""

    def setUp(self):
        super().setUp()
        self.policy.ignore_stage_ids = self.stage_waiting

    def test_from_11_to_15_of_a_two_hours_promise_ends_at_16_instead_of_12(self):
        mention = self._say("2026-08-17 10:00")
        ticket, row = mention.ticket_id, mention.ticket_id.ticket_sla_ids
        self._move("2026-08-17 11:00", ticket, self.stage_waiting)
        self.assertEqual((row.state, row.consumed_time), ("on_hold", 1))
        self.assertFalse(ticket.social_deadline)
        self._move("2026-08-17 15:00", ticket, self.stage_progress)
        self.assertEqual(row.state, "in_progress")
        self.assertEqual(words(row.deadline), "Monday 16:00")
        self.assertEqual(ticket.social_deadline, row.deadline)

    def test_a_pause_over_the_night_and_a_second_one(self):
        ticket = self._say("2026-08-17 17:00").ticket_id
        row = ticket.ticket_sla_ids
        self._move("2026-08-17 17:30", ticket, self.stage_waiting)
        self._move("2026-08-18 10:00", ticket, self.stage_progress)
        self.assertEqual(words(row.deadline), "Tuesday 11:30")
        self._move("2026-08-18 10:30", ticket, self.stage_waiting)
        self.assertEqual(row.consumed_time, 1)
        self._move("2026-08-18 17:30", ticket, self.stage_new)
        self.assertEqual(words(row.deadline), "Wednesday 09:30")

    def test_badge_filter_and_report_agree_that_nothing_is_late(self):
        ticket = self._say("2026-08-17 10:00").ticket_id
        self._move("2026-08-17 11:00", ticket, self.stage_waiting)
        with freeze_time(at("2026-08-17 15:00")):
            ticket.invalidate_recordset()
            self.assertFalse(ticket.sla_expired)
            self.assertFalse(ticket.sla_deadline)
            self.assertEqual(ticket.ticket_sla_ids.color, 0)
            self.assertNotIn(ticket, ticket.search([("sla_expired", "=", True)]))
            report = self.env["helpdesk.sla.report"].search([("ticket_id", "=", ticket.id)])
            self.assertEqual(report.state, "on_going")

    def test_working_hours_taken_leave_the_pause_out_and_the_wait_does_not(self):
        mention = self._say("2026-08-17 10:00")
        row = mention.ticket_id.ticket_sla_ids
        self._move("2026-08-17 11:00", mention.ticket_id, self.stage_waiting)
        self._move("2026-08-17 15:00", mention.ticket_id, self.stage_progress)
        self._reply_at("2026-08-17 15:30", mention)
        self.assertEqual(row.state, "accomplished")
        self.assertEqual((row.social_elapsed_hours, row.social_wait_hours), (1.5, 5.5))
        self.assertEqual(mention.ticket_id.social_first_response_hours, 1.5)
        self.assertEqual(mention.ticket_id.social_first_response_wait_hours, 5.5)

    def test_an_answer_during_the_pause_is_in_time(self):
        mention = self._say("2026-08-17 10:00")
        row = mention.ticket_id.ticket_sla_ids
        self._move("2026-08-17 11:00", mention.ticket_id, self.stage_waiting)
        self._reply_at("2026-08-17 15:00", mention)
        self.assertEqual((row.state, row.social_elapsed_hours), ("accomplished", 1))

    def test_an_answer_settled_after_a_pause_that_began_later_than_it(self):
        mention = self._say("2026-08-17 10:00")
        row = mention.ticket_id.ticket_sla_ids
        self._move("2026-08-17 11:00", mention.ticket_id, self.stage_waiting)
        self._reply_at("2026-08-17 10:30", mention)
        self.assertEqual(row.social_elapsed_hours, 0.5)

    def test_a_missed_promise_does_not_pause(self):
        ticket = self._say("2026-08-17 10:00").ticket_id
        row = ticket.ticket_sla_ids
        self._move("2026-08-17 12:30", ticket, self.stage_waiting)
        self.assertEqual((row.state, words(row.deadline)), ("in_progress", "Monday 12:00"))

    def test_a_clock_that_begins_in_an_ignored_stage_is_paused(self):
        self.policy.ignore_stage_ids = self.stage_new
        ticket = self._say("2026-08-17 10:00").ticket_id
        self.assertEqual(ticket.ticket_sla_ids.state, "on_hold")
        self._move("2026-08-17 15:00", ticket, self.stage_progress)
        self.assertEqual(words(ticket.ticket_sla_ids.deadline), "Monday 17:00")

    def test_a_customer_who_writes_again_is_not_left_waiting_for_themselves(self):
        ticket = self._say("2026-08-17 10:00").ticket_id
        self._move("2026-08-17 11:00", ticket, self.stage_waiting)
        self._say("2026-08-17 15:00", "2", body="The number is 4711", parent_external_id="1")
        self.assertEqual(ticket.stage_id, self.stage_progress)
        self.assertEqual(words(ticket.social_deadline), "Monday 16:00")

    def test_thanks_leave_the_ticket_where_it_is(self):
        ticket = self._say("2026-08-17 10:00").ticket_id
        self._move("2026-08-17 11:00", ticket, self.stage_waiting)
        self._say("2026-08-17 15:00", "2", body="Thanks!", parent_external_id="1")
        self.assertEqual(ticket.stage_id, self.stage_waiting)

    def test_the_helpdesks_own_clock_pauses_as_ever(self):
        self.env["helpdesk.sla"].create(
            {
                "name": "Done in 4 h",
                "hours": 4,
                "stage_id": self.stage_done.id,
                "ignore_stage_ids": self.stage_waiting.ids,
            }
        )
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "By phone", "description": "x", "team_id": self.team.id}
        )
        states = []
        for stage in (self.stage_waiting, self.stage_progress, self.stage_done):
            ticket.stage_id = stage
            states.append(ticket.ticket_sla_ids.state)
        self.assertEqual(states, ["on_hold", "in_progress", "accomplished"])
