import base64
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user

from .common import SocialCareCommon

PIXEL = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
REVIEWER = "social_care.social_care_group_reviewer"


class ApprovalCommon(SocialCareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        group = cls.env.ref(REVIEWER)
        group.sudo().all_user_ids.filtered("active").group_ids -= group
        cls.env.ref("social_care.social_care_group_manager").user_ids = False
        cls.reviewer = new_test_user(cls.env, login="reviewer", name="Rita", groups=REVIEWER)
        cls.team.user_ids |= cls.reviewer

    def setUp(self):
        super().setUp()
        self.network.max_length = 500
        self.network.supports_media = True
        self.mention = self._receive(self._mention(body="I will sue you"))
        self.ticket = self.mention.ticket_id

    def _second_reviewer(self, **values):
        user = new_test_user(self.env, login="second", name="Sol", groups=REVIEWER, **values)
        self.team.user_ids |= user
        return user

    def _severe(self, **values):
        self.ticket.social_severe = True
        return self._answer(self.mention, **values)

    def _guard(self, pattern="guarante*", severity="approve"):
        return self.env["social.care.guard"].create(
            {"name": "Promises", "pattern": pattern, "severity": severity}
        )

    def _approve(self, reply, user=None):
        return reply.with_user(user or self.reviewer).action_approve()

    def _decide(self, action, user, **values):
        """Press the button of the dialog that an action opens."""
        self.assertEqual(action["res_model"], "social.care.approval")
        model = self.env["social.care.approval"].with_user(user).with_context(**action["context"])
        return model.create(values)

    def _reject(self, reply, note="Leave out the lawyers."):
        action = reply.with_user(self.reviewer).action_reject()
        self._decide(action, self.reviewer, note=note).action_reject()


class TestApprovalReasons(ApprovalCommon):
    """What a second person has to read before it goes out."""

    def _reasons(self, **values):
        reply = self._answer(self.mention, **values)
        return reply.state, reply.approval_reasons or []

    def test_an_ordinary_answer_waits_for_nobody(self):
        self.assertEqual(self._reasons(), ("queued", []))

    def test_a_severe_ticket(self):
        self.ticket.social_severe = True
        self.assertEqual(self._reasons(), ("to_approve", ["severe"]))

    def test_a_severe_message_of_the_ticket(self):
        self.mention.severe = True
        self.assertEqual(self._reasons(), ("to_approve", ["severe"]))

    def test_words_that_a_check_wants_approved(self):
        self._guard()
        self.assertEqual(self._reasons(body="We guarantee it."), ("to_approve", ["guard"]))

    def test_words_that_a_check_only_warns_of(self):
        self._guard(severity="warn")
        self.assertEqual(self._reasons(body="We guarantee it."), ("queued", []))

    def test_words_that_must_not_be_sent_are_named_and_stay_a_draft(self):
        self._guard("idiot*", severity="block")
        with self.assertRaisesRegex(UserError, "cannot be sent: “idiots” .Promises."):
            self._answer(self.mention, body="You idiots.")

    def test_a_newcomers_answers(self):
        self.agent.social_needs_approval = True
        self.assertEqual(self._reasons(), ("to_approve", ["user"]))

    def test_a_team_that_has_all_answers_read(self):
        self.team.social_approval = "all"
        self.assertEqual(self._reasons(), ("to_approve", ["team"]))

    def test_a_team_that_has_public_answers_read(self):
        self.team.social_approval = "public"
        self.assertEqual(self._reasons(), ("to_approve", ["team"]))
        private = self._receive(self._mention("2", who="bo", kind="direct", visibility="direct"))
        self.assertEqual(self._answer(private, visibility="direct").state, "queued")

    def test_a_ticket_taken_out_of_its_team_is_still_read_for_the_accounts_team(self):
        self.team.social_approval = "all"
        self.ticket.with_user(self.agent).team_id = False
        self.assertEqual(self._reasons(), ("to_approve", ["team"]))

    def test_all_reasons_are_told_in_words(self):
        self._guard()
        self.agent.social_needs_approval = True
        reply = self._severe(body="We guarantee it.")
        self.assertEqual(reply.approval_reasons, ["severe", "guard", "user"])
        self.assertEqual(
            reply.approval_text,
            "It answers something severe. It has words that somebody has to check. "
            "The answers of its author are read first.",
        )
        self.assertEqual(self.ticket.social_outbox_state, "to_approve")
        self.assertIn("something severe", self.ticket.social_outbox_text)

    def test_an_acknowledgement_is_not_asked_and_a_holding_message_is(self):
        self.team.social_approval = "all"
        values = {"mention_id": self.mention.id, "body": "We know.", "user_id": self.agent.id}
        for kind, reasons in (("acknowledgement", []), ("holding", ["team"])):
            reply = self.env["social.care.reply"].create({**values, "kind": kind})
            self.assertEqual(reply._get_approval_reasons(), reasons, kind)

    def test_managers_choose_on_the_team_whose_answers_are_read(self):
        manager = new_test_user(
            self.env, login="boss", groups="social_care.social_care_group_manager"
        )
        team = self.team.with_user(manager)
        team.social_learner_ids = self.agent
        self.assertTrue(self.agent.social_needs_approval)
        team.social_learner_ids = False
        self.assertFalse(self.agent.social_needs_approval)
        with self.assertRaises(AccessError):
            self.team.with_user(self.reviewer).social_learner_ids = self.agent

    def test_only_a_reviewer_says_that_it_is_not_severe_after_all(self):
        self.ticket.social_severe = self.mention.severe = True
        for record, field in ((self.ticket, "social_severe"), (self.mention, "severe")):
            with self.assertRaisesRegex(AccessError, "Only a reviewer"):
                record.with_user(self.agent)[field] = False
            record.with_user(self.reviewer)[field] = False
        self.assertEqual(self._reasons(), ("queued", []))

    def test_asking_costs_a_bounded_number_of_queries(self):
        reply = self.env["social.care.reply"].create(
            {"mention_id": self.mention.id, "body": "Hello", "user_id": self.agent.id}
        )
        self._guard()
        reply._get_open_reasons()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(9):
            self.assertEqual(reply._get_open_reasons(), [])


class TestApproval(ApprovalCommon):
    """Approve, change, reject: by somebody else, and each step is kept."""

    def test_nothing_goes_out_before_it_is_approved(self):
        reply = self._severe()
        self._publish()
        self.assertEqual((reply.state, self.network.ledger), ("to_approve", []))

    def test_a_reviewer_approves_it_and_it_goes_out_in_its_authors_name(self):
        reply = self._severe()
        self._approve(reply)
        self._publish()
        self.assertEqual(reply.state, "sent")
        self.assertEqual((reply.user_id, reply.approver_id), (self.agent, self.reviewer))
        self.assertTrue(reply.approved_at)
        self.assertFalse(reply.self_approved)
        self.assertFalse(self.ticket.activity_ids)
        note = self.ticket.message_ids.filtered(lambda one: "was approved" in one.body)
        self.assertEqual(note.author_id, self.reviewer.partner_id)
        self.assertTrue(note.is_internal)
        self.assertIn("It answers something severe.", note.body)

    def test_its_author_cannot_approve_it_neither_as_a_reviewer(self):
        self._second_reviewer()
        for author in (self.agent, self.reviewer):
            reply = self._severe().with_user(author)
            reply.sudo().user_id = author
            for way in ("action_approve", "action_reject", "action_retry", "action_send_wait"):
                with self.subTest(way, author=author.login), self.assertRaises(UserError):
                    getattr(reply, way)()
            with self.assertRaises(UserError):
                reply.ticket_id.action_social_retry()
            self.assertEqual(reply.state, "to_approve")

    def test_an_agent_who_is_no_reviewer_approves_nothing(self):
        other = new_test_user(self.env, "other", groups="social_care.social_care_group_agent")
        self.team.user_ids |= other
        reply = self._severe().with_user(other)
        self.assertFalse(reply.approval_role)
        with self.assertRaisesRegex(UserError, "reviewer who did not write"):
            reply.action_approve()
        with self.assertRaisesRegex(AccessError, "its author or a reviewer"):
            reply.body = "Mine"

    def test_a_reviewer_of_another_team_approves_nothing(self):
        reply = self._severe()
        stranger = new_test_user(self.env, "stranger", groups=REVIEWER)
        with self.assertRaises(AccessError):
            self._approve(reply, stranger)

    def test_the_rules_reviewer_and_the_leader_are_told_else_the_teams_reviewers(self):
        second = self._second_reviewer()
        reply = self._severe()
        self.assertEqual(self.ticket.activity_ids.user_id, self.reviewer | second)
        reply.with_user(self.agent).action_withdraw()
        self.assertFalse(self.ticket.activity_ids)
        self.team.user_id = second
        reply.with_user(self.agent).action_send_wait()
        self.assertEqual(self.ticket.activity_ids.user_id, second)

    def _told(self):
        return self.ticket.activity_ids.user_id

    def test_in_another_team_its_reviewers_are_told_instead(self):
        self._severe()
        sol = new_test_user(self.env, login="second", name="Sol", groups=REVIEWER)
        team = self.env["helpdesk.ticket.team"].create({"name": "B", "user_ids": sol.ids})
        self.assertEqual(self._told(), self.reviewer)
        self.ticket.team_id = team
        self.assertEqual(self._told(), sol)

    def test_where_the_one_who_was_told_leaves_the_others_are(self):
        sol, leader = self._second_reviewer(), self.reviewer
        for leave in ({"active": False}, {"helpdesk_team_ids": [(3, self.team.id)]}):
            with self.subTest(leave):
                leader.active = True
                self.team.write({"user_id": leader.id, "user_ids": [(4, leader.id)]})
                reply = self._severe()
                self.assertEqual(self._told(), leader)
                self.team.user_id = False
                leader.write(leave)
                self.assertEqual(self._told(), sol)
                reply.action_cancel()

    def test_who_is_erased_leaves_nothing_to_approve(self):
        reply = self._severe()
        self.mention.author_id._social_care_erase()
        self.assertEqual(reply.state, "cancelled")
        self.assertFalse(self._told())

    def test_the_activity_stays_while_another_answer_waits(self):
        first = self._severe()
        self._severe(body="And another thing.")
        self.assertEqual(len(self.ticket.activity_ids), 1)
        self._approve(first)
        self.assertEqual(len(self.ticket.activity_ids), 1)

    def test_of_two_merged_tickets_with_answers_that_wait_a_reviewer_is_told_once(self):
        other = self._receive(self._mention("2", who="bo", body="I will sue you too"))
        other.ticket_id.social_severe = True
        self._severe()
        self._answer(other)
        self.assertEqual(len((self.ticket | other.ticket_id).activity_ids), 2)
        other.ticket_id._social_care_merge_into(self.ticket)
        self.assertEqual(self.ticket.social_reply_ids.mapped("state"), 2 * ["to_approve"])
        self.ticket.invalidate_recordset(["activity_ids"])
        self.assertEqual(self.ticket.activity_ids.mapped("user_id.id"), [self.reviewer.id])
        self.assertEqual(len(self.ticket.activity_ids), 1)

    def test_merged_into_another_teams_ticket_its_reviewers_are_told(self):
        other = self._receive(self._mention("2", who="bo"))
        sol = new_test_user(self.env, login="second", name="Sol", groups=REVIEWER)
        self._severe()
        other.ticket_id.team_id = self.env["helpdesk.ticket.team"].create(
            {"name": "B", "user_ids": sol.ids}
        )
        self.ticket._social_care_merge_into(other.ticket_id)
        self.assertEqual(other.ticket_id.activity_ids.user_id, sol)

    def test_sent_back_after_the_closing_and_discarded_nobody_waits(self):
        reply = self._severe()
        self.ticket.stage_id = self.stage_done
        self.assertTrue(self.ticket.social_waiting_since, "its answer is on its way")
        self._reject(reply)
        self.assertTrue(self.ticket.social_waiting_since, "its author writes it anew")
        reply.with_user(self.agent).discard_draft(self.mention.id)
        self.assertFalse(self.ticket.social_waiting_since)
        self.assertTrue(self.ticket.social_close_reason_id)

    def test_a_reviewer_corrects_it_and_the_words_before_are_kept(self):
        reply = self._severe(body="Our lawyers will answer.")
        reply.with_user(self.reviewer).body = "We will answer."
        self._approve(reply)
        self._publish()
        self.assertEqual(self.network.ledger[0].body, "@ana We will answer.")
        self.assertEqual(reply.user_id, self.agent)
        [note] = [one for one in self.ticket.message_ids if "was changed" in one.body]
        self.assertEqual(note.author_id, self.reviewer.partner_id)
        self.assertIn("Our lawyers will answer.", note.body)
        self.assertIn("We will answer.", note.body)

    def test_what_its_author_changes_after_it_was_read_is_not_approved(self):
        reply = self._severe()
        seen = reply.with_user(self.reviewer).with_context(social_care_digest=reply.content_digest)
        reply.with_user(self.agent).body = "See you in court."
        for way in ("action_approve", "action_reject"):
            with self.assertRaisesRegex(UserError, "changed meanwhile"):
                getattr(seen, way)()

    def test_rejected_it_goes_back_to_its_author_with_the_note(self):
        reply = self._severe()
        self._reject(reply)
        self.assertEqual((reply.state, reply.rejected_by_id), ("draft", self.reviewer))
        self.assertEqual(self.ticket.activity_ids.user_id, self.agent)
        self.assertIn("Leave out the lawyers.", self.ticket.activity_ids.note)
        self.assertIn("Leave out the lawyers.", self._chatter(self.ticket))
        action = self.ticket.with_user(self.agent).action_social_reply()
        self.assertEqual(action["res_id"], reply.id)

        reply.with_user(self.agent).action_send_wait()
        self.assertEqual((reply.state, reply.rejected_note), ("to_approve", False))
        self.assertEqual(self.ticket.activity_ids.user_id, self.reviewer)

    def test_its_author_goes_on_with_the_very_draft(self):
        reply = self._severe()
        self._reject(reply)
        action = reply.with_user(self.agent).action_go_on()
        self.assertEqual((action["res_id"], action["target"]), (reply.id, "new"))

    def test_a_rejection_takes_a_note(self):
        reply = self._severe()
        with self.assertRaisesRegex(UserError, "what should change"):
            self._reject(reply, note="  ")
        self.assertEqual(reply.state, "to_approve")

    def test_its_author_takes_it_back(self):
        reply = self._severe().with_user(self.agent)
        self.assertEqual(reply.approval_role, "author")
        reply.action_withdraw()
        self.assertEqual(reply.state, "draft")
        self.assertIn("was taken back", self._chatter(self.ticket))
        with self.assertRaisesRegex(UserError, "does not wait"):
            self._approve(reply)

    def test_who_comes_second_is_told_what_the_first_did(self):
        reply = self._severe()
        self._approve(reply)
        with self.assertRaisesRegex(UserError, "Rita has approved this already"):
            reply.with_user(self._second_reviewer()).action_reject()

    def test_whoever_changes_a_draft_is_its_author(self):
        """Else a reviewer could write in a colleague's draft and approve it."""
        self.ticket.social_severe = True
        draft = self.env["social.care.reply"].with_user(self.agent)
        draft = draft.create({"mention_id": self.mention.id, "body": "Hello"})
        self._second_reviewer()
        draft.with_user(self.reviewer).body = "My own words"
        self.assertEqual(draft.user_id, self.reviewer)
        draft.with_user(self.reviewer).action_send_wait()
        with self.assertRaisesRegex(UserError, "Somebody else has to approve.*: Sol"):
            self._approve(draft)

    def test_messages_that_came_before_the_approval_are_not_answered_by_it(self):
        with freeze_time("2026-08-17 09:00:00"):
            reply = self._severe()
        late = self._receive(self._mention("2", posted_at="2026-08-17T09:30:00Z"))
        with freeze_time("2026-08-17 10:00:00"):
            self._approve(reply)
            self._publish()
        self.assertEqual(reply.state, "sent")
        self.assertEqual(self.ticket.social_waiting_since, late.posted_at)

    def test_the_words_are_marked_for_the_reviewer(self):
        self._guard()
        reply = self._answer(self.mention, body="We <b>guarantee</b> it.")
        self.assertIn(
            "We &lt;b&gt;<mark>guarantee</mark>&lt;/b&gt; it.",
            reply.with_user(self.reviewer).marked_body,
        )

    def test_approve_and_change_in_the_form(self):
        reply = self._severe(body="Hello").with_user(self.reviewer)
        with Form(reply, "social_care.social_care_reply_view_form") as form:
            self.assertEqual(form.approval_role, "reviewer")
            form.body = "Good morning"
        reply.with_context(social_care_digest=reply.content_digest).action_approve()
        self.assertEqual(reply.state, "queued")


class TestApprovalAlone(ApprovalCommon):
    """Where nobody else can approve, the author does, on a second screen, and it is recorded."""

    def setUp(self):
        super().setUp()
        self.reviewer.active = False
        self.ticket.social_severe = True
        self.draft = (
            self.env["social.care.reply"]
            .with_user(self.agent)
            .create({"mention_id": self.mention.id, "body": "Hello"})
        )

    def test_the_second_screen(self):
        for send in ("action_send_wait", "action_send_close", "action_send_next"):
            with self.subTest(send):
                action = getattr(self.draft, send)()
                self.assertEqual(self.draft.state, "to_approve", "not before it is read again")
                decision = self._decide(action, self.agent)
                self.assertEqual(decision.body, "Hello")
                self.draft.action_withdraw()
        action = self.draft.action_send_wait()
        self._decide(action, self.agent).action_send()
        self._publish()
        reply = self.draft.sudo()
        self.assertEqual((reply.state, reply.approver_id), ("sent", self.agent))
        self.assertTrue(reply.self_approved)
        self.assertIn("approved by its author: nobody else could", self._chatter(self.ticket))

    def test_not_yet_and_later_all_the_same(self):
        self.draft.action_send_wait()
        self.assertEqual(self.draft.approval_role, "alone")
        self._decide(self.draft.action_approve(), self.agent).action_send()
        self.assertEqual(self.draft.state, "queued")

    def test_not_where_a_reviewer_came_meanwhile(self):
        decision = self._decide(self.draft.action_send_wait(), self.agent)
        self.reviewer.active = True
        with self.assertRaisesRegex(UserError, "Somebody else has to approve.*: Rita"):
            decision.action_send()
        self.assertEqual(self.draft.state, "to_approve")

    def test_a_reviewer_of_another_team_or_company_is_nobody(self):
        new_test_user(self.env, "elsewhere", groups=REVIEWER)
        other = self.env["res.company"].create({"name": "Other"})
        values = {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        boss = "social_care.social_care_group_manager"
        new_test_user(self.env, "foreign_boss", groups=boss, **values)
        self.draft.action_send_wait()
        self.assertEqual(self.draft.approval_role, "alone")

    def test_others_do_not_use_the_authors_second_screen(self):
        action = self.draft.action_send_wait()
        colleague = new_test_user(self.env, "b", groups="social_care.social_care_group_agent")
        self.team.user_ids |= colleague
        decision = self._decide(action, colleague)
        with self.assertRaisesRegex(UserError, "Only its author"):
            decision.action_send()


class TestApprovalHolds(ApprovalCommon):
    """What goes out is what was let go: asked again when it is sent."""

    def _assert_back(self, reply, *reasons):
        self._publish()
        self.assertEqual((reply.state, self.network.ledger), ("to_approve", []))
        self.assertEqual(reply.approval_reasons, list(reasons))
        self.assertFalse(reply.approver_id)
        self.assertTrue(self.ticket.activity_ids)

    def _picture(self):
        return (
            self.env["ir.attachment"]
            .with_user(self.agent)
            .create({"name": "bag.png", "raw": PIXEL, "res_model": "social.care.reply"})
        )

    def test_the_ticket_became_severe_while_it_was_queued(self):
        reply = self._answer(self.mention)
        self.ticket.social_severe = True
        self._assert_back(reply, "severe")

    def test_the_text_was_changed_after_the_approval(self):
        reply = self._severe()
        self._approve(reply)
        reply.sudo().body = "Changed behind our back"
        self._assert_back(reply, "changed", "severe")
        self._approve(reply)
        self._publish()
        self.assertEqual(reply.state, "sent")

    def test_a_picture_was_changed_after_it_was_queued(self):
        picture = self._picture()
        reply = self._answer(self.mention, attachment_ids=[Command.link(picture.id)])
        self.assertEqual(reply.state, "queued")
        picture.with_user(self.agent).raw = PIXEL + b"x"
        self._assert_back(reply, "changed")

    def test_a_picture_changed_between_the_check_and_the_call_is_not_sent(self):
        picture = self._picture()
        reply = self._answer(self.mention, attachment_ids=[Command.link(picture.id)])
        claim = type(reply)._claim

        def claim_and_change(records, state):
            picture.raw = PIXEL + b"x"
            return claim(records, state)

        self.patch(type(reply), "_claim", claim_and_change)
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._publish()
        self.assertEqual((reply.state, reply.error_code), ("failed", "changed"))
        self.assertEqual(self.network.ledger, [])

    def test_a_check_that_came_after_the_approval(self):
        reply = self._severe(body="We guarantee it.")
        self._approve(reply)
        self._guard()
        self._assert_back(reply, "guard")

    def test_a_second_check_that_came_after_an_approval_of_the_first(self):
        self._guard()
        reply = self._answer(self.mention, body="We guarantee a refund.")
        self._approve(reply)
        self._guard("refund*")
        self._assert_back(reply, "guard")

    def test_a_check_that_the_approval_knew_of(self):
        self._guard()
        reply = self._answer(self.mention, body="We guarantee it.")
        self._approve(reply)
        self._publish()
        self.assertEqual(reply.state, "sent")

    def test_words_that_must_not_be_sent_any_more_are_to_be_changed(self):
        reply = self._answer(self.mention, body="You idiots.")
        self._guard("idiot*", severity="block")
        self._assert_back(reply, "blocked")
        with self.assertRaisesRegex(UserError, "“idiots”"):
            self._approve(reply)
        reply.with_user(self.reviewer).body = "You friends."
        self._approve(reply)
        self._publish()
        self.assertEqual(reply.state, "sent")

    def test_the_author_may_no_longer_send(self):
        reply = self._severe()
        self._approve(reply)
        self.agent.active = False
        self._publish()
        self.assertEqual(reply.approval_reasons, ["author_gone"])
        with self.assertRaisesRegex(UserError, "Send it in your own name"):
            self._approve(reply)
        second = self._second_reviewer()
        reply.with_user(self.reviewer).action_retry()
        self.assertEqual((reply.user_id, reply.state), (self.reviewer, "to_approve"))
        self._approve(reply, second)
        self._publish()
        self.assertEqual(reply.state, "sent")

    def test_a_failed_answer_that_is_changed_is_asked_for_again(self):
        reply = self._severe()
        self._approve(reply)
        reply.state = "failed"
        reply.with_user(self.agent).body = "Something else"
        self.assertFalse(reply.approver_id)
        reply.with_user(self.agent).action_retry()
        self.assertEqual(reply.state, "to_approve")

    def test_a_failed_answer_that_nobody_changed_stays_approved(self):
        reply = self._severe()
        self._approve(reply)
        reply.state = "failed"
        reply.with_user(self.agent).action_retry()
        self.assertEqual((reply.state, reply.approver_id), ("queued", self.reviewer))

    def test_what_is_out_is_given_no_text_that_needs_approval(self):
        self.network.supports_edit = True
        self._guard()
        self._guard("idiot*", severity="block")
        reply = self._answer(self.mention)
        self._publish()
        mine, reviewers = reply.with_user(self.agent), reply.with_user(self.reviewer)
        with self.assertRaisesRegex(UserError, "somebody else's approval"):
            mine._change_text("We guarantee it.")
        for changed in (mine, reviewers):
            with self.assertRaisesRegex(UserError, "“idiots”"):
                changed._change_text("You idiots.")
        edited = []
        self.network.edit = lambda _adapter, _id, wire: edited.append(wire.body)
        reviewers._change_text("We guarantee it.")
        mine._change_text("We found it.")
        self.assertEqual(edited, ["@ana We guarantee it.", "@ana We found it."])

    def test_what_is_surely_not_there_is_asked_for_before_it_is_sent_again(self):
        reply = self._answer(self.mention)
        reply.write({"state": "unconfirmed", "claimed_at": fields.Datetime.now() - timedelta(1)})
        self.ticket.social_severe = True
        reply.with_user(self.agent).action_confirm_absent()
        self.assertEqual(reply.state, "to_approve")
