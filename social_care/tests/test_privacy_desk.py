from datetime import timedelta

from odoo.tests import new_test_user

from .common import MONDAY_10, SocialCareCommon

REVIEWER = "social_care.social_care_group_reviewer"


class TestPrivacyDesk(SocialCareCommon):
    """Who is forgotten is forgotten on the agents' desk, too: questions, reviews, notices."""

    def setUp(self):
        super().setUp()
        self.network.max_length = 500
        self.mention = self._receive(self._mention("1", body="My suitcase is lost"))
        self.ticket = self.mention.ticket_id

    def _erase(self):
        self.mention.author_id._social_care_erase()
        self.env.invalidate_all()

    def _notices(self, record):
        return self.env["mail.message"].search(
            [
                ("model", "=", record._name),
                ("res_id", "=", record.id),
                ("message_type", "=", "user_notification"),
            ]
        )

    def test_a_question_to_a_colleague_says_nothing_any_more(self):
        pilot = new_test_user(self.env, login="pilot", name="Pilar", groups="base.group_user")
        ticket = self.ticket.with_user(self.agent)
        deadline = MONDAY_10 + timedelta(hours=1)
        answered, asked = (
            ticket._social_care_ask(pilot, "Where is Ana's suitcase?", deadline) for _number in "12"
        )
        mine = answered.with_user(pilot).sudo(False)
        mine.answer = "In Ana's hotel."
        mine.action_answer()
        self._erase()
        for question in answered | asked:
            self.assertEqual((question.question, question.answer), ("Erased on request.", False))
            self.assertFalse(question.activity_ids)
            self.assertFalse(self._notices(question))
        self.assertEqual((answered.state, asked.state), ("answered", "withdrawn"))
        self.assertNotIn("Ana", self._chatter(self.ticket))

    def test_a_deletion_by_the_customer_leaves_what_colleagues_said(self):
        question = self.ticket.with_user(self.agent)._social_care_ask(
            self.agent, "How big may it be?", MONDAY_10
        )
        self.mention._blank("deleted")
        self.assertEqual(question.question, "How big may it be?")
        self.assertIn("How big may it be?", self._chatter(self.ticket))

    def test_what_a_reviewer_noted_goes_with_the_activity(self):
        reviewer = new_test_user(self.env, login="reviewer", name="Rita", groups=REVIEWER)
        self.team.user_ids |= reviewer
        self.ticket.social_severe = True
        reply = self._answer(self.mention, "Dear Ana")
        reply.with_user(reviewer)._reject("Ana is a lawyer.")
        self.assertIn("Ana is a lawyer.", self.ticket.activity_ids.note)
        self._erase()
        self.assertFalse(self.ticket.activity_ids)
        self.assertFalse(reply.rejected_note)

    def test_nobody_is_asked_to_approve_what_is_gone(self):
        reviewer = new_test_user(self.env, login="reviewer", name="Rita", groups=REVIEWER)
        self.team.user_ids |= reviewer
        self.ticket.social_severe = True
        reply = self._answer(self.mention, "Dear Ana")
        self.assertEqual(reply.state, "to_approve")
        self.assertTrue(self.ticket.activity_ids)
        self._erase()
        self.assertEqual(reply.state, "cancelled")
        self.assertFalse(self.ticket.activity_ids)

    def test_why_an_answer_was_deleted_is_left_out(self):
        reply = self._answer(self.mention, "Dear Ana")
        self._run_cron("ir_cron_publish")
        reply.write(
            {
                "deleted_at": MONDAY_10,
                "deleted_by_id": self.agent.id,
                "deleted_reason": "Ana is in hospital",
            }
        )
        self._erase()
        self.assertEqual(reply.gone_text, "Deleted by Marta Cano: …")

    def test_who_was_rung_no_longer_reads_whom_it_was_about(self):
        self.env["social.care.ring"]._ring({self.ticket: self.agent})
        notice = self._notices(self.ticket)
        self.assertIn("Ana", notice.subject)
        self._erase()
        self.assertFalse(notice.subject)
        self.assertIn("Erased on request.", notice.body)

    def test_a_notice_of_several_tickets_loses_the_line_of_one(self):
        self.team.user_id = self.agent
        other = self._receive(self._mention("9", who="bo", body="My <b>bike</b> & I"))
        self.team._social_care_tell_nobody(self.ticket | other.ticket_id)
        notice = self._notices(self.team)
        self.assertIn("suitcase", notice.body)
        other._blank("deleted")
        self.assertNotIn("bike", notice.body)
        self.assertIn("suitcase", notice.body)
        self._erase()
        self.assertNotIn("suitcase", notice.body)
        self.assertIn("Erased on request", notice.body)
