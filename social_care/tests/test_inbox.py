from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from odoo.addons.social_care.models.social_care_mention_decide import DECISION

from .common import SocialCareCommon


class TestInbox(SocialCareCommon):
    """What people decide, and how they take it back."""

    def setUp(self):
        super().setUp()
        self.mention = self._undecided("1", "ana")

    def _undecided(self, external_id, who, **values):
        items = [self._mention(external_id, who=who, addressed=False, **values)]
        return self._receive(*items).with_user(self.agent)

    def _decide(self, mentions, decision="ignored", user=None, **values):
        action = mentions.with_context(default_decision=decision).action_decide()
        model = self.env[action["res_model"]].with_user(user or self.agent)
        wizard = Form(model.with_context(**action["context"]))
        for name, value in values.items():
            setattr(wizard, name, value)
        return wizard.save().action_apply()

    def _spam(self):
        return self.env.ref("social_care.reason_spam")

    def _decision(self, mention):
        return mention.sudo().read([*DECISION, "ticket_id"])

    # -- Decisions -------------------------------------------------------------

    def test_a_decision_says_who_when_why_and_offers_to_undo_it(self):
        action = self._decide(self.mention, reason_id=self._spam(), note="A bot")
        self.assertEqual(self.mention.decided_by_id, self.agent)
        self.assertTrue(self.mention.decided_at)
        self.assertEqual(self.mention.decision_note, "A bot")
        self.assertEqual(action["tag"], "social_care_decided")
        self.assertEqual(action["params"]["mention_ids"], self.mention.ids)
        self.assertTrue(action["params"]["undo"])
        self.assertIn("Spam or advertising", action["params"]["message"])

    def test_several_are_decided_at_once(self):
        mentions = self.mention | self._undecided("2", "bo")
        self._decide(mentions, reason_id=self._spam())
        self.assertEqual(mentions.mapped("state"), ["ignored", "ignored"])

    def test_the_reason_chosen_last_is_chosen_already(self):
        self._decide(self.mention, reason_id=self.env.ref("social_care.reason_tagging"))
        other = self._undecided("2", "bo")
        context = {"default_mention_ids": other.ids}
        form = Form(self.env["social.care.decide"].with_user(self.agent).with_context(**context))
        self.assertEqual(form.reason_id, self.env.ref("social_care.reason_tagging"))
        boss = new_test_user(self.env, "inbox_boss", groups="social_care.social_care_group_manager")
        form = Form(self.env["social.care.decide"].with_user(boss).with_context(**context))
        self.assertFalse(form.reason_id)

    def test_an_eye_is_kept_on_it_for_a_usual_time_or_another(self):
        before = fields.Datetime.now()
        self._decide(self.mention, "watch", watch_hours="72")
        self.assertAlmostEqual(
            self.mention.watch_until, before + timedelta(days=3), delta=timedelta(seconds=5)
        )
        other = self._undecided("2", "bo")
        until = before + timedelta(days=30)
        self._decide(other, "watch", watch_hours="other", watch_until=until)
        self.assertEqual(other.watch_until, until)
        with self.assertRaisesRegex(UserError, "in the future"):
            self._decide(other, "watch", watch_hours="other", watch_until=before)

    def test_the_card_says_why_it_is_here(self):
        self.assertIn("No rule matched", self.mention.why_here)
        self.account._ingest([self._mention("2", who="bo")])
        untried = self.env["social.care.mention"].search([("external_id", "=", "2")])
        self.assertIn("Just arrived", untried.why_here)
        self._decide(self.mention, reason_id=self._spam())
        self.assertFalse(self.mention.why_here)

    def test_what_is_watched_is_not_said_to_be_over(self):
        self._decide(self.mention, "watch", watch_hours="24")
        self.assertFalse(self.mention.why_here)
        with freeze_time(fields.Datetime.now() + timedelta(hours=25)):
            self.mention.invalidate_recordset(["why_here"])
            self.assertIn("is over", self.mention.why_here)

    def test_in_the_inbox_a_ticket_is_told_and_elsewhere_it_opens(self):
        stay = self.mention.with_context(social_care_stay=True).action_make_ticket()
        self.assertEqual(stay["params"]["next"]["type"], "ir.actions.act_window_close")
        opened = self._undecided("2", "bo").action_make_ticket()
        self.assertEqual(opened["params"]["next"]["res_model"], "helpdesk.ticket")

    def test_only_agents_decide_and_nobody_forges_what_undoing_restores(self):
        with self.assertRaises(AccessError):
            self.mention.write({"former": {"state": "ignored"}})
        clerk = new_test_user(self.env, "clerk", groups="helpdesk_mgmt.group_helpdesk_user")
        stranger = new_test_user(
            self.env, "inbox_stranger", groups="social_care.social_care_group_agent"
        )
        for user in (clerk, stranger):
            for method in ("action_make_ticket", "action_decide", "action_undo"):
                with self.assertRaises(AccessError):
                    getattr(self.mention.with_user(user), method)()

    def test_what_one_keeps_an_eye_on_comes_back_and_says_why(self):
        self._decide(self.mention, "watch", watch_reach=300)
        self.assertEqual(self.mention.watch_reach, 300)
        self.account._ingest([self._mention("1", addressed=False, views=300)])
        self.assertEqual(self.mention.state, "new")
        self.assertIn("views: 300", self.mention.why_here)

    # -- Undo --------------------------------------------------------------

    def test_undo_brings_back_why_it_was_there(self):
        self._decide(self.mention, "watch", watch_reach=300)
        self.account._ingest([self._mention("1", addressed=False, views=300)])
        woken = self._decision(self.mention)
        self._decide(self.mention, reason_id=self._spam())
        self.mention.action_undo()
        self.assertEqual(self._decision(self.mention), woken)
        self.assertIn("views: 300", self.mention.why_here)

    def test_undo_restores_the_decision_before_exactly(self):
        self._decide(self.mention, "watch", note="Let us see")
        second = self._decision(self.mention)
        self._decide(self.mention, reason_id=self._spam())
        self.mention.action_undo()
        self.assertEqual(self._decision(self.mention), second)
        self._decide(self.mention, reason_id=self._spam())
        self.mention.action_undo()
        self.assertEqual(self._decision(self.mention), second)
        self.mention.action_undo()
        self.assertEqual(self.mention.state, "new", "back to the inbox")
        self.assertFalse(self.mention.decided_by_id or self.mention.watch_until)

    def test_the_first_decision_of_a_message_is_undone_to_how_it_came(self):
        before = self._decision(self.mention)
        self._decide(self.mention, "watch", note="Let us see")
        self.mention.action_undo()
        self.assertEqual(self._decision(self.mention), before)
        states = [past["state"] for past in self.mention.sudo().past_decisions]
        self.assertEqual(states, ["watch"], "what was taken back is remembered")

    def test_undo_brings_a_rules_decision_back_too(self):
        self.mention._decide_ignored("praise")
        before = self._decision(self.mention)
        self._decide(self.mention, "watch")
        self.mention.action_undo()
        self.assertEqual(self._decision(self.mention), before)

    def test_what_something_else_decided_since_is_not_undone_to_an_older_state(self):
        self._decide(self.mention, "watch")
        self.mention._decide_ignored("deleted")
        self.assertFalse(self.mention.sudo().former)
        self.mention.action_undo()
        self.assertEqual(self.mention.state, "new")

    def test_a_ticket_just_made_is_taken_back(self):
        before = self._decision(self.mention)
        self.mention.action_make_ticket()
        ticket = self.mention.ticket_id.sudo()
        self.assertIs(self.mention.action_undo(), True)
        self.assertEqual(self._decision(self.mention), before)
        self.assertFalse(ticket.exists())

    def test_a_second_click_takes_nothing_from_the_first_ones_undo(self):
        self.mention.action_make_ticket()
        ticket = self.mention.ticket_id.sudo()
        self.assertTrue(self.mention._make_tickets()["params"]["undo"])
        self.assertIs(self.mention.action_undo(), True)
        self.assertEqual(self.mention.state, "new")
        self.assertFalse(ticket.exists())

    def test_a_ticket_on_legal_hold_stays(self):
        self.mention.action_make_ticket()
        self.mention.ticket_id.sudo()._social_care_hold("Court")
        self._assert_ticket_stays()

    def test_a_ticket_with_an_answer_stays(self):
        self.mention.action_make_ticket()
        self.env["social.care.reply"].with_user(self.agent).create(
            {"mention_id": self.mention.id, "body": "A draft is enough"}
        )
        self._assert_ticket_stays()

    def test_a_ticket_the_customer_wrote_to_again_stays(self):
        self.mention.action_make_ticket()
        later = self._receive(self._mention("2", parent_external_id="1"))
        self.assertEqual(later.ticket_id, self.mention.ticket_id.sudo())
        self._assert_ticket_stays()

    def test_a_ticket_whose_promise_was_missed_stays(self):
        """Posted at 10:00 and due at 12:00; made at 11:00, regretted at 12:30."""
        with freeze_time("2026-08-17 09:00:00"):
            self.mention.action_make_ticket()
        with freeze_time("2026-08-17 10:30:00"):
            self._assert_ticket_stays()

    def test_a_ticket_that_was_late_when_it_was_made_is_taken_back(self):
        with freeze_time("2026-08-17 11:00:00"):
            self.mention.action_make_ticket()
            self.assertIs(self.mention.action_undo(), True)

    def test_a_ticket_that_somebody_else_changed_stays(self):
        self.mention.action_make_ticket()
        self.mention.ticket_id.sudo(False).with_user(self.env.ref("base.user_admin")).priority = "3"
        self.env.flush_all()
        self._assert_ticket_stays()

    def test_a_ticket_that_somebody_else_commented_stays(self):
        self.mention.action_make_ticket()
        ticket = self.mention.ticket_id.with_user(self.env.ref("base.user_admin"))
        ticket.message_post(body="I call her")
        self._assert_ticket_stays()

    def _assert_ticket_stays(self):
        with self.assertRaisesRegex(UserError, "more has happened"):
            self.mention.action_undo()
        self.assertEqual(self.mention.state, "ticket")
        self.assertTrue(self.mention.ticket_id.exists())

    def test_joining_an_open_ticket_is_not_undone(self):
        self._receive(self._mention("2"))
        action = self.mention.action_make_ticket()
        self.assertEqual(len(self.mention.ticket_id.social_mention_ids), 2)
        self.assertFalse(action["params"]["undo"])
        self._assert_ticket_stays()

    def test_only_who_made_a_ticket_takes_it_back(self):
        self.mention.action_make_ticket()
        boss = new_test_user(self.env, "inbox_boss", groups="social_care.social_care_group_manager")
        with self.assertRaisesRegex(UserError, "more has happened"):
            self.mention.with_user(boss).action_undo()

    def test_of_several_tickets_those_that_may_go_go(self):
        mentions = self.mention | self._undecided("2", "bo") | self._undecided("3", "cleo")
        mentions._make_tickets()
        self.env["social.care.reply"].with_user(self.agent).create(
            {"mention_id": self.mention.id, "body": "On it"}
        )
        told = mentions.action_undo()
        self.assertEqual(mentions.mapped("state"), ["ticket", "new", "new"])
        self.assertIn("Done: 2. Not done: 1", told["params"]["message"])

    def test_a_ticket_that_went_to_another_team_is_still_ones_own_to_take_back(self):
        first = self.env["helpdesk.ticket.team"].create({"name": "First"})
        self.account.team_line_ids = [Command.create({"team_id": first.id, "sequence": 1})]
        self.account.invalidate_recordset()
        self.mention.action_make_ticket()
        self.mention.env.flush_all()  # as the request of the agent does
        self.assertEqual(self.mention.sudo().ticket_id.team_id, first)
        with self.assertRaises(AccessError):
            self.mention.check_access("read")
        self.mention.action_undo()
        self.assertEqual(self.mention.state, "new")

    def test_three_hundred_are_undone_with_a_handful_of_queries(self):
        items = [
            self._mention(str(number), who=f"p{number}", body=f"t {number}", addressed=False)
            for number in range(100, 400)
        ]
        mentions = self._receive(*items).with_user(self.agent)
        self._decide(mentions, reason_id=self._spam())
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(20):
            mentions.action_undo()
            self.env.flush_all()
        self.assertEqual(set(mentions.mapped("state")), {"new"})
