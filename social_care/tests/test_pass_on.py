from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import SocialCareCommon


class TestPassOn(SocialCareCommon):
    """The customer hears that the right person looks into it; that is no answer."""

    def setUp(self):
        super().setUp()
        self.network.max_length = 500
        self.mention = self._receive(self._mention(body="Where is my dog?", lang="en"))
        self.ticket = self.mention.ticket_id.with_user(self.agent)

    def _wizard(self, **values):
        wizard = self.env["social.care.ask"].with_user(self.agent)
        return wizard.create({"ticket_id": self.ticket.id, "pass_on": True, **values})

    def _pass_on(self, **values):
        self._wizard(**values).action_apply()
        return self.ticket.social_reply_ids[:1]

    def test_it_goes_out_in_the_agents_name_as_a_holding_message(self):
        reply = self._pass_on()
        self.assertEqual(
            (reply.kind, reply.state, reply.user_id), ("holding", "queued", self.agent)
        )
        self._run_cron("ir_cron_publish")
        self.assertEqual(reply.state, "sent")
        [sent] = self.network.ledger
        self.assertEqual(
            sent.body,
            "@ana Thank you for your patience. The right colleague is looking into this, "
            "and we will answer you here.",
        )

    def test_it_is_no_answer(self):
        waiting_since, deadline = self.ticket.social_waiting_since, self.ticket.social_deadline
        self._pass_on()
        self._run_cron("ir_cron_publish")
        self.assertEqual(self.ticket.social_waiting_since, waiting_since)
        self.assertEqual(self.ticket.social_deadline, deadline)
        self.assertFalse(self.ticket.social_first_response_at)
        self.assertEqual(self.ticket.stage_id, self.stage_new)

    def test_the_answer_after_it_stops_the_clock(self):
        self._pass_on()
        self._run_cron("ir_cron_publish")
        self._answer(self.mention, "He is with our crew.")
        self._run_cron("ir_cron_publish")
        self.assertFalse(self.ticket.social_waiting_since)
        self.assertTrue(self.ticket.social_first_response_at)

    def test_conversation_and_chatter_tell_it(self):
        reply = self._pass_on()
        self._run_cron("ir_cron_publish")
        [bubble] = [
            one
            for one in self.ticket.social_care_conversation()
            if one["key"] == f"reply-{reply.id}"
        ]
        self.assertEqual(bubble["milestone"], "Holding message")
        self.assertIn("Holding message on Mastodon", self.ticket.message_ids[0].body)

    def test_an_answer_is_no_milestone(self):
        reply = self._answer(self.mention)
        [bubble] = [
            one
            for one in self.ticket.social_care_conversation()
            if one["key"] == f"reply-{reply.id}"
        ]
        self.assertEqual(bubble["milestone"], "")

    def test_it_speaks_the_customers_language(self):
        self.mention.sudo().lang = "es"
        self.assertIn("Gracias por tu paciencia", self._wizard().text)

    def test_the_team_has_a_text_of_its_own(self):
        self.team.social_holding_text = "Our vet is on it."
        self.assertEqual(self._wizard().text, "@ana Our vet is on it.")
        self.mention.sudo().lang = "es"
        self.assertIn("Gracias", self._wizard().text, "their English is no Spanish")

    def test_the_agent_may_change_it(self):
        self.assertEqual(
            self._pass_on(text="@ana Our vet is on it.").body, "@ana Our vet is on it."
        )

    def test_it_goes_through_the_checks(self):
        for text in ("", "@ana", "x" * 600):
            with self.subTest(text=text[:10]), self.assertRaises(UserError):
                self._pass_on(text=text)

    def test_somebody_is_asked_along_with_it(self):
        pilot = new_test_user(self.env, login="pilot", groups="base.group_user")
        self._pass_on(user_id=pilot.id, question="Whose dog is it?")
        self.assertEqual(self.ticket.social_question_ids.user_ids, pilot)
        self.assertEqual(self.ticket.social_reply_ids.kind, "holding")

    def test_the_one_private_answer_to_a_comment_is_not_spent_on_it(self):
        way = {"private_reply": type("Open", (), {"code": ""})()}
        self.patch(
            self.env.registry["social.care.mention"],
            "_get_ways",
            lambda mentions, besides=None: dict.fromkeys(mentions, way),
        )
        with self.assertRaises(UserError):
            self._pass_on()

    def test_it_takes_the_role_and_the_ticket(self):
        employee = new_test_user(self.env, login="employee", groups="base.group_user")
        stranger = new_test_user(
            self.env, login="stranger", groups="social_care.social_care_group_agent"
        )
        for user in (employee, stranger):
            with self.assertRaises(AccessError):
                self.ticket.with_user(user)._social_care_pass_on("Our vet is on it.")
            with self.assertRaises(AccessError):
                self.ticket.with_user(user).action_social_pass_on()

    def test_nobody_makes_an_answer_a_holding_message(self):
        replies = self.env["social.care.reply"].with_user(self.agent)
        values = {"mention_id": self.mention.id, "body": "Wait."}
        with self.assertRaises(AccessError):
            replies.create({**values, "kind": "holding"})
        reply = replies.with_context(default_kind="holding").create(values)
        self.assertEqual(reply.kind, "answer")

    def test_one_that_was_given_back_is_opened_again(self):
        self.team.social_approval = "all"
        reply = self._pass_on()
        self.assertEqual(reply.state, "to_approve")
        reply.with_user(self.agent).action_withdraw()
        action = self.ticket.action_social_pass_on()
        self.assertEqual((action["res_model"], action["res_id"]), ("social.care.reply", reply.id))
