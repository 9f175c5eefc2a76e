from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from odoo.addons.social_care import networks

from .common import SocialCareCommon


class TestGestures(SocialCareCommon):
    """Like and hide: done on the network, recorded here, undone the same way."""

    def setUp(self):
        super().setUp()
        self.network.supports_like = True
        self.network.supports_hide = True
        self.mention = self._receive(self._mention()).with_user(self.agent)
        self.ticket = self.mention.ticket_id

    def _hide(self, mentions, reason="Insults other customers"):
        action = mentions.action_hide()
        model = self.env[action["res_model"]].with_user(self.agent)
        wizard = Form(model.with_context(**action["context"]))
        wizard.reason = reason
        return wizard.save().action_hide()

    def _many(self, count):
        items = [self._mention(f"m{number}", who=f"w{number}") for number in range(count)]
        return self._receive(*items).with_user(self.agent)

    def test_a_like_is_recorded_with_who_and_when_and_taken_back(self):
        self.assertIs(self.mention.action_like(), True)
        self.assertEqual(self.mention.liked_by_id, self.agent)
        self.assertTrue(self.mention.liked_at)
        self.assertIn("Liked:</strong> My suitcase is lost", self._chatter(self.ticket))
        self.mention.action_unlike()
        self.assertFalse(self.mention.liked_at or self.mention.liked_by_id)
        self.assertIn("Like taken back", self._chatter(self.ticket))
        self.assertEqual(self.network.asked, [("like", "1", True), ("like", "1", False)])

    def test_hiding_needs_a_reason(self):
        with self.assertRaisesRegex(AssertionError, "reason is a required field"):
            self._hide(self.mention, reason=False)
        self.assertFalse(self.network.asked)
        self._hide(self.mention)
        self.assertEqual(self.mention.hidden_reason, "Insults other customers")
        self.assertEqual(self.mention.hidden_by_id, self.agent)
        self.assertIn("Insults other customers", self._chatter(self.ticket))
        self.mention.action_unhide()
        self.assertFalse(self.mention.hidden_at or self.mention.hidden_reason)
        self.assertEqual(self.network.asked, [("hide", "1", True), ("hide", "1", False)])

    def test_a_usual_reason_fills_the_text(self):
        wizard = Form(self.env["social.care.hide"].with_context(default_mention_ids=[1]))
        wizard.reason_id = self.env.ref("social_care.reason_spam")
        self.assertEqual(wizard.reason, "Spam or advertising")

    def test_a_like_decides_nothing(self):
        watched = self._receive(self._mention("2", who="bo", addressed=False))
        watched.with_user(self.agent).action_like()
        self.assertEqual(watched.state, "new")

    def test_of_many_what_worked_is_stored_and_the_rest_is_told(self):
        mentions = self._many(4)
        self.network.refused = {"m2": networks.RejectedError("parent_gone")}
        action = mentions.action_like()
        self.assertEqual(
            [bool(mention.liked_at) for mention in mentions], [True, True, False, True]
        )
        message = action["params"]["message"]
        self.assertRegex(message, "^3 done, 1 not: The message you answer was deleted")

    def test_a_dead_token_is_tried_once_not_fifty_times(self):
        mentions = self._many(3)
        self.network.refused = {"m1": networks.AuthenticationError()}
        action = mentions.action_like()
        self.assertEqual([bool(mention.liked_at) for mention in mentions], [True, False, False])
        self.assertEqual(len(self.network.asked), 2)
        self.assertIn("1 done, 2 not", action["params"]["message"])

    def test_what_failed_does_not_look_done(self):
        mention = self._many(1)
        self.network.refused = {"m0": networks.RejectedError("parent_gone")}
        shown = mention.action_like()["params"]
        self.assertEqual((shown["title"], shown["type"]), ("Not done", "danger"))
        self.assertRegex(shown["message"], "^The message you answer was deleted")

    def test_at_most_fifty_at_once(self):
        with self.assertRaisesRegex(UserError, "at most 50"):
            self._many(51).action_like()
        self.assertFalse(self.network.asked)

    def test_what_is_not_possible_is_not_asked(self):
        private = self._receive(self._mention("2", who="bo", kind="direct", visibility="direct"))
        self.assertFalse(private.can_like or private.can_hide)
        action = private.with_user(self.agent).action_like()
        self.assertIn("Not possible here", action["params"]["message"])
        self.network.supports_hide = False
        self.mention.invalidate_recordset()
        self.assertFalse(self.mention.can_hide)
        self.account.state = "paused"
        self.assertFalse(self.mention.can_like)
        self.assertFalse(self.network.asked)

    def test_no_row_is_written_before_the_network_has_answered(self):
        mentions = self._many(2)
        mentions.mapped("can_like")

        def like(adapter, wire, on):
            self.env.flush_all()
            self.assertFalse(any(mention.liked_at for mention in mentions))

        self.network.like = like
        mentions.action_like()
        self.assertTrue(all(mention.liked_at for mention in mentions))

    def test_another_teams_agent_may_not(self):
        stranger = new_test_user(
            self.env, login="stranger", groups="social_care.social_care_group_agent"
        )
        other = self.mention.with_user(stranger)
        for gesture in (other.action_like, other.action_unlike, other.action_hide):
            with self.assertRaises(AccessError):
                gesture()
        links = [Command.link(self.mention.id)]
        wizards = self.env["social.care.hide"].with_user(stranger)
        with self.assertRaises(AccessError):
            wizards.create({"mention_ids": links, "reason": "x"})
        self.assertFalse(self.network.asked)

    def test_nobody_types_a_record_of_it(self):
        for field in ("liked_at", "liked_by_id", "hidden_at", "hidden_by_id", "hidden_reason"):
            with self.assertRaises(AccessError):
                self.mention.write({field: False})

    def test_in_practice_it_is_recorded_and_nothing_leaves(self):
        practice = self._create_account(practice=True, external_id="p@fake.example")
        mention = self._receive(self._mention("2"), account=practice).with_user(self.agent)
        mention.action_like()
        self.assertTrue(mention.liked_at)
        self.assertFalse(self.network.asked)

    def test_bubbles_offer_it_on_the_customers_own_words(self):
        [bubble] = self.ticket.social_care_conversation()
        self.assertEqual((bubble["can_like"], bubble["liked_by"]), (True, False))
        self.mention.action_like()
        self._hide(self.mention)
        [bubble] = self.ticket.social_care_conversation()
        self.assertEqual((bubble["liked_by"], bubble["hidden_by"]), ("Marta Cano", "Marta Cano"))
        self.assertEqual(bubble["hidden_reason"], "Insults other customers")
