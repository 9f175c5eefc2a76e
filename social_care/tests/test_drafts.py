from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .common import SocialCareCommon


class TestDrafts(SocialCareCommon):
    """What is half written is kept on the server, for its author and in sight of colleagues."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bea = new_test_user(
            cls.env, login="bea", name="Bea", groups="social_care.social_care_group_agent"
        )
        cls.team.user_ids |= cls.bea

    def setUp(self):
        super().setUp()
        self.mention = self._receive(self._mention())
        self.ticket = self.mention.ticket_id

    def _keep(self, body, user=None, mention=None, **values):
        model = self.env["social.care.reply"].with_user(user or self.agent)
        reply_id = values.pop("reply_id", False)
        return model.keep_draft((mention or self.mention).id, {"body": body, **values}, reply_id)

    def _drafts(self):
        return self.env["social.care.reply"].search([("state", "=", "draft")])

    def _open(self, user=None):
        return self.ticket.with_user(user or self.agent).action_social_reply()

    def _authors(self):
        """Names of those who have a draft, as every agent of the team sees them."""
        drafts = self.ticket.with_user(self.agent).social_drafts or []
        return [draft["name"] for draft in drafts]

    def test_a_draft_is_there_when_the_dialog_opens_again(self):
        self.assertTrue(self._keep("@ana We look", visibility="public"))
        self.assertTrue(self._keep("@ana We look for it", visibility="public"))
        draft = self.env["social.care.reply"].browse(self._open()["res_id"])
        self.assertEqual(draft.body, "@ana We look for it")
        self.assertEqual(self._drafts(), draft)

    def test_a_handle_and_a_signature_alone_are_no_draft(self):
        self.account.signature = "Aurora"
        self.agent.social_signature = "^MC"
        for nothing in ("", " ", "@ana", "@ana \nAurora ^MC", "Aurora ^MC"):
            self.assertFalse(self._keep(nothing), nothing)
        self.assertFalse(self._drafts())
        self.assertFalse(self._open()["res_id"])

    def test_an_emptied_draft_goes(self):
        self._keep("@ana We look")
        self.assertFalse(self._keep("@ana "))
        self.assertFalse(self._drafts())

    def test_an_emptied_draft_stays_while_the_dialog_shows_its_row(self):
        self._keep("@ana We look")
        draft = self._drafts()
        self.assertFalse(self._keep("@ana ", reply_id=draft.id))
        self.assertEqual(self._drafts(), draft)
        self.assertEqual(self._authors(), [])
        self._keep("@ana ")
        self.assertFalse(self._drafts())

    def test_the_ticket_and_the_dialog_name_who_has_a_draft(self):
        self.assertEqual(self._authors(), [])
        self._keep("@ana We look", user=self.bea)
        self._keep("@ana I look")
        self.assertEqual(self._authors(), ["Bea", "Marta Cano"])
        dialog = self.env["social.care.reply"].with_user(self.agent)
        dialog = dialog.new({"mention_id": self.mention.id})
        self.assertEqual(dialog.ticket_drafts, self.ticket.social_drafts)

    def test_each_agent_has_a_draft_of_their_own(self):
        self._keep("@ana Mine")
        self._keep("@ana Hers", user=self.bea)
        mine, hers = (self._open(user)["res_id"] for user in (self.agent, self.bea))
        bodies = self.env["social.care.reply"].browse([mine, hers]).mapped("body")
        self.assertEqual(bodies, ["@ana Mine", "@ana Hers"])
        self.env["social.care.reply"].with_user(self.agent).discard_draft(self.mention.id)
        self.assertEqual(self._drafts().user_id, self.bea)

    def test_sending_takes_up_the_draft(self):
        self._keep("@ana We look")
        action = self._open()
        model = self.env["social.care.reply"].with_user(self.agent)
        dialog = model.with_context(**action["context"])
        values = {"mention_id": self.mention.id, "body": "@ana We look for it"}
        reply = dialog.create(values)
        reply.action_send_wait()
        self.assertEqual((reply.state, reply.body), ("queued", "@ana We look for it"))
        self.assertEqual(self.ticket.social_reply_ids, reply.sudo())

    def test_a_draft_answers_the_newest_message(self):
        self._keep("@ana We look")
        newer = self._receive(self._mention("2", kind="direct", visibility="direct"))
        self.assertEqual(newer.ticket_id, self.ticket)
        draft = self.env["social.care.reply"].browse(self._open()["res_id"])
        self.assertEqual((draft.mention_id, draft.visibility), (newer, "direct"))
        self.assertEqual(draft.parent_external_id, "2")

    def test_a_way_that_closed_meanwhile_loses_no_word(self):
        self.assertTrue(self._keep("@ana We look", visibility="private_reply"))
        self.assertEqual(self._drafts().visibility, "public")

    def test_discarding_leaves_nothing(self):
        self._keep("@ana We look")
        self.env["social.care.reply"].with_user(self.agent).discard_draft(self.mention.id)
        self.assertFalse(self._drafts())

    def test_a_picture_alone_is_a_draft(self):
        picture = self.env["ir.attachment"].with_user(self.agent)
        picture = picture.create({"name": "bag.png", "raw": b"x"})
        self.assertTrue(self._keep("@ana ", attachment_ids=picture.ids))
        self.assertEqual(self._drafts().attachment_ids.ids, picture.ids)

    def test_what_is_cancelled_while_it_is_queued_is_the_draft_again(self):
        reply = self._answer(self.mention, body="@ana We look")
        action = reply.with_user(self.agent).action_undo_send()
        self.assertEqual(reply.state, "cancelled")
        draft = self.env["social.care.reply"].browse(action["res_id"])
        self.assertEqual((draft.state, draft.body), ("draft", "@ana We look"))
        self._run_cron("ir_cron_publish")
        self.assertFalse(self.network.ledger)

    def test_what_is_sent_in_the_dialog_rests_while_it_offers_to_take_it_back(self):
        reply = self._send_in_dialog("@ana We look")
        self.assertEqual(reply.next_try_at - reply.queued_at, timedelta(seconds=10))
        self._run_cron("ir_cron_publish")
        self.assertEqual(reply.state, "queued")

    def test_it_leaves_at_once_when_nobody_takes_it_back(self):
        reply = self._send_in_dialog("@ana We look")
        reply.action_leave()
        self._run_cron("ir_cron_publish")
        self.assertEqual(reply.state, "sent")

    def test_a_later_try_is_not_hurried(self):
        reply = self._send_in_dialog("@ana We look")
        later = fields.Datetime.now() + timedelta(hours=1)
        reply.sudo().write({"attempts": 1, "next_try_at": later})
        reply.action_leave()
        self.assertEqual(reply.next_try_at, later)

    def _send_in_dialog(self, body):
        context = self._open()["context"]
        model = self.env["social.care.reply"].with_user(self.agent).with_context(**context)
        reply = model.create({"mention_id": self.mention.id, "body": body})
        reply.action_send_wait()
        return reply

    def test_a_draft_takes_the_right_to_answer(self):
        strangers = {
            "another team": "social_care.social_care_group_agent",
            "no role": "base.group_user",
        }
        for name, groups in strangers.items():
            user = new_test_user(self.env, login=f"draft {name}", groups=groups)
            model = self.env["social.care.reply"].with_user(user)
            with self.subTest(name), self.assertRaises(AccessError):
                model.keep_draft(self.mention.id, {"body": "x"})
            with self.subTest(name), self.assertRaises(AccessError):
                model.discard_draft(self.mention.id)

    def test_keeping_a_draft_sets_nothing_else(self):
        self._keep("@ana We look", state="sent", account_id=1, user_id=1, kind="holding")
        draft = self._drafts()
        self.assertEqual(
            (draft.state, draft.account_id, draft.user_id, draft.kind),
            ("draft", self.account, self.agent, "answer"),
        )
