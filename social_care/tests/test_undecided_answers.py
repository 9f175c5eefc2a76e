from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.social_care import networks

from .common import SocialCareCommon


class TestUndecidedAnswers(SocialCareCommon):
    """Of some answers only a person can say what became of them, or what shall become of them."""

    def setUp(self):
        super().setUp()
        self.mention = self._receive(self._mention())
        self.ticket = self.mention.ticket_id

    def _get_unconfirmed(self):
        """Sent twice, as it seems: two posts say the same."""
        self.network.lost = networks.TransientError("timeout")
        reply = self._answer(self.mention)
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.network.lost = None
        self.network.ledger.append(self.network.ledger[0])
        reply.claimed_at -= timedelta(minutes=6)
        self._publish()
        self.assertEqual(reply.state, "unconfirmed")
        return reply

    def test_what_was_found_is_shown_with_its_address(self):
        reply = self._get_unconfirmed()
        self.assertEqual(
            [(post["external_id"], post["url"]) for post in reply.found],
            [("own-1", "https://fake.example/own"), ("own-2", "https://fake.example/own")],
        )
        self.assertIn("2 posts look like it", reply.status_text)
        self.assertIn("2 posts look like it", self.ticket.social_outbox_text)

    def test_choosing_one_makes_it_that_one(self):
        reply = self._get_unconfirmed()
        reply.with_user(self.agent).action_choose_found("own-2")
        self.assertEqual((reply.state, reply.external_id), ("sent", "own-2"))
        self.assertFalse(reply.found)
        self.assertFalse(reply.error_code)
        self._publish()
        self.assertFalse(self.ticket.social_waiting_since)
        self.assertEqual(len(self.network.ledger), 2, "nothing was sent again")

    def test_only_what_was_found_can_be_chosen_and_only_once(self):
        reply = self._get_unconfirmed().with_user(self.agent)
        with self.assertRaisesRegex(UserError, "another answer"):
            reply.action_choose_found("own-77")
        reply.action_choose_found("own-1")
        with self.assertRaisesRegex(UserError, "decided this already"):
            reply.action_choose_found("own-2")

    def test_a_post_that_meanwhile_is_another_answer_cannot_be_chosen(self):
        reply = self._get_unconfirmed()
        reply.copy({"external_id": "own-2", "state": "sent"})
        with self.assertRaisesRegex(UserError, "another answer"):
            reply.with_user(self.agent).action_choose_found("own-2")

    def test_it_is_not_there_sends_it_and_forgets_what_was_found(self):
        reply = self._get_unconfirmed()
        reply.with_user(self.agent).action_confirm_absent()
        self._publish()
        self.assertEqual((reply.state, len(self.network.ledger)), ("sent", 3))
        self.assertFalse(reply.found)

    def test_whoever_may_not_answer_decides_nothing(self):
        reply = self._get_unconfirmed()
        for groups in (
            "helpdesk_mgmt.group_helpdesk_user",
            "social_care.social_care_group_agent",  # of no team of this ticket
        ):
            stranger = new_test_user(self.env, f"x_{groups[-5:]}", groups=groups)
            with self.subTest(groups), self.assertRaises(AccessError):
                reply.with_user(stranger).action_choose_found("own-1")
            with self.subTest(groups), self.assertRaises(AccessError):
                reply.with_user(stranger).action_cancel()

    # -- Cancelling ---------------------------------------------------------------

    def test_what_is_cancelled_while_queued_is_never_sent(self):
        reply = self._answer(self.mention)
        reply.with_user(self.agent).action_cancel()
        self._publish()
        self.assertEqual((reply.state, len(self.network.ledger)), ("cancelled", 0))
        self.assertEqual(reply.write_uid, self.agent)

    def test_what_is_on_its_way_cannot_be_cancelled(self):
        reply = self._answer(self.mention)
        for state in ("sending", "sent", "unconfirmed"):
            reply.state = state
            with self.subTest(state), self.assertRaisesRegex(UserError, "on its way or sent"):
                reply.with_user(self.agent).action_cancel()

    def test_of_several_those_still_here_are_cancelled_and_the_rest_is_named(self):
        first, second = self._answer(self.mention), self._answer(self.mention, body="Your coat.")
        first.state = "sent"
        action = (first | second).with_user(self.agent).action_cancel()
        self.assertEqual((first.state, second.state), ("sent", "cancelled"))
        self.assertEqual(action["params"]["title"], "1 cancelled")
        self.assertEqual(action["params"]["message"], "1 are on their way or sent.")

    # -- Trying again --------------------------------------------------------------

    def test_several_are_tried_again_at_once_and_sent_ones_left_alone(self):
        failed, sent = self._answer(self.mention), self._answer(self.mention, body="Your coat.")
        failed.write({"state": "failed", "error_code": "rejected"})
        sent.write({"state": "sent", "sent_at": fields.Datetime.now()})
        (failed | sent).with_user(self.agent).action_retry()
        self.assertEqual((failed.state, sent.state), ("queued", "sent"))
        with self.assertRaisesRegex(UserError, "Only answers that failed"):
            sent.with_user(self.agent).action_retry()

    def test_an_answer_behind_one_that_is_undecided_says_so(self):
        self._get_unconfirmed()
        second = self._answer(self.mention, body="And your coat")
        self.assertEqual(second.status_text, "It waits for the answer before it.")

    def test_the_words_of_a_hundred_answers_take_no_query_each(self):
        replies = self.env["social.care.reply"]
        for number in range(5):
            replies |= self._answer(self.mention, body=f"Number {number}")
        self.env.flush_all()
        replies.invalidate_recordset()
        replies.mapped("account_id.state")
        with self.assertQueryCount(1):
            replies.mapped("status_text")
