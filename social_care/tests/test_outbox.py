from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user

from odoo.addons.social_care import networks

from .common import MONDAY_10, SocialCareCommon


class TestOutbox(SocialCareCommon):
    """Sent once: what an error proves decides where the answer goes."""

    def setUp(self):
        super().setUp()
        self.mention = self._receive(self._mention())
        self.ticket = self.mention.ticket_id

    def test_a_queued_answer_is_published_in_the_thread_and_settled(self):
        reply = self._answer(self.mention)
        self._publish()
        self.assertEqual(reply.state, "sent")
        self.assertEqual((reply.external_id, reply.url), ("own-1", "https://fake.example/own"))
        self.assertTrue(reply.settled_at)
        [sent] = self.network.ledger
        self.assertEqual(sent.body, "@ana We are looking for it.")
        self.assertEqual(sent.parent.external_id, "1")
        self.assertEqual(self.ticket.stage_id, self.stage_progress)
        self.assertFalse(self.ticket.social_waiting_since)
        note = self.ticket.message_ids.filtered(lambda item: "We are looking" in item.body)
        self.assertEqual(note.author_id, self.agent.partner_id)
        self.assertTrue(note.is_internal)

    def test_running_the_cron_again_sends_nothing(self):
        self._answer(self.mention)
        self._publish()
        notes = len(self.ticket.message_ids)
        self._publish()
        self.assertEqual(len(self.network.ledger), 1)
        self.assertEqual(len(self.ticket.message_ids), notes)

    def test_send_and_close_closes_once_it_is_sent(self):
        reply = (
            self.env["social.care.reply"]
            .with_user(self.agent)
            .create({"mention_id": self.mention.id, "body": "Found it."})
        )
        reply.action_send_close()
        self.assertFalse(self.ticket.closed, "not before it is sent")
        self._publish()
        self.assertTrue(self.ticket.closed)

    def test_refused_for_good_is_failed_with_its_reason_and_can_be_retried(self):
        self.network.failure = networks.RejectedError("rejected", status=422)
        reply = self._answer(self.mention)
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertEqual(reply.state, "failed")
        self.assertEqual(self.ticket.social_outbox_state, "failed")
        self.assertIn("refused this message", self.ticket.social_outbox_text)
        self.assertTrue(self.ticket.social_waiting_since, "the customer still waits")
        self.network.failure = None
        self.ticket.with_user(self.agent).action_social_retry()
        self._publish()
        self.assertEqual(reply.state, "sent")
        self.assertFalse(self.ticket.social_outbox_state)

    def test_429_waits_as_long_as_the_network_says(self):
        self.network.failure = networks.RateLimited(status=429, retry_after=600)
        reply = self._answer(self.mention)
        before = fields.Datetime.now()
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertEqual(reply.state, "queued")
        self.assertAlmostEqual((reply.next_try_at - before).total_seconds(), 600, delta=30)

    def test_a_server_that_was_never_reached_leaves_it_queued(self):
        self.network.failure = networks.TransientError("unreachable", published=False)
        reply = self._answer(self.mention)
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertEqual((reply.state, reply.error_code), ("queued", "unreachable"))

    def test_a_server_that_was_not_reached_five_times_is_told_to_the_people(self):
        self.network.failure = networks.TransientError("unreachable", published=False)
        reply = self._answer(self.mention)
        states = []
        for _try in range(5):
            reply.next_try_at = fields.Datetime.now()
            with self.assertLogs("odoo.addons.social_care", "WARNING"):
                self._publish()
            states.append(reply.state)
        self.assertEqual(states, [*["queued"] * 4, "failed"])

    def test_a_dead_credential_holds_the_answer_until_the_reconnect(self):
        self.network.failure = networks.AuthenticationError(status=401)
        self.account.responsible_id = self.env.user
        reply = self._answer(self.mention)
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertEqual((reply.state, self.account.state), ("queued", "reconnect"))
        self.assertEqual(len(self.account.activity_ids), 1)
        self.network.failure = None
        self._publish()
        self.assertEqual(reply.state, "queued", "held: nothing goes out through a dead account")
        self.account.action_test_connection()
        self._publish()
        self.assertEqual(reply.state, "sent")

    def _lose_the_answer(self):
        """Published, but the response never came: nobody knows."""
        self.network.lost = networks.TransientError("timeout")
        reply = self._answer(self.mention)
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertEqual(reply.state, "sending")
        self.network.lost = None
        self.env.flush_all()
        self.cr.execute(
            "UPDATE social_care_reply SET claimed_at = claimed_at - interval '6 minutes' "
            "WHERE id = %s",
            (reply.id,),
        )
        reply.invalidate_recordset()
        return reply

    def test_after_a_lost_answer_it_looks_and_finds_it(self):
        reply = self._lose_the_answer()
        self._publish()
        self.assertEqual((reply.state, reply.external_id), ("sent", "own-1"))
        self.assertEqual(len(self.network.ledger), 1)

    def test_after_a_lost_answer_that_is_surely_absent_it_sends_again(self):
        reply = self._lose_the_answer()
        self.network.ledger.clear()
        self._publish()
        self.assertEqual(reply.state, "sent")
        self.assertEqual(len(self.network.ledger), 1)

    def test_a_second_answer_waits_until_the_first_is_decided(self):
        first = self._lose_the_answer()
        self.network.ledger.append(self.network.ledger[0])
        second = self._answer(self.mention, body="And your coat")
        self._publish()
        self.assertEqual((first.state, second.state), ("unconfirmed", "queued"))
        first.with_user(self.agent).action_confirm_sent()
        self._publish()
        self.assertEqual(second.state, "sent")

    def test_two_candidates_are_for_a_person_to_decide(self):
        reply = self._lose_the_answer()
        self.network.ledger.append(self.network.ledger[0])
        self._publish()
        self.assertEqual(reply.state, "unconfirmed")
        self.assertEqual(self.ticket.social_outbox_state, "unconfirmed")
        reply.with_user(self.agent).action_confirm_sent()
        self._publish()
        self.assertFalse(self.ticket.social_waiting_since)

    def test_an_unreadable_network_is_for_a_person_to_decide(self):
        reply = self._lose_the_answer()

        def cannot(adapter, wire, since):
            raise networks.RejectedError("cannot_read_back")

        self.network.find_published = cannot
        self._publish()
        self.assertEqual(reply.state, "unconfirmed")
        reply.with_user(self.agent).action_confirm_absent()
        self._publish()
        self.assertEqual((reply.state, len(self.network.ledger)), ("sent", 2))

    def test_a_network_that_is_busy_is_looked_at_again_later(self):
        reply = self._lose_the_answer()
        find = self.network.find_published

        def busy(adapter, wire, since):
            raise networks.RateLimited(retry_after=60)

        self.network.find_published = busy
        self._publish()
        self.assertEqual(reply.state, "sending")
        self.assertGreater(reply.next_try_at, fields.Datetime.now())
        self.network.find_published = find
        reply.next_try_at = fields.Datetime.now() - timedelta(seconds=1)
        self._publish()
        self.assertEqual((reply.state, len(self.network.ledger)), ("sent", 1))

    def test_a_network_with_idempotency_keys_gets_the_same_key_again(self):
        self.network.has_idempotency_key = True
        reply = self._lose_the_answer()
        self._publish()
        self.assertEqual(reply.state, "sent")
        first, second = self.network.ledger
        self.assertEqual(first.idempotency_key, second.idempotency_key)

    def test_an_echo_that_arrives_before_our_call_returned_meets_the_row(self):
        def echo(adapter, sent):
            self.account._ingest(
                [
                    networks.Mention(
                        external_id="own-1",
                        body=f" {sent.body}\n",
                        own=True,
                        parent_external_id="1",
                        posted_at=MONDAY_10 + timedelta(hours=1),
                    )
                ]
            )
            self.env.flush_all()  # as the commit of the worker that polled it

        self.network.on_publish = echo
        reply = self._answer(self.mention)
        self._publish()
        self.assertEqual(self.mention.reply_ids, reply)
        self.assertEqual((reply.state, reply.external_id), ("sent", "own-1"))
        self.assertEqual(self.mention.ticket_id.social_first_response_at, reply.sent_at)

    def test_an_echo_that_the_network_rewrote_is_still_this_answer(self):
        def echo(adapter, sent):
            self.account._ingest(
                [
                    networks.Mention(
                        external_id="own-1",
                        body="rewritten beyond recognition",
                        own=True,
                        parent_external_id="1",
                    )
                ]
            )
            self.env.flush_all()  # as the commit of the worker that polled it

        self.network.on_publish = echo
        reply = self._answer(self.mention)
        self._publish()
        self.assertEqual(self.mention.reply_ids, reply)
        self.assertEqual((reply.state, reply.external_id), ("sent", "own-1"))

    def test_a_lost_answer_whose_rewritten_echo_came_in_is_not_sent_again(self):
        reply = self._lose_the_answer()
        self.account._ingest(
            [
                networks.Mention(
                    external_id="own-1", body="rewritten", own=True, parent_external_id="1"
                )
            ]
        )
        self._publish()
        self.assertEqual((reply.state, reply.external_id), ("sent", "own-1"))
        self.assertEqual(len(self.network.ledger), 1)

    def test_a_reply_queued_two_hours_ago_is_looked_up_first(self):
        reply = self._answer(self.mention)
        reply.queued_at = fields.Datetime.now() - timedelta(hours=2)
        self.network.ledger.append(
            networks.Reply(
                idempotency_key="before the backup",
                body="@ana We are looking for it.",
                visibility="public",
                parent=self.mention._to_wire(),
            )
        )
        self._publish()
        self.assertEqual(reply.state, "sent")
        self.assertEqual(len(self.network.ledger), 1, "found, not sent again")

    def test_a_deleted_parent_fails_and_marks_the_message(self):
        self.network.failure = networks.RejectedError("parent_gone", status=404)
        reply = self._answer(self.mention)
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertEqual(reply.state, "failed")
        self.assertTrue(self.mention.deleted_at)

    def test_an_author_who_lost_the_right_does_not_send(self):
        reply = self._answer(self.mention)
        self.ticket.user_id = False
        self.ticket.message_unsubscribe(self.agent.partner_id.ids)
        self.team.user_ids = False
        self._publish()
        self.assertEqual(reply.state, "to_approve")
        self.assertFalse(self.network.ledger)
        self.assertEqual(self.ticket.social_outbox_state, "failed")
        self.assertIn("Send it in your own name", self.ticket.social_outbox_text)
        colleague = new_test_user(
            self.env, "care_colleague", groups="social_care.social_care_group_reviewer"
        )
        self.team.user_ids = colleague
        reply.with_user(colleague).action_retry()
        self._publish()
        self.assertEqual((reply.state, reply.user_id), ("sent", colleague))

    def test_a_failure_in_one_answer_never_stops_the_next(self):
        bad = self._answer(self.mention)
        good_mention = self._receive(self._mention("2", who="bo"))
        good = self._answer(good_mention)

        def explode(adapter, sent):
            if sent.parent.external_id == "1":
                raise ZeroDivisionError("a bug in the adapter")

        self.network.on_publish = explode
        with self.assertLogs("odoo.addons.social_care", "ERROR"):
            self._publish()
        self.assertEqual((bad.state, good.state), ("sending", "sent"))
