from datetime import timedelta

from freezegun import freeze_time

from odoo import fields

from odoo.addons.social_care import networks

from .common import SocialCareCommon

UNSENT = "social_care.mail_activity_type_unsent"


class TestHeldAnswers(SocialCareCommon):
    """An account that is not well holds its answers; what waited too long asks before it goes out."""

    def setUp(self):
        super().setUp()
        self.mention = self._receive(self._mention())
        self.ticket = self.mention.ticket_id

    def _queue(self, hours_ago=0, **values):
        reply = self._answer(self.mention, **values)
        moment = fields.Datetime.now() - timedelta(hours=hours_ago)
        reply.write({"queued_at": moment, "next_try_at": moment})
        return reply

    # -- Held and released ------------------------------------------------------

    def test_each_state_of_an_account_holds_in_its_own_words(self):
        reply = self._queue()
        for values, words in (
            ({"state": "reconnect"}, "connected again"),
            ({"state": "paused"}, "is paused"),
            ({"state": "draft"}, "not connected"),
            ({"state": "connected", "active": False}, "is archived"),
        ):
            with self.subTest(values):
                self.account.write({"active": True, **values})
                self._publish()
                self.assertEqual((reply.state, len(self.network.ledger)), ("queued", 0))
                self.assertIn(words, reply.status_text)
                self.assertIn(words, self.ticket.social_outbox_text)
                self.assertEqual(self.account.held_count, 1)
                self.assertTrue(reply.is_held)

    def test_what_goes_well_needs_no_words_on_the_ticket(self):
        reply = self._queue()
        self.assertEqual(reply.status_text, "The answer is on its way.")
        self.assertEqual((reply.wait_text, self.ticket.social_outbox_text), ("", False))

    def test_resuming_and_unarchiving_release_at_once(self):
        for hold, release in (
            (self.account.action_pause, self.account.action_resume),
            (self.account.action_archive, self.account.action_unarchive),
        ):
            with self.subTest(hold.__name__):
                reply = self._queue()
                reply.next_try_at = fields.Datetime.now() + timedelta(hours=1)
                hold()
                self.assertEqual(self.account.held_count, 1)
                release()
                self._publish()
                self.assertEqual(reply.state, "sent")
                self.assertEqual(self.account.held_count, 0)

    def test_a_pause_in_the_middle_of_a_batch_holds_the_rest(self):
        first = self._queue()
        other = self._receive(self._mention("2", who="bo"))
        second = self._answer(other, body="And yours too.")

        def pause(_adapter, _sent):
            self.account.action_pause()
            self.env.flush_all()  # as the commit of the person who paused it

        self.network.on_publish = pause
        self._publish()
        self.assertEqual((first.state, second.state), ("sent", "queued"))

    def test_a_credential_that_was_never_entered_holds_too(self):
        self.network.failure = networks.AuthenticationError("token_missing")
        reply = self._queue()
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertEqual((reply.state, self.account.state), ("queued", "reconnect"))

    def test_held_answers_are_found_by_the_filter(self):
        reply = self._queue()
        replies = self.env["social.care.reply"].with_user(self.agent)
        self.assertFalse(replies.search([("is_held", "=", True)]))
        self.account.action_pause()
        self.assertEqual(replies.search([("is_held", "=", True)]), reply)
        self.assertNotIn(reply, replies.search([("is_held", "=", False)]))

    def test_a_limit_of_the_network_is_named_with_the_next_try(self):
        self.network.failure = networks.RateLimited("quota_exceeded", retry_after=7200)
        reply = self._queue()
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertIn("used up", reply.status_text)
        self.assertIn("Next try", reply.status_text)
        self.assertEqual(self.ticket.social_outbox_state, "sending")

    # -- Asks before it goes out ----------------------------------------------------

    def test_after_a_day_a_person_is_asked_first(self):
        reply = self._queue(hours_ago=25)
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertEqual((reply.state, reply.error_code), ("failed", "too_old"))
        self.assertFalse(self.network.ledger)
        self.assertTrue(self.ticket.social_outbox_asks)
        self.assertEqual(self.ticket.activity_search([UNSENT]).user_id, self.agent)

    def test_send_anyway_sends_and_the_activity_goes(self):
        reply = self._queue(hours_ago=25)
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        reply.with_user(self.agent).action_retry()
        self.assertFalse(self.ticket.activity_search([UNSENT]))
        self._publish()
        self.assertEqual(reply.state, "sent")

    def test_cancelling_it_removes_the_activity_too(self):
        reply = self._queue(hours_ago=25)
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        reply.with_user(self.agent).action_cancel()
        self.assertFalse(self.ticket.activity_search([UNSENT]))

    def test_23_hours_are_not_too_long_and_0_never_asks(self):
        for hours_ago, limit in ((23, 24), (240, 0)):
            with self.subTest(hours_ago):
                self.account.reply_max_age_hours = limit
                reply = self._queue(hours_ago)
                self._publish()
                self.assertEqual(reply.state, "sent")
                reply.queued_at = False  # it has overtaken no other

    def test_an_old_answer_that_is_out_already_is_found_and_not_asked_about(self):
        """A backup was restored: it went out after the backup was made."""
        reply = self._queue(hours_ago=48)
        self.network.ledger.append(
            networks.Reply("k", "@ana We are looking for it.", "public", self.mention._to_wire())
        )
        self._publish()
        self.assertEqual((reply.state, reply.external_id), ("sent", "own-1"))

    def test_a_sender_that_died_long_ago_asks_before_it_repeats(self):
        reply = self._queue(hours_ago=30)
        self.network.lost = networks.TransientError("timeout")
        self.account.reply_max_age_hours = 100
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertEqual(reply.state, "sending")
        self.network.lost = None
        self.network.ledger.clear()
        self.account.reply_max_age_hours = 24
        reply.claimed_at -= timedelta(minutes=6)
        self._publish()
        self.assertEqual((reply.state, reply.error_code), ("failed", "too_old"))
        self.assertFalse(self.network.ledger)

    def test_a_customer_who_deleted_the_question_meanwhile(self):
        reply = self._queue()
        self.mention.deleted_at = fields.Datetime.now()
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertEqual((reply.state, reply.error_code), ("failed", "customer_deleted"))

    def test_a_ticket_that_was_closed_while_it_waited(self):
        reply = self._queue(hours_ago=2)
        self.ticket.stage_id = self.stage_done
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertEqual((reply.state, reply.error_code), ("failed", "closed_meanwhile"))

    def test_a_ticket_closed_a_moment_after_the_answer_was_written_needs_no_question(self):
        reply = self._queue()
        self.ticket.stage_id = self.stage_done
        self._publish()
        self.assertEqual(reply.state, "sent")

    def test_an_answer_that_was_overtaken_from_outside(self):
        reply = self._queue(hours_ago=2)
        self.account._ingest(
            [
                networks.Mention(
                    external_id="own-9",
                    body="We have it, come by.",
                    own=True,
                    parent_external_id="1",
                    posted_at=fields.Datetime.now() - timedelta(hours=1),
                )
            ]
        )
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertEqual((reply.state, reply.error_code), ("failed", "answered_meanwhile"))

    def test_two_answers_that_waited_together_go_out_one_after_the_other(self):
        first = self._queue(hours_ago=3)
        second = self._queue(hours_ago=2, body="And your coat.")
        self._publish()
        self.assertEqual((first.state, second.state), ("sent", "sent"))

    def test_an_author_who_left_is_not_asked_but_the_assignee(self):
        reply = self._queue(hours_ago=25)
        colleague = self.agent.copy({"login": "colleague", "name": "Bea"})
        self.team.user_ids |= colleague
        self.ticket.user_id = colleague
        reply.user_id = False
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertEqual(self.ticket.activity_search([UNSENT]).user_id, colleague)

    def test_one_ticket_asks_one_person_once(self):
        with freeze_time(fields.Datetime.now() - timedelta(hours=30)):
            self._answer(self.mention)
            self._answer(self.mention, body="And your coat.")
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertEqual(len(self.ticket.activity_search([UNSENT])), 1)
