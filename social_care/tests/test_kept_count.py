from freezegun import freeze_time

from odoo.tools import SQL

from .clock_common import WaitingCommon, at


class TestKeptCount(WaitingCommon):
    """What a ticket says of its promises is what a count of them by hand gives, whatever happens.

    Ana wrote on Monday at 10:00 and was promised a first response within two hours; for each
    further message an hour is promised.
    """

    def setUp(self):
        super().setUp()
        self._next_response()
        self.env.flush_all()  # what a test changes must be counted anew

    def _check(self, kept, missed, ticket=None):
        self.env.flush_all()
        ticket = ticket or self.ticket
        self.assertEqual((ticket.social_kept_count, ticket.social_missed_count), (kept, missed))
        wrong = self.env.execute_query(
            SQL(
                """SELECT t.id
                     FROM helpdesk_ticket t
                     LEFT JOIN helpdesk_ticket_sla s
                            ON s.ticket_id = t.id AND s.social_started_at IS NOT NULL
                 GROUP BY t.id
                   HAVING COALESCE(t.social_kept_count, 0)
                          != COUNT(*) FILTER (WHERE s.state = 'accomplished')
                       OR COALESCE(t.social_missed_count, 0)
                          != COUNT(*) FILTER (WHERE s.state = 'expired'
                             OR s.state = 'in_progress' AND s.social_breached_at IS NOT NULL)"""
            )
        )
        self.assertFalse(wrong)

    def _watch(self, local):
        with freeze_time(at(local)):
            self.env["helpdesk.ticket.sla"]._social_care_watch()

    def test_what_waits_is_neither(self):
        self._check(0, 0)

    def test_answered_in_time(self):
        self._reply_at("2026-08-17 11:00", self.mention)
        self._check(1, 0)

    def test_answered_late(self):
        self._reply_at("2026-08-17 12:30", self.mention)
        self._check(0, 1)

    def test_a_breach_counts_when_it_is_seen_and_not_again_with_the_late_answer(self):
        self._watch("2026-08-17 11:45")
        self._check(0, 0)
        self._watch("2026-08-17 12:01")
        self._check(0, 1)
        self._reply_at("2026-08-17 12:30", self.mention)
        self._check(0, 1)

    def test_each_promise_counts(self):
        self._reply_at("2026-08-17 11:00", self.mention)
        self._reply_at("2026-08-17 14:30", self._say("2026-08-17 14:00", "2"))
        self._reply_at("2026-08-17 17:30", self._say("2026-08-17 16:00", "3"))
        self._check(2, 1)

    def test_an_answer_from_before_the_question_keeps_no_promise(self):
        """Read late: it was given on the network at 10:45, and the next question came at 11:00."""
        self._reply_at("2026-08-17 10:30", self.mention)
        self._say("2026-08-17 11:00", "2", parent_external_id="1")
        self._reply_at("2026-08-17 10:45", self.mention, origin="network")
        self._check(1, 0)

    def test_a_deadline_moved_ahead_is_not_missed_yet(self):
        self._watch("2026-08-17 12:01")
        with freeze_time(at("2026-08-17 12:05")):
            self.row.deadline = at("2026-08-17 17:00")
        self._check(0, 0)

    def test_a_longer_promise_is_not_missed_yet(self):
        self._watch("2026-08-17 12:01")
        with freeze_time(at("2026-08-17 12:05")):
            self.policy.hours = 6
            self._run_cron("ir_cron_replan")
        self._check(0, 0)

    def test_a_pause_is_neither(self):
        self.policy.ignore_stage_ids = self.stage_waiting
        self._move("2026-08-17 11:00", self.ticket, self.stage_waiting)
        self.assertEqual(self.row.state, "on_hold")
        self._check(0, 0)

    def test_closed_without_an_answer_in_time_is_neither(self):
        self._move("2026-08-17 11:30", self.ticket, self.stage_done)
        self.assertEqual(self.row.state, "cancelled")
        self._check(0, 0)

    def test_closed_without_an_answer_late_stays_missed(self):
        self._watch("2026-08-17 12:01")
        self._move("2026-08-17 12:30", self.ticket, self.stage_done)
        self.assertEqual(self.row.state, "expired")
        self._check(0, 1)

    def test_closed_reopened_and_answered(self):
        self._move("2026-08-17 10:30", self.ticket, self.stage_done)
        self._reply_at("2026-08-17 11:30", self._say("2026-08-17 11:00", "2"))
        self._check(1, 0)

    def test_a_team_without_promises_calls_off_what_is_not_late(self):
        team = self.team.copy({"name": "No promises", "use_sla": False})
        with freeze_time(at("2026-08-17 11:30")):
            self.ticket.team_id = team
        self._check(0, 0)

    def test_a_team_without_promises_leaves_what_was_late_missed(self):
        self._watch("2026-08-17 12:01")
        with freeze_time(at("2026-08-17 12:05")):
            self.ticket.team_id = self.team.copy({"name": "No promises", "use_sla": False})
        self._check(0, 1)

    def test_merged_they_go_along(self):
        self._reply_at("2026-08-17 11:00", self.mention)
        other = self._say("2026-08-17 11:30", "2", who="bo").ticket_id
        with freeze_time(at("2026-08-17 11:40")):
            self.ticket._social_care_merge_into(other)
        self._check(0, 0)
        self._check(1, 0, other)

    def test_written_by_a_script(self):
        self.row.sudo().state = "expired"
        self._check(0, 1)

    def test_removed_with_the_promise(self):
        self._reply_at("2026-08-17 11:00", self.mention)
        self.row.unlink()
        self._check(0, 0)

    def test_a_stage_that_was_reached_is_no_promise_to_the_customer(self):
        stage = self.env["helpdesk.sla"].create(
            {"name": "Stage", "hours": 8, "stage_id": self.stage_progress.id}
        )
        ticket = self._say("2026-08-17 11:30", "2", who="bo").ticket_id
        self._move("2026-08-17 11:40", ticket, self.stage_progress)
        reached = ticket.ticket_sla_ids.filtered(lambda row: row.sla_id == stage)
        self.assertEqual(reached.state, "accomplished")
        self._check(0, 0, ticket)
