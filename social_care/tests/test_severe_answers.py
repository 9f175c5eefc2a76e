from odoo.exceptions import UserError
from odoo.tests import new_test_user

from .common import SocialCareCommon


class TestSevereAnswers(SocialCareCommon):
    """What we say to something severe goes out when a second person has read it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        group = "social_care.social_care_group_reviewer"
        cls.env.ref(group).sudo().all_user_ids.filtered("active").group_ids -= cls.env.ref(group)
        managers = cls.env.ref("social_care.social_care_group_manager")
        managers.user_ids = False
        cls.reviewer = new_test_user(cls.env, login="reviewer", name="Rita", groups=group)
        cls.team.user_ids |= cls.reviewer

    def _severe(self):
        mention = self._receive(self._mention(body="I will sue you"))
        mention.ticket_id.social_severe = True
        return mention

    def test_the_answer_waits_for_a_reviewer(self):
        reply = self._answer(self._severe())
        self.assertEqual((reply.state, reply.error_code), ("to_approve", "severe_unapproved"))
        self._run_cron("ir_cron_publish")
        self.assertEqual(self.network.ledger, [], "nothing goes out")
        self.assertEqual(reply.ticket_id.activity_ids.user_id, self.reviewer)

    def test_a_reviewer_approves_it_and_it_goes_out_in_its_authors_name(self):
        reply = self._answer(self._severe())
        reply.with_user(self.reviewer).action_retry()
        self._run_cron("ir_cron_publish")
        self.assertEqual(reply.state, "sent")
        self.assertEqual((reply.user_id, reply.approver_id), (self.agent, self.reviewer))
        self.assertFalse(reply.ticket_id.activity_ids)

    def test_its_author_cannot_approve_it(self):
        reply = self._answer(self._severe())
        with self.assertRaises(UserError):
            reply.with_user(self.agent).action_retry()
        with self.assertRaises(UserError):
            reply.ticket_id.with_user(self.agent).action_social_retry()

    def test_a_reviewer_who_wrote_it_cannot_either(self):
        new_test_user(
            self.env, login="second", groups="social_care.social_care_group_reviewer"
        ).helpdesk_team_ids = self.team
        mention = self._severe()
        reply = self.env["social.care.reply"].with_user(self.reviewer)
        reply = reply.create({"mention_id": mention.id, "body": "Our lawyers will answer."})
        reply.action_send_wait()
        with self.assertRaises(UserError):
            reply.action_retry()

    def test_where_nobody_else_can_approve_it_goes_out_and_is_recorded(self):
        self.reviewer.active = False
        reply = self._answer(self._severe())
        self.assertEqual((reply.state, reply.approver_id), ("queued", self.agent))

    def test_an_ordinary_answer_waits_for_nobody(self):
        reply = self._answer(self._receive(self._mention()))
        self.assertEqual((reply.state, bool(reply.approver_id)), ("queued", False))
