from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user

from .common import MONDAY_10, SocialCareCommon


class TestAsk(SocialCareCommon):
    """An agent asks somebody who knows; they answer here, and the agent sends it on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pilot = new_test_user(cls.env, login="pilot", name="Pilar", groups="base.group_user")
        cls.other = new_test_user(cls.env, login="other", name="Otto", groups="base.group_user")

    def setUp(self):
        super().setUp()
        self.network.max_length = 500
        mention = self._receive(self._mention(body="Which suitcase may I bring?"))
        self.mention, self.ticket = mention, mention.ticket_id.with_user(self.agent)

    def _ask(self, users=None, text="How big may it be?", **values):
        deadline = MONDAY_10 + timedelta(hours=1)
        return self.ticket._social_care_ask(users or self.pilot, text, deadline, **values)

    def _give(self, question, text="55 × 40 × 20 cm.", user=None):
        mine = question.with_user(user or self.pilot).sudo(False)
        mine.answer = text
        mine.action_answer()
        self.env.invalidate_all()

    # -- Asking --------------------------------------------------------------------

    def test_who_is_asked_gets_an_activity(self):
        question = self._ask()
        [activity] = question.activity_ids
        self.assertEqual(activity.user_id, self.pilot)
        self.assertEqual(
            activity.activity_type_id,
            self.env.ref("social_care.mail_activity_type_question"),
        )
        self.assertEqual(
            (activity.res_model, activity.res_id), ("social.care.question", question.id)
        )
        self.assertEqual(str(activity.date_deadline), "2026-08-17")

    def test_a_note_names_them_and_the_customer_gets_nothing(self):
        self._ask()
        note = self.ticket.message_ids[0]
        self.assertIn("@Pilar", note.body)
        self.assertIn("How big may it be?", note.body)
        self.assertTrue(note.is_internal or note.subtype_id.internal)
        self.assertFalse(self.network.ledger)
        self.assertTrue(self.ticket.social_waiting_since, "the clock goes on")

    def test_who_may_read_the_ticket_is_mentioned_there(self):
        colleague = new_test_user(
            self.env, login="bea", groups="social_care.social_care_group_agent"
        )
        self.team.user_ids |= colleague
        self._ask(self.pilot | colleague)
        self.assertEqual(self.ticket.message_ids[0].partner_ids, colleague.partner_id)

    def test_words_are_escaped_in_the_note(self):
        self._ask(text="<b>Size?</b>")
        self.assertIn("&lt;b&gt;Size?&lt;/b&gt;", self.ticket.message_ids[0].body)

    def test_only_people_of_the_company_can_be_asked(self):
        portal = new_test_user(self.env, login="portal", groups="base.group_portal")
        for strangers in (portal, self.env["res.users"]):
            with self.assertRaises(UserError):
                self.ticket._social_care_ask(strangers, "Size?", MONDAY_10)

    def test_asking_takes_the_role_and_the_ticket(self):
        for user in (self.pilot, self._stranger()):
            with self.assertRaises(AccessError):
                self.ticket.with_user(user).action_social_ask()
            with self.assertRaises(AccessError):
                self.ticket.with_user(user)._social_care_ask(self.other, "Size?", MONDAY_10)

    def _stranger(self):
        return new_test_user(
            self.env, login="stranger", groups="social_care.social_care_group_agent"
        )

    # -- The dialog -------------------------------------------------------------------

    def _wizard(self, **values):
        wizard = self.env["social.care.ask"].with_user(self.agent)
        return wizard.create({"ticket_id": self.ticket.id, **values})

    @freeze_time("2026-08-17 08:30")
    def test_the_deadline_is_half_of_the_time_left(self):
        """Posted at 10:00, promised for 12:00; at 10:30 an hour and a half is left."""
        self.assertEqual(self.ticket.social_deadline, datetime(2026, 8, 17, 10))
        self.assertEqual(self._wizard().deadline, datetime(2026, 8, 17, 9, 15))

    @freeze_time("2026-08-17 11:00")
    def test_where_the_promise_is_broken_it_is_an_hour(self):
        self.assertEqual(self._wizard().deadline, datetime(2026, 8, 17, 12))

    def test_it_proposes_the_team_and_who_follows(self):
        member = new_test_user(
            self.env, login="member", groups="social_care.social_care_group_agent"
        )
        self.team.user_ids |= member
        self.ticket.message_subscribe(self.pilot.partner_id.ids)
        near = self._wizard().near_user_ids
        self.assertEqual(near, member | self.pilot)

    def test_a_team_is_asked_through_its_leader_else_all_of_it(self):
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Baggage", "user_ids": [Command.set((self.pilot | self.other).ids)]}
        )
        self._wizard(team_id=team.id, question="Size?").action_apply()
        self.assertEqual(self.ticket.social_question_ids[0].user_ids, self.pilot | self.other)
        team.user_id = self.other
        self.env.invalidate_all()
        self._wizard(team_id=team.id, question="Size?").action_apply()
        self.assertEqual(self.ticket.social_question_ids[0].user_ids, self.other)
        self.assertEqual(self.ticket.social_question_ids[0].team_id, team)

    def test_it_wants_a_person_and_a_question(self):
        for values in ({}, {"user_id": self.pilot.id}, {"user_id": self.pilot.id, "question": " "}):
            with self.assertRaises(UserError):
                self._wizard(**values).action_apply()

    # -- Who is asked sees the question and nothing else ---------------------------------

    def test_they_see_the_question_and_the_quote(self):
        question = self._ask().with_user(self.pilot).sudo(False)
        [row] = question.web_read(
            {"question": {}, "quote": {}, "customer_name": {}, "state": {}, "is_asked": {}}
        )
        self.assertEqual(row["question"], "How big may it be?")
        self.assertEqual(row["quote"], "Which suitcase may I bring?")
        self.assertEqual(row["customer_name"], "Ana")
        self.assertTrue(row["is_asked"])

    def test_their_form_leads_no_further(self):
        question = self._ask().with_user(self.pilot).sudo(False)
        form = question.get_view(view_type="form")["arch"]
        for name in ("ticket_id", "mention_id", "reply_id", "team_id"):
            self.assertNotIn(name, question.fields_get())
            self.assertNotIn(f'name="{name}"', form)
            with self.assertRaises(AccessError):
                question.read([name])
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.pilot).read(["name"])
        with self.assertRaises(AccessError):
            self.mention.with_user(self.pilot).read(["body"])

    def test_what_the_customer_takes_back_is_gone_here_too(self):
        question = self._ask()
        self.mention.sudo().body = "Which bag?"
        self.assertEqual(question.with_user(self.pilot).sudo(False).quote, "Which bag?")

    def test_others_do_not_see_it(self):
        question = self._ask()
        for user in (self.other, self._stranger()):
            with self.assertRaises(AccessError):
                question.with_user(user).sudo(False).read(["question"])
            self.assertFalse(question.with_user(user).sudo(False).search([]))

    def test_they_write_their_answer_and_nothing_else(self):
        question = self._ask().with_user(self.pilot).sudo(False)
        for name, value in (
            ("question", "Another?"),
            ("state", "answered"),
            ("user_ids", [Command.link(self.other.id)]),
            ("ticket_id", False),
            ("asker_id", self.pilot.id),
        ):
            with self.assertRaises(AccessError):
                question.write({name: value})
        with self.assertRaises(AccessError):
            question.create({"question": "?", "asker_id": self.pilot.id})
        with self.assertRaises(AccessError):
            question.unlink()
        for step in ("action_send", "action_use", "action_withdraw"):
            with self.assertRaises(AccessError):
                getattr(question, step)()

    def test_nobody_answers_in_their_place(self):
        question = self._ask().with_user(self.agent).sudo(False)
        with self.assertRaises(AccessError):
            question.answer = "Any size."
        with self.assertRaises(AccessError):
            question.action_answer()

    # -- Their answer --------------------------------------------------------------------

    def test_it_reaches_who_asked(self):
        question = self._ask()
        self._give(question)
        self.assertEqual((question.state, question.answered_by_id), ("answered", self.pilot))
        self.assertFalse(question.activity_ids)
        note = self.ticket.message_ids[0]
        self.assertIn("55 × 40 × 20 cm.", note.body)
        self.assertEqual(note.author_id, self.pilot.partner_id)
        self.assertIn(self.agent.partner_id, note.notified_partner_ids)
        self.assertFalse(self.network.ledger)
        self.assertTrue(self.ticket.social_waiting_since, "the clock goes on")

    def test_an_empty_answer_is_none(self):
        question = self._ask()
        with self.assertRaises(UserError):
            self._give(question, "  ")

    def test_of_several_one_answers(self):
        question = self._ask(self.pilot | self.other)
        self._give(question)
        with self.assertRaises(UserError):
            self._give(question, "No idea.", user=self.other)
        self.assertFalse(question.activity_ids)

    def test_a_withdrawn_question_is_no_longer_answered(self):
        question = self._ask()
        question.with_user(self.agent).sudo(False).action_withdraw()
        self.assertFalse(question.activity_ids)
        with self.assertRaises(UserError):
            self._give(question)
        self.assertFalse(self.ticket.social_shown_question_ids)

    def test_closing_the_ticket_withdraws_what_is_open(self):
        given, still_open = self._ask(), self._ask()
        self._give(given)
        closed = self.env["helpdesk.ticket.stage"].search([("closed", "=", True)], limit=1)
        self.ticket.stage_id = closed
        self.assertFalse(still_open.activity_ids)
        self.assertEqual((given | still_open).mapped("state"), ["answered", "withdrawn"])

    # -- Sent with one press -----------------------------------------------------------------

    def test_it_is_sent_with_one_press_in_the_agents_name(self):
        question = self._ask()
        self._give(question)
        question.with_user(self.agent).sudo(False).action_send()
        reply = self.ticket.social_reply_ids
        self.assertEqual(
            (reply.body, reply.kind, reply.user_id), ("@ana 55 × 40 × 20 cm.", "answer", self.agent)
        )
        self.assertEqual(question.reply_id, reply)
        self._run_cron("ir_cron_publish")
        self.assertEqual(self.network.ledger[0].body, "@ana 55 × 40 × 20 cm.")
        self.assertFalse(self.ticket.social_waiting_since)

    def test_where_the_customer_wrote_meanwhile_it_is_read_beside_that_first(self):
        question = self._ask()
        self._give(question)
        newer = self._receive(self._mention("new", body="I have found it!"))
        self.assertEqual(newer.ticket_id, self.ticket)
        action = question.with_user(self.agent).sudo(False).action_send()
        self.assertEqual(action["res_model"], "social.care.reply")
        self.assertIn("55 × 40 × 20 cm.", action["context"]["default_body"])
        self.assertFalse(self.ticket.social_reply_ids)

    def test_it_is_sent_once(self):
        question = self._ask()
        self._give(question)
        question = question.with_user(self.agent).sudo(False)
        question.action_send()
        with self.assertRaisesRegex(UserError, "become an answer already"):
            question.action_send()
        question.reply_id.action_cancel()
        question.action_send()
        self.assertEqual(self.ticket.social_reply_ids.mapped("state"), ["queued", "cancelled"])

    def test_where_nobody_else_can_approve_it_the_second_screen_opens(self):
        question = self._ask()
        self._give(question)
        self.ticket.sudo().social_severe = True
        self.env.ref("social_care.social_care_group_reviewer").all_user_ids.active = False
        action = question.with_user(self.agent).sudo(False).action_send()
        self.assertEqual(action["res_model"], "social.care.approval")

    def test_it_goes_through_the_checks(self):
        question = self._ask()
        self._give(question, "Centimetres! " * 60)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            question.with_user(self.agent).sudo(False).action_send()
        self.assertFalse(self.ticket.social_reply_ids)

    def test_an_open_question_cannot_be_sent(self):
        question = self._ask().with_user(self.agent).sudo(False)
        for step in (question.action_send, question.action_use):
            with self.assertRaises(UserError):
                step()

    def test_it_can_be_used_in_the_dialog(self):
        question = self._ask()
        self._give(question)
        action = question.with_user(self.agent).sudo(False).action_use()
        self.assertEqual(action["res_model"], "social.care.reply")
        self.assertEqual(action["context"]["default_body"], "@ana 55 × 40 × 20 cm.")

    def test_the_ticket_shows_it_until_the_customer_is_answered(self):
        with freeze_time(MONDAY_10 + timedelta(minutes=5)):
            question = self._ask()
            self.assertEqual(self.ticket.social_shown_question_ids, question.sudo(False))
            self._give(question)
            self.assertEqual(self.ticket.social_shown_question_ids, question.sudo(False))
        self._answer(self.mention, "55 × 40 × 20 cm.")
        self.assertFalse(self.ticket.social_shown_question_ids)

    def test_merged_tickets_bring_their_questions(self):
        question = self._ask()
        other = self._receive(self._mention("2", who="bo")).ticket_id
        self.ticket.sudo()._social_care_merge_into(other)
        self.assertEqual(question.ticket_id, other)
