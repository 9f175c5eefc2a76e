from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from odoo.addons.social_care import networks

from .common import SocialCareCommon


class TestSentChanges(SocialCareCommon):
    """An answer that is out gets another text or is deleted, there first and then here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = new_test_user(
            cls.env, "care_colleague", groups="social_care.social_care_group_agent", name="Bea Gil"
        )
        cls.reviewer = new_test_user(
            cls.env, "care_review", groups="social_care.social_care_group_reviewer", name="Rosa"
        )
        cls.team.user_ids |= cls.colleague | cls.reviewer

    def setUp(self):
        super().setUp()
        self.network.supports_edit = self.network.supports_delete = True
        self.network.changes_private = False
        self.calls = []
        self.refusal = None

        def edit(_adapter, external_id, reply):
            self._note(("edit", external_id, reply.body))

        def delete(_adapter, external_id):
            self._note(("delete", external_id))

        self.network.edit, self.network.delete = edit, delete
        self.mention = self._receive(self._mention())
        self.ticket = self.mention.ticket_id
        self.reply = self._answer(self.mention)
        self._run_cron("ir_cron_publish")
        self.assertEqual(self.reply.state, "sent")

    def _note(self, call):
        if self.refusal:
            raise self.refusal
        self.calls.append(call)

    def _change(self, text="We found it.", user=None):
        wizard = self.env["social.care.change"].with_user(user or self.agent)
        form = Form(wizard.with_context(default_reply_id=self.reply.id))
        form.body = text
        return form.save().action_change()

    def _take_back(self, reason="Wrong customer", user=None):
        wizard = self.env["social.care.take.back"].with_user(user or self.agent)
        form = Form(wizard.with_context(default_reply_id=self.reply.id))
        form.reason = reason
        return form.save().action_take_back()

    # -- Another text ----------------------------------------------------------------

    def test_the_new_text_is_there_and_here_with_the_old_one_in_the_chatter(self):
        self._change()
        self.assertEqual(self.calls, [("edit", "own-1", "@ana We found it.")])
        self.assertEqual((self.reply.body, self.reply.state), ("We found it.", "sent"))
        self.assertEqual(self.reply.edited_by_id, self.agent)
        self.assertTrue(self.reply.edited_at)
        note = self.ticket.message_ids[0]
        self.assertIn("We found it.", note.body)
        self.assertIn("<del>We are looking for it.</del>", note.body)
        self.assertEqual(note.author_id, self.agent.partner_id)
        self.assertEqual(note.social_mention_id, self.mention, "erasing the customer erases it")

    def test_the_dialog_begins_with_what_was_said_and_counts(self):
        wizard = self.env["social.care.change"].with_user(self.agent)
        form = Form(wizard.with_context(default_reply_id=self.reply.id))
        self.assertEqual(form.body, "We are looking for it.")
        form.body = "Found"
        self.assertEqual((form.text_length, form.max_length), (10, 40))

    def test_what_the_network_refuses_leaves_everything_as_it_was(self):
        self.refusal = networks.RejectedError("too_long")
        notes = len(self.ticket.message_ids)
        with self.assertRaisesRegex(UserError, "too long"):
            self._change()
        self.assertEqual(self.reply.body, "We are looking for it.")
        self.assertFalse(self.reply.edited_at)
        self.assertEqual(len(self.ticket.message_ids), notes)

    def test_an_unclear_answer_asks_to_do_it_again(self):
        self.refusal = networks.TransientError("timeout")
        with self.assertRaisesRegex(UserError, "Nobody can tell.*Do it again"):
            self._change()

    def test_a_text_that_is_too_long_empty_or_the_same_is_not_even_tried(self):
        for text, words in (
            ("a" * 41, "6 too long"),
            ("  ", "Write something"),
            ("We are looking for it. ", "Nothing was changed"),
        ):
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                self.reply.with_user(self.agent)._change_text(text)
        self.assertFalse(self.calls)

    def test_one_that_was_deleted_on_the_network_is_noted_as_gone(self):
        self.refusal = networks.RejectedError("answer_gone")
        action = self._change()
        self.assertIn("no longer there", action["params"]["message"])
        self.assertTrue(self.reply.deleted_at)
        self.assertFalse(self.reply.deleted_by_id)
        self.assertEqual(self.reply.body, "We are looking for it.")

    # -- Taken back ------------------------------------------------------------------

    def test_deleted_there_it_stays_here_crossed_out_with_who_and_why(self):
        self._take_back()
        self.assertEqual(self.calls, [("delete", "own-1")])
        self.assertEqual(self.reply.state, "sent")
        self.assertEqual(self.reply.gone_text, "Deleted by Marta Cano: Wrong customer")
        bubbles = self.ticket.with_user(self.agent).social_care_conversation()
        [bubble] = [item for item in bubbles if item["who"] == "us"]
        self.assertTrue(bubble["deleted"])
        self.assertEqual(
            (bubble["state"], bubble["url"]), ("", ""), "there is nothing to see there"
        )
        self.assertEqual(bubble["gone"], "Deleted by Marta Cano: Wrong customer")
        self.assertFalse(bubble["can_delete"] or bubble["can_edit"])
        self.assertIn("Wrong customer", self.ticket.message_ids[0].body)

    def test_whom_we_leave_without_an_answer_is_named_and_waits_again(self):
        self.assertFalse(self.ticket.social_waiting_since)
        first = self.ticket.social_first_response_at
        wizard = self.env["social.care.take.back"].with_user(self.agent)
        form = Form(wizard.with_context(default_reply_id=self.reply.id))
        self.assertEqual(form.alone_text, "Ana (@ana) has no answer then, and waits again.")
        self._take_back()
        self.assertEqual(self.ticket.social_waiting_since, self.reply.deleted_at)
        self.assertEqual(self.ticket.social_first_response_at, first, "it was given, and read")

    def test_with_another_answer_nobody_is_left_alone(self):
        self._answer(self.mention, body="And your coat.")
        self._run_cron("ir_cron_publish")
        wizard = self.env["social.care.take.back"].with_user(self.agent)
        form = Form(wizard.with_context(default_reply_id=self.reply.id))
        self.assertFalse(form.alone_text)
        self._take_back()
        self.assertFalse(self.ticket.social_waiting_since)

    def test_when_all_answers_were_deleted_one_after_the_other_they_wait_again(self):
        other = self._answer(self.mention, body="And your coat.")
        self._run_cron("ir_cron_publish")
        self._take_back()
        self.reply = other
        self._take_back()
        self.assertEqual(self.ticket.social_waiting_since, other.deleted_at)

    def test_a_closed_ticket_stays_closed(self):
        self.ticket.stage_id = self.stage_done
        self._take_back()
        self.assertTrue(self.ticket.closed)
        self.assertFalse(self.ticket.social_waiting_since)

    def test_what_cannot_be_deleted_there_is_not_crossed_out_here(self):
        self.refusal = networks.RejectedError("cannot_delete")
        with self.assertRaisesRegex(UserError, "lets nobody delete"):
            self._take_back()
        self.assertFalse(self.reply.deleted_at)

    # -- Who may, and where -------------------------------------------------------------

    def test_its_author_and_reviewers_may_others_not(self):
        for user, may in ((self.agent, True), (self.reviewer, True), (self.colleague, False)):
            with self.subTest(user.name):
                reply = self.reply.with_user(user)
                self.assertEqual((reply.can_edit, reply.can_delete), (may, may))
        with self.assertRaisesRegex(AccessError, "its author or a reviewer"):
            self.reply.with_user(self.colleague).action_change()
        with self.assertRaises(AccessError):
            self._change(user=self.colleague)
        with self.assertRaises(AccessError):
            self._take_back(user=self.colleague)
        self.assertFalse(self.calls)

    def test_a_dialog_tells_a_stranger_nothing(self):
        stranger = new_test_user(self.env, "stranger", groups="social_care.social_care_group_agent")
        for model, field in (("social.care.change", "body"), ("social.care.take.back", "reason")):
            wizard = self.env[model].with_user(stranger)
            with self.subTest(model), self.assertRaises(AccessError):
                wizard.onchange({"reply_id": self.reply.id}, ["reply_id"], {"body": {}})
            with self.subTest(model), self.assertRaises(AccessError):
                wizard.create({"reply_id": self.reply.id, field: "x"})

    def test_a_reviewer_of_another_team_changes_nothing(self):
        self.team.user_ids -= self.reviewer
        for model, field in (("social.care.change", "body"), ("social.care.take.back", "reason")):
            with self.subTest(model), self.assertRaises(AccessError):
                wizard = self.env[model].with_user(self.reviewer)
                wizard.create({"reply_id": self.reply.id, field: "x"})

    def test_the_author_loses_it_with_the_ticket(self):
        self.ticket.user_id = False
        self.ticket.message_unsubscribe(self.agent.partner_id.ids)
        self.team.user_ids -= self.agent
        with self.assertRaises(AccessError):
            self.reply.with_user(self.agent).action_take_back()

    def test_networks_accounts_and_messages_without_it_offer_nothing(self):
        reply = self.reply.with_user(self.agent)
        self.network.supports_edit = False
        self.env.invalidate_all()
        self.assertEqual((reply.can_edit, reply.can_delete), (False, True))
        self.network.supports_edit = True
        self.account.action_pause()
        self.assertEqual((reply.can_edit, reply.can_delete), (False, False))
        self.account.action_resume()
        self.assertTrue(reply.can_edit)
        self.reply.visibility = "direct"
        self.env.invalidate_all()
        self.assertFalse(reply.can_edit, "private messages stay")
        self.network.changes_private = True
        self.env.invalidate_all()
        self.assertTrue(reply.can_edit)

    def test_nothing_of_it_can_be_written_past_the_network(self):
        reply = self.reply.with_user(self.agent)
        with self.assertRaises(UserError):
            reply.write({"body": "Else"})
        for values in ({"deleted_at": "2026-01-01"}, {"edited_by_id": 1}, {"found": []}):
            with self.subTest(values), self.assertRaises(AccessError):
                reply.write(values)
