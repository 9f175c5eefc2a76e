from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .clock_common import WaitingCommon, at, words


class TestAnswers(WaitingCommon):
    """What stops the clock besides an answer on the network, and what does not."""

    def setUp(self):
        super().setUp()
        self.customer = self.env["res.partner"].create(
            {"name": "Ana Ruiz", "email": "ana@example.com"}
        )
        self.ticket.partner_id = self.customer
        self.agent.email = "marta@example.com"

    def _comment(self, local="2026-08-17 11:00", user=None, **values):
        values = {
            "body": "We found it.",
            "message_type": "comment",
            "subtype_xmlid": "mail.mt_comment",
            "partner_ids": self.customer.ids,
            **values,
        }
        with freeze_time(at(local)):
            return self.ticket.with_user(user or self.agent).message_post(**values)

    # -- A comment to the customer --------------------------------------------

    def test_a_comment_to_the_customer_is_an_answer(self):
        self._comment("2026-08-17 11:30")
        self.assertEqual((self.row.state, self.row.social_elapsed_hours), ("accomplished", 1.5))
        self.assertEqual(self.row.social_reached_at, at("2026-08-17 11:30"))
        self.assertFalse(self.ticket.social_waiting_since)
        self.assertEqual(self.ticket.social_first_response_at, at("2026-08-17 11:30"))
        self.assertEqual(self.ticket.social_first_response_hours, 1.5)
        self.assertEqual(self.ticket.stage_id, self.stage_progress)

    def test_a_comment_to_a_customer_who_follows_the_ticket_is_one(self):
        self.ticket.message_subscribe(self.customer.ids)
        self._comment(partner_ids=[])
        self.assertEqual(self.row.state, "accomplished")

    def test_what_does_not_reach_the_customer_is_none(self):
        colleague = self.env["res.partner"].create({"name": "Bo", "email": "bo@example.com"})
        self._comment(partner_ids=colleague.ids)
        self._comment(partner_ids=[])
        self._comment(subtype_xmlid="mail.mt_note")
        self._comment(message_type="notification")
        self.assertEqual(self.row.state, "in_progress")
        self.customer.email = False
        self._comment()
        self.assertEqual(self.row.state, "in_progress", "nothing arrives without an address")

    def test_what_is_not_said_by_one_of_us_is_none(self):
        self._comment(user=self.env.ref("base.user_root"))
        self.ticket.sudo().message_post(
            body="Any news?",
            author_id=self.env["res.partner"].create({"name": "Eva"}).id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.customer.ids,
        )
        self.assertEqual(self.row.state, "in_progress")

    def test_a_comment_too_late_misses_the_promise(self):
        self._comment("2026-08-17 12:30")
        self.assertEqual(
            (self.row.state, words(self.row.social_breached_at)), ("expired", "Monday 12:00")
        )

    def test_what_came_after_the_comment_still_waits(self):
        self._next_response()
        self._comment("2026-08-17 11:00")
        self._say("2026-08-17 11:20", "2", body="And my other bag?", parent_external_id="1")
        self.assertEqual(words(self.ticket.social_deadline), "Monday 12:20")

    def test_a_comment_that_is_to_leave_later_counts_when_it_leaves(self):
        later = at("2030-01-07 11:45")  # Odoo compares with the transaction's own time
        message = self._comment("2026-08-17 11:00", scheduled_date=later)
        self.assertEqual(self.row.state, "in_progress")
        scheduled = self.env["mail.message.schedule"].search([("mail_message_id", "=", message.id)])
        with freeze_time(later):
            scheduled._send_notifications()
        self.assertEqual(self.row.social_reached_at, later)

    def test_a_comment_on_an_ordinary_ticket_changes_nothing(self):
        ticket = self.env["helpdesk.ticket"].create(
            {
                "name": "By mail",
                "description": "x",
                "team_id": self.team.id,
                "partner_id": self.customer.id,
            }
        )
        stage = ticket.stage_id
        ticket.message_post(
            body="Hello",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.customer.ids,
        )
        self.assertEqual(ticket.stage_id, stage)
        self.assertFalse(ticket.social_first_response_at)

    # -- By phone or in person ----------------------------------------------

    def _speak(self, local="2026-08-17 11:00", user=None, **values):
        user = user or self.agent
        action = self.ticket.with_user(user).action_social_spoken()
        wizard = self.env[action["res_model"]].with_user(user).with_context(**action["context"])
        with freeze_time(at(local)):
            return wizard.create({"note": "It is in Lisbon.", **values}).action_apply()

    def test_a_call_with_a_note_is_an_answer(self):
        self._speak("2026-08-17 11:30")
        self.assertEqual((self.row.state, self.row.social_wait_hours), ("accomplished", 1.5))
        self.assertEqual(self.ticket.social_first_response_wait_hours, 1.5)
        note = self.ticket.message_ids.filtered(lambda item: "Lisbon" in item.body)
        self.assertIn("Answered by phone", note.body)
        self.assertEqual(note.author_id, self.agent.partner_id)
        self.assertTrue(note.is_internal)

    def test_without_a_note_it_is_none(self):
        with self.assertRaisesRegex(UserError, "what was said"):
            self._speak(note="  ")
        self.assertEqual(self.row.state, "in_progress")

    def test_it_offers_a_short_public_line(self):
        action = self._speak(way="person", then_write=True)
        self.assertEqual(action["res_model"], "social.care.reply")
        body = action["context"]["default_body"]
        self.assertTrue(body.startswith("@ana It was good to talk."), body)
        self.assertFalse(self._speak(then_write=False).get("res_model"))

    def test_only_agents_who_may_write_the_ticket_answer_so(self):
        stranger = new_test_user(
            self.env, login="stranger", groups="social_care.social_care_group_agent"
        )
        with self.assertRaises(AccessError):
            self._speak(user=stranger)
        wizard = self.env["social.care.spoken"].with_user(stranger)
        with self.assertRaises(AccessError):
            wizard.create({"ticket_id": self.ticket.id, "note": "x"})
        self.assertEqual(self.row.state, "in_progress")

    # -- What never stops it -----------------------------------------------------

    def test_neither_acknowledgement_nor_holding_message_stops_it(self):
        self._reply_at("2026-08-17 10:01", self.mention, kind="acknowledgement")
        self._reply_at("2026-08-17 10:30", self.mention, kind="holding")
        self.assertEqual(self.row.state, "in_progress")
        self.assertEqual(self.ticket.social_waiting_since, at("2026-08-17 10:00"))

    # -- The next response: one clock for a run of messages ----------------------

    def _edit(self, mention, body, local):
        with freeze_time(at(local)):
            self.account._ingest(
                [
                    self._mention(
                        mention.external_id,
                        body=body,
                        posted_at=mention.posted_at,
                        edited_at=at(local),
                    )
                ]
            )

    def _delete(self, mention, local):
        with freeze_time(at(local)):
            self.account._ingest(
                [
                    self._mention(
                        mention.external_id, posted_at=mention.posted_at, deleted_at=at(local)
                    )
                ]
            )

    def _open(self):
        return self.ticket.ticket_sla_ids._social_care_open()

    def test_several_runs_have_a_clock_each(self):
        self._next_response()
        self._reply_at("2026-08-17 10:30", self.mention)
        second = self._say("2026-08-17 11:00", "2", body="And the other?", parent_external_id="1")
        self._say("2026-08-17 11:10", "3", body="Hello?", parent_external_id="1")
        self._reply_at("2026-08-17 11:30", second)
        self._say("2026-08-17 14:00", "4", body="It is wet!", parent_external_id="1")
        self.assertEqual(
            [
                (words(row.social_started_at), row.state)
                for row in self.ticket.ticket_sla_ids.sorted("social_started_at")
            ],
            [
                ("Monday 10:00", "accomplished"),
                ("Monday 11:00", "accomplished"),
                ("Monday 14:00", "in_progress"),
            ],
        )

    def test_an_older_message_that_arrives_later_moves_the_start_back(self):
        self._next_response(hours=2)
        self._reply_at("2026-08-17 10:30", self.mention)
        self._say("2026-08-17 11:30", "3", body="Hello?", parent_external_id="1")
        with freeze_time(at("2026-08-17 11:40")):
            late = self._mention(
                "2", body="And the other?", parent_external_id="1", posted_at=at("2026-08-17 11:00")
            )
            self._receive(late)
        row = self._open()
        self.assertEqual(words(row.social_started_at), "Monday 11:00")
        self.assertEqual(words(row.deadline), "Monday 13:00")
        self.assertEqual(self.ticket.social_waiting_since, at("2026-08-17 11:00"))

    def test_an_answer_older_than_the_message_does_not_stop_its_clock(self):
        self._next_response()
        self._reply_at("2026-08-17 10:30", self.mention)
        self._say("2026-08-17 11:00", "2", body="And the other?", parent_external_id="1")
        self._reply_at("2026-08-17 10:45", self.mention)
        self.assertEqual(words(self._open().social_started_at), "Monday 11:00")

    def test_a_question_that_becomes_thanks_waits_no_longer(self):
        self._edit(self.mention, "Thanks!", "2026-08-17 10:30")
        self.assertEqual(self.row.state, "cancelled")
        self.assertFalse(self.ticket.social_waiting_since)

    def test_thanks_that_become_a_question_wait_from_the_change_on(self):
        self._next_response()
        self._reply_at("2026-08-17 10:30", self.mention)
        thanks = self._say("2026-08-17 11:00", "2", body="Thanks!", parent_external_id="1")
        self.assertFalse(self._open())
        self._edit(thanks, "Thanks, but where is it?", "2026-08-17 12:00")
        self.assertEqual(words(self._open().social_started_at), "Monday 12:00")
        self.assertEqual(words(self.ticket.social_deadline), "Monday 13:00")

    def test_a_corrected_word_in_an_answered_question_starts_nothing(self):
        self._next_response()
        self._reply_at("2026-08-17 10:30", self.mention)
        self._edit(self.mention, "My suitcase got lost", "2026-08-17 11:00")
        self.assertFalse(self._open())

    def test_a_deleted_question_waits_no_longer(self):
        self._delete(self.mention, "2026-08-17 10:30")
        self.assertEqual(self.row.state, "cancelled")
        self.assertFalse(self.ticket.social_waiting_since)

    def test_of_a_run_the_next_one_waits_when_the_first_is_deleted(self):
        self._say("2026-08-17 10:20", "2", body="And the other?", parent_external_id="1")
        self._delete(self.mention, "2026-08-17 10:30")
        self.assertEqual(self.ticket.social_waiting_since, at("2026-08-17 10:20"))
        self.assertEqual(self.row.state, "cancelled")
        self.assertEqual(words(self._open().deadline), "Monday 12:20")
        self.assertEqual(self._open().deadline - self._open().social_started_at, timedelta(hours=2))
