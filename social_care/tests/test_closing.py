from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user

from .clock_common import WaitingCommon, at, words


class TestClosing(WaitingCommon):
    """Closing what nobody answered takes a reason, and never fails for want of one."""

    def setUp(self):
        super().setUp()
        self.spam = self.env.ref("social_care.reason_spam")
        self.default = self.env.ref("social_care.reason_unanswered")

    def _close(self, tickets, local="2026-08-17 11:00", user=None, **values):
        tickets = tickets.with_user(user or self.agent)
        action = tickets.action_social_close()
        with freeze_time(at(local)):
            wizard = (
                self.env[action["res_model"]]
                .with_user(user or self.agent)
                .with_context(**action["context"])
                .create({"reason_id": self.spam.id, **values})
            )
            wizard.action_apply()
            self.env.flush_all()

    def test_the_button_asks_why_and_closes(self):
        self._close(self.ticket, note="A <b>bot</b>")
        self.assertTrue(self.ticket.closed)
        self.assertEqual(self.ticket.social_close_reason_id, self.spam)
        self.assertFalse(self.ticket.social_ask_reason)
        chatter = self._chatter(self.ticket)
        self.assertIn("Spam or advertising", chatter)
        self.assertIn("A &lt;b&gt;bot&lt;/b&gt;", chatter)
        self.assertFalse(self.ticket.social_waiting_since)

    def test_in_time_the_clock_ends_as_neither_kept_nor_missed(self):
        self._close(self.ticket, "2026-08-17 11:30")
        self.assertEqual(self.row.state, "cancelled")
        self.assertEqual((self.row.social_elapsed_hours, self.row.social_wait_hours), (1.5, 1.5))
        self.assertFalse(self.row.social_reached_at)
        self.assertFalse(self.row.social_breached_at)
        with freeze_time(at("2026-08-18 12:00")):
            self.ticket.invalidate_recordset()
            self.assertFalse(self.ticket.sla_expired)
            self.assertFalse(self.ticket.social_deadline)
            self.assertEqual(self.row.color, 0)
            self.assertFalse(self.row.expired)
            self.assertNotIn(self.ticket, self.ticket.search([("sla_expired", "=", True)]))
            report = self.env["helpdesk.sla.report"].search([("ticket_id", "=", self.ticket.id)])
            self.assertFalse(report)

    def test_what_was_late_is_no_longer_to_do(self):
        with freeze_time(at("2026-08-17 10:05")):
            self.ticket.user_id = self.agent
        with freeze_time(at("2026-08-17 12:01")):
            self.env["helpdesk.ticket.sla"]._social_care_watch()
        activities = self.env["mail.activity"].search([("user_id", "=", self.agent.id)])
        self.assertTrue(activities)
        self._close(self.ticket, "2026-08-17 12:30")
        self.assertFalse(activities.exists().filtered("active"))

    def test_many_are_closed_with_one_reason(self):
        second = self._say("2026-08-17 10:00", "2", who="bo").ticket_id
        other = self.env["helpdesk.ticket"].create(
            {"name": "By phone", "description": "x", "team_id": self.team.id}
        )
        both = self.ticket | second | other
        self._close(both)
        self.assertEqual(both.mapped("closed"), [True] * 3)
        self.assertEqual((self.ticket | second).social_close_reason_id, self.spam)
        self.assertFalse(other.social_close_reason_id, "not a social ticket")

    def test_dragging_to_done_goes_through_and_asks_afterwards(self):
        self._move("2026-08-17 11:00", self.ticket, self.stage_done)
        self.assertEqual(self.ticket.social_close_reason_id, self.default)
        self.assertTrue(self.ticket.social_ask_reason)
        self.assertEqual(self.row.state, "cancelled")
        self.assertEqual(self._chatter(self.ticket).count("Closed without an answer"), 1)
        # The notice opens what this gives by itself.
        self.assertTrue(self.ticket.with_user(self.agent).action_social_close()["views"])
        self._close(self.ticket)
        self.assertEqual(self.ticket.social_close_reason_id, self.spam)
        self.assertFalse(self.ticket.social_ask_reason)

    def test_the_form_takes_the_move_too(self):
        with (
            freeze_time(at("2026-08-17 11:00")),
            Form(self.ticket.with_user(self.agent)) as form,
        ):
            form.stage_id = self.stage_done
        self.assertEqual(self.ticket.social_close_reason_id, self.default)
        self.assertEqual((self.row.state, words(self.row.deadline)), ("cancelled", "Monday 12:00"))

    def test_an_answered_ticket_closes_without_a_question(self):
        self._reply_at("2026-08-17 11:00", self.mention)
        self._move("2026-08-17 11:30", self.ticket, self.stage_done)
        self.assertFalse(self.ticket.social_close_reason_id)
        self.assertEqual(self.row.state, "accomplished")

    def test_thanks_alone_close_without_a_question(self):
        thanks = self._say("2026-08-17 10:00", "9", who="eva", body="Thanks!").ticket_id
        self._move("2026-08-17 11:00", thanks, self.stage_done)
        self.assertFalse(thanks.social_close_reason_id)

    def test_a_later_question_left_unanswered_asks_too(self):
        self._next_response()
        self._reply_at("2026-08-17 10:30", self.mention)
        self._say("2026-08-17 11:00", "2", body="And my other bag?", parent_external_id="1")
        self._move("2026-08-17 11:30", self.ticket, self.stage_done)
        self.assertEqual(self.ticket.social_close_reason_id, self.default)
        self.assertEqual(self.ticket.ticket_sla_ids.mapped("state"), ["accomplished", "cancelled"])

    def test_send_and_close_does_not_ask(self):
        self._reply_at("2026-08-17 11:00", self.mention, then_close=True)
        self.assertTrue(self.ticket.closed)
        self.assertFalse(self.ticket.social_close_reason_id)

    def test_an_answer_on_its_way_stops_the_clock_when_it_is_sent(self):
        """Sent at 11:00, dragged to Done before the network had it at 11:02."""
        reply = self._answer(self.mention)
        self._move("2026-08-17 11:01", self.ticket, self.stage_done)
        self.assertFalse(self.ticket.social_close_reason_id)
        self.assertEqual(self.row.state, "in_progress")
        reply.write({"state": "sent", "sent_at": at("2026-08-17 11:02")})
        reply._settle()
        self.assertEqual(
            (self.row.state, words(self.row.social_reached_at)), ("accomplished", "Monday 11:02")
        )

    def test_an_answer_called_off_after_the_closing_was_none(self):
        reply = self._answer(self.mention)
        self._move("2026-08-17 11:01", self.ticket, self.stage_done)
        with freeze_time(at("2026-08-17 11:05")):
            reply.with_user(self.agent).action_cancel()
        self.assertEqual(self.ticket.social_close_reason_id, self.default)
        self.assertFalse(self.ticket.social_waiting_since)
        self.assertEqual(self.row.state, "cancelled")

    def test_of_two_answers_the_other_is_still_on_its_way(self):
        reply, _other = self._answer(self.mention), self._answer(self.mention, "And one more.")
        self._move("2026-08-17 11:01", self.ticket, self.stage_done)
        with freeze_time(at("2026-08-17 11:05")):
            reply.with_user(self.agent).action_cancel()
        self.assertFalse(self.ticket.social_close_reason_id)
        self.assertEqual(self.row.state, "in_progress")

    def test_a_holding_message_on_its_way_is_no_answer(self):
        self.env["social.care.reply"].create(
            {"mention_id": self.mention.id, "kind": "holding", "body": "x", "state": "queued"}
        )
        self._move("2026-08-17 11:01", self.ticket, self.stage_done)
        self.assertEqual(self.ticket.social_close_reason_id, self.default)
        self.assertEqual(self.row.state, "cancelled")

    def test_each_reopening_counts(self):
        for minute in (10, 20, 30):
            self._move(f"2026-08-17 11:{minute}", self.ticket, self.stage_done)
            self._move(f"2026-08-17 11:{minute + 5}", self.ticket, self.stage_progress)
        self.assertEqual(self.ticket.social_reopened_count, 3)

    def test_an_answer_from_outside_that_is_read_after_the_closing_counts(self):
        self._move("2026-08-17 11:05", self.ticket, self.stage_done)
        self._reply_at("2026-08-17 11:00", self.mention, origin="network")
        self.assertEqual((self.row.state, self.row.social_elapsed_hours), ("accomplished", 1))
        self.assertEqual(self.ticket.social_first_response_hours, 1)
        self.assertFalse(self.ticket.social_close_reason_id)
        self.assertTrue(self.ticket.closed)

    def test_dragged_back_the_clock_goes_on_as_if_it_had_not_been_closed(self):
        self._move("2026-08-17 11:00", self.ticket, self.stage_done)
        self._move("2026-08-17 11:05", self.ticket, self.stage_progress)
        self.assertFalse(self.ticket.social_close_reason_id)
        self.assertEqual(self.ticket.social_waiting_since, at("2026-08-17 10:00"))
        self.assertEqual(
            (self.row.state, words(self.row.deadline)), ("in_progress", "Monday 12:00")
        )
        self.assertFalse(self.row.social_elapsed_hours)
        self.assertEqual(len(self.ticket.ticket_sla_ids), 1)

    def test_closed_during_a_pause_and_reopened_the_pause_does_not_count(self):
        self.policy.ignore_stage_ids = self.stage_waiting
        self._move("2026-08-17 11:00", self.ticket, self.stage_waiting)
        self._move("2026-08-17 15:00", self.ticket, self.stage_done)
        self._move("2026-08-17 15:00", self.ticket, self.stage_progress)
        self.assertEqual(words(self.row.deadline), "Monday 16:00")

    def test_an_answered_ticket_reopened_by_hand_has_no_clock(self):
        self._reply_at("2026-08-17 11:00", self.mention)
        self._move("2026-08-17 11:30", self.ticket, self.stage_done)
        self._move("2026-08-17 11:40", self.ticket, self.stage_progress)
        self.assertFalse(self.ticket.social_waiting_since)
        self.assertEqual(self.ticket.ticket_sla_ids.mapped("state"), ["accomplished"])

    def test_a_customer_who_writes_again_starts_a_new_clock(self):
        self._close(self.ticket)
        self._say("2026-08-18 09:30", "2", body="Nobody answered!", parent_external_id="1")
        self.assertFalse(self.ticket.closed)
        self.assertFalse(self.ticket.social_close_reason_id)
        self.assertEqual(self.ticket.social_waiting_since, at("2026-08-18 09:30"))
        self.assertEqual(words(self.ticket.social_deadline), "Tuesday 11:30")
        self.assertEqual(self.row.state, "cancelled", "the first one was called off")

    def test_only_agents_close_so_and_only_what_they_may_write(self):
        viewer = new_test_user(
            self.env, login="viewer", groups="helpdesk_mgmt.group_helpdesk_user_own"
        )
        with self.assertRaises(AccessError):
            self._close(self.ticket, user=viewer)
        stranger = new_test_user(
            self.env, login="stranger", groups="social_care.social_care_group_agent"
        )
        with self.assertRaises(AccessError):
            self._close(self.ticket, user=stranger)
        wizard = self.env["social.care.close"].with_user(stranger)
        with self.assertRaises(AccessError):
            wizard.create(
                {"ticket_ids": [Command.set(self.ticket.ids)], "reason_id": self.spam.id}
            ).action_apply()
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.agent).social_close_reason_id = self.spam
