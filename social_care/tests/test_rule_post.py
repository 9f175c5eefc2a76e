from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import MONDAY_10
from .test_rule import RuleCommon

SUNDAY = MONDAY_10 + timedelta(days=6)


@freeze_time(MONDAY_10)
class TestRulePost(RuleCommon):
    """No tickets from this post until…: one click from any of its comments."""

    def setUp(self):
        super().setUp()
        self.severe = self._rule(keywords="lawyer", severe=True, sequence=20)
        self.question = self._rule(keywords="?", intent="question", sequence=40)
        self.comment = self._comment("Me!")

    def _comment(self, body, **values):
        values = {"kind": "comment", "thread_external_id": "post-1", **values}
        return self._decide(body=body, **values)

    def _dialog(self, mention=None, user=None, **values):
        mention = (mention or self.comment).with_user(user or self.agent)
        action = mention.action_quiet_post()
        model = self.env[action["res_model"]].with_user(user or self.agent)
        return model.with_context(**action["context"]).create({"until": SUNDAY, **values})

    def test_comments_below_it_need_no_answer_until_then(self):
        self._dialog().action_apply()
        quiet = self._comment("I want to win")
        self.assertEqual(quiet.state, "ignored")
        self.assertEqual(quiet.reason_id, self.env.ref("social_care.reason_giveaway"))
        self.assertEqual(self._comment("Me!", thread_external_id="post-2").state, "ticket")
        with freeze_time(SUNDAY + timedelta(minutes=1)):
            self.assertEqual(self._comment("Too late?").state, "ticket")

    def test_questions_and_what_is_severe_still_pass(self):
        self._dialog().action_apply()
        self.assertEqual(self._comment("When is the draw?").state, "ticket")
        self.assertEqual(self._comment("My lawyer will call").state, "ticket")

    def test_the_rule_stands_for_its_account_and_its_end(self):
        self._dialog().action_apply()
        rule = self._comment("Me too").rule_id
        self.assertEqual(rule.account_ids, self.account)
        self.assertEqual(rule.until, SUNDAY)
        self.assertEqual(rule.create_uid, self.agent, "who did it is known")
        self.assertIn("post-1", rule.name)

    def test_asking_again_moves_the_end_of_the_same_rule(self):
        self._dialog().action_apply()
        dialog = self._dialog(until=SUNDAY + timedelta(days=7))
        self.assertTrue(dialog.rule_id)
        dialog.action_apply()
        rule = self.env["social.care.rule"].search([("thread_external_id", "=", "post-1")])
        self.assertEqual(rule.until, SUNDAY + timedelta(days=7))

    def test_a_post_of_the_same_id_on_another_account_is_another_post(self):
        self._dialog().action_apply()
        other = self._create_account(external_id="b@fake.example", handle="b")
        theirs = self._receive(
            self._mention("x", who="eva", thread_external_id="post-1"), account=other
        )
        self.assertEqual(theirs.state, "ticket")
        self.assertFalse(self._dialog(theirs).rule_id)

    def test_archiving_the_rule_takes_it_back(self):
        self._dialog().action_apply()
        self._dialog().action_end()
        self.assertEqual(self._comment("Me!").state, "ticket")

    def test_an_open_conversation_goes_on(self):
        self._dialog().action_apply()
        second = self._comment("Me again", who=self.comment.author_id.handle)
        self.assertEqual(second.ticket_id, self.comment.ticket_id)

    def test_a_private_message_or_one_below_no_post_is_refused(self):
        for mention in (
            self._decide(),
            self._comment("x", kind="direct", visibility="direct"),
            self._receive(self._mention("own", who="eva", thread_external_id="own")),
        ):
            self.assertFalse(mention.can_quiet)
            with self.assertRaises(UserError):
                self._dialog(mention).action_apply()

    def test_it_takes_an_agent_of_the_accounts_teams(self):
        stranger = new_test_user(
            self.env, login="stranger", groups="social_care.social_care_group_agent"
        )
        reader = new_test_user(
            self.env, login="reader", groups="helpdesk_mgmt.group_helpdesk_manager"
        )
        for user in (stranger, reader):
            with self.assertRaises(AccessError):
                self._dialog(user=user).action_apply()
        # Not by filling in the dialog over RPC either, which shows how a message begins.
        dialog = self.env["social.care.quiet"].with_user(stranger)
        with self.assertRaises(AccessError):
            dialog.create({"mention_id": self.comment.id, "until": SUNDAY})

    def test_what_a_manager_set_on_a_post_is_not_for_agents_to_end(self):
        theirs = {"action": "ignore", "thread_external_id": "post-1", "sequence": 1}
        other = self._create_account(external_id="b@fake.example", handle="b")
        both = [Command.set((self.account | other).ids)]
        for_ever = self._rule(**theirs, account_ids=[Command.set(self.account.ids)])
        wide = self._rule(**theirs, account_ids=both, until=SUNDAY)
        dialog = self._dialog()
        self.assertFalse(dialog.rule_id)
        dialog.action_apply()
        self.assertEqual((for_ever.until, wide.until), (False, SUNDAY))

    def test_another_companys_order_of_rules_does_not_matter(self):
        company = self.env["res.company"].create({"name": "Other"})
        self._rule(keywords="x", intent="question", sequence=500, company_id=company.id)
        self._dialog().action_apply()
        self.assertEqual(self._comment("Me too").rule_id.sequence, 40)

    def test_it_offers_a_week(self):
        context = self.comment.action_quiet_post()["context"]
        dialog = self.env["social.care.quiet"].with_context(**context).create({})
        self.assertEqual(dialog.until, MONDAY_10 + timedelta(days=7))

    def test_the_end_lies_ahead(self):
        with self.assertRaises(UserError):
            self._dialog(until=MONDAY_10).action_apply()
