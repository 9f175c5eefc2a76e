from odoo import fields

from .. import networks
from .clock_common import at
from .outcome_common import NEXT_DAY, SEVEN_DAYS, OutcomeCommon
from .test_webhook import OURS, WebhookCase, says

ANSWER = "own-1"  # as the network knows it


class TestOutcomeLike(OutcomeCommon):
    """A customer who likes our answer is satisfied with it."""

    def setUp(self):
        super().setUp()
        self.reply = self.ticket.social_reply_ids
        self.reply.external_id = ANSWER
        self.ana = self.asked.author_id.external_id

    def _like(self, local, who=None, on=True, answer=ANSWER):
        like = networks.Like(answer, who or self.ana, at(local), on)
        self.env["social.care.reply"]._note_likes(self.account, [like])

    def test_a_customer_who_likes_the_answer_is_satisfied(self):
        self._like("2026-08-17 11:00")
        self.assertEqual(self.reply.liked_at, at("2026-08-17 11:00"))
        self.assertEqual(self._derive(NEXT_DAY), "satisfied")
        self.assertIn("They liked our answer on", self._why())
        self.assertIn("11:00", self._why())

    def test_a_passer_by_who_likes_it_is_not_the_customer(self):
        self._like("2026-08-17 11:00", who="bo@fake.example")
        self.assertFalse(self.reply.liked_at)
        self.assertFalse(self._derive(NEXT_DAY))

    def test_another_accounts_answer_of_the_same_id_is_not_liked(self):
        other = self._create_account(external_id="boreal@fake.example", handle="boreal")
        like = networks.Like(ANSWER, self.ana, at("2026-08-17 11:00"))
        self.env["social.care.reply"]._note_likes(other, [like])
        self.assertFalse(self.reply.liked_at)

    def test_a_like_that_was_taken_back_is_no_evidence(self):
        self._like("2026-08-17 11:00")
        self._derive(NEXT_DAY)
        self._like("2026-08-18 13:00", on=False)
        self.assertFalse(self.reply.liked_at)
        self.assertFalse(self._derive("2026-08-18 14:00"))

    def test_of_many_that_are_told_at_once_the_last_stands(self):
        likes = [
            networks.Like(ANSWER, self.ana, at("2026-08-17 11:00"), on) for on in (True, False)
        ]
        self.env["social.care.reply"]._note_likes(self.account, likes)
        self.assertFalse(self.reply.liked_at)
        self.env["social.care.reply"]._note_likes(self.account, likes[::-1])
        self.assertTrue(self.reply.liked_at)

    def test_told_twice_the_first_time_is_kept(self):
        self._like("2026-08-17 11:00")
        self._like("2026-08-17 12:00")
        self.assertEqual(self.reply.liked_at, at("2026-08-17 11:00"))

    def test_who_asks_again_is_not_satisfied_by_a_like(self):
        self._like("2026-08-17 11:00")
        self._say("2026-08-17 11:05", "2", body="And where is it now?")
        self.assertEqual(self._derive(NEXT_DAY), "came_back")

    def test_a_like_of_an_earlier_answer_says_nothing_of_the_last(self):
        self._like("2026-08-17 11:00")
        again = self._say("2026-08-17 11:05", "2", body="And where is it now?")
        self._reply_at("2026-08-17 12:00", again)
        self.assertFalse(self._derive(NEXT_DAY))

    def test_what_we_took_back_is_liked_no_more(self):
        last = self._reply_at("2026-08-17 12:00", self.asked, external_id="own-2")
        self._like("2026-08-17 12:30", answer="own-2")
        self.assertEqual(self._derive(NEXT_DAY), "satisfied")
        last.deleted_at = at("2026-08-17 13:00")
        self.assertNotEqual(self._derive(NEXT_DAY), "satisfied")

    def test_an_acknowledgement_that_is_liked_is_no_answer(self):
        self._reply_at("2026-08-17 10:40", self.asked, kind="acknowledgement", external_id="ack")
        self._like("2026-08-17 11:00", answer="ack")
        self.assertFalse(self._derive(NEXT_DAY))

    def test_a_late_like_has_it_looked_at_again(self):
        self._derive(SEVEN_DAYS)
        self.assertFalse(self.ticket.social_outcome_pending)
        self._like("2026-08-25 10:00")
        self.assertTrue(self.ticket.social_outcome_pending)
        self._run("2026-08-25 11:00")
        self.assertEqual(self.ticket.social_outcome, "satisfied")
        self.assertFalse(self.ticket.social_outcome_pending)

    def test_a_like_overrules_nobody(self):
        self.ticket.with_user(self.agent).social_outcome = "came_back"
        self._like("2026-08-17 11:00")
        self.assertFalse(self.ticket.social_outcome_pending)
        self._run(NEXT_DAY)
        self.assertEqual(self.ticket.social_outcome, "came_back")

    def test_the_conversation_shows_it_under_our_answer(self):
        self._like("2026-08-17 11:00")
        bubbles = self.ticket.with_user(self.agent).social_care_conversation()
        [answer] = [bubble for bubble in bubbles if bubble.get("reply_id")]
        self.assertTrue(answer["liked"])

    def test_a_poll_brings_likes(self):
        page = networks.Page(likes=(networks.Like(ANSWER, self.ana, at("2026-08-17 11:00")),))
        self.network.fetch = lambda adapter, cursor, since: page
        self.account.next_poll_at = fields.Datetime.now()
        self._run_cron("ir_cron_poll")
        self.assertTrue(self.reply.liked_at)


class TestOutcomeLikePushed(WebhookCase):
    def test_a_call_brings_likes(self):
        self._process(says({"1": "Where is my suitcase?"}))
        asked = self.env["social.care.mention"].search([("account_id", "=", self.account.id)])
        reply = self.env["social.care.reply"].create(
            {"mention_id": asked.id, "body": "Here", "state": "sent", "external_id": ANSWER}
        )
        liker = asked.author_id.external_id

        def read_entry(adapter, entry):
            return networks.Page(likes=(networks.Like(ANSWER, liker, on=entry.data["on"]),))

        self.network.read_entry = read_entry
        self._process({"owner": OURS, "on": True})
        self.assertTrue(reply.liked_at)
        self._process({"owner": OURS, "on": False})
        self.assertFalse(reply.liked_at)
