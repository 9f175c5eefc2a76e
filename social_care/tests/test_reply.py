from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import SocialCareCommon


class TestReply(SocialCareCommon):
    """Writing an answer: what may be said, by whom, and how long."""

    def setUp(self):
        super().setUp()
        self.mention = self._receive(self._mention())
        self.ticket = self.mention.ticket_id

    def _dialog(self):
        action = self.ticket.with_user(self.agent).action_social_reply()
        model = self.env[action["res_model"]].with_user(self.agent)
        return Form(model.with_context(**action["context"]), action["views"][0][0])

    def test_the_dialog_starts_with_the_customers_handle_and_the_signature(self):
        self.account.signature = "^MC"
        dialog = self._dialog()
        self.assertEqual(dialog.body, "@ana \n^MC")
        self.assertEqual(dialog.visibility, "public")

    def test_the_agents_initials_follow_the_brands_signature_once_and_count(self):
        user = self.agent.with_user(self.agent)
        endings = {
            (False, "^MC"): "^MC",
            ("Aurora", "^MC"): "Aurora ^MC",
            ("^MC", "^MC"): "^MC",
            ("Aurora", False): "Aurora",
        }
        for (brand, initials), ending in endings.items():
            self.account.signature = brand
            user.social_signature = initials
            dialog = self._dialog()
            self.assertEqual((dialog.body, dialog.signature), (f"@ana \n{ending}", ending))
        count = self.env["social.care.reply"].with_user(user).count_text
        self.assertEqual(count(self.mention.id, "@ana \nAurora ^MC")["length"], 16)

    def test_the_dialogs_head_tells_the_brand_and_the_customers_language(self):
        self.account.brand_color = "#1D9BF0"
        self.mention.sudo().lang = "es-MX"
        picture = f"/web/image/social.care.account/{self.account.id}/avatar_128"
        brand = {
            "name": "Aurora Air",
            "handle": "aurora",
            "picture": picture,
            "color": "#1D9BF0",
            "language": "Ana writes Spanish.",
        }
        self.assertEqual(self._dialog().brand, brand)
        for unknown in (False, "und", "zz", "x;y"):
            self.mention.sudo().lang = unknown
            self.assertEqual(self._dialog().brand, brand | {"language": ""}, unknown)

    def test_a_brands_colour_is_nothing_but_a_colour(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
            self.account.brand_color = "red;background:url(//evil)"
            self.env.flush_all()

    def test_nobody_answers_as_another_brand(self):
        other = self._create_account(external_id="other@fake.example", name="Borealis")
        model = self.env["social.care.reply"].with_user(self.agent)
        for forged in ({"account_id": other.id}, {"network": "x"}, {"ticket_id": 1}):
            with self.assertRaises(AccessError):
                call_kw(model, "create", [{"mention_id": self.mention.id, **forged}], {})
        context = {"default_account_id": other.id}
        values = {"mention_id": self.mention.id, "body": "Hi"}
        [reply] = model.browse(call_kw(model, "create", [[values]], {"context": context}))
        self.assertEqual(reply.account_id, self.account)

    def test_a_message_of_another_team_or_company_is_not_answered(self):
        foreign = self.env["res.company"].create({"name": "Another company"})
        others = self.env["helpdesk.ticket.team"].create(
            [{"name": "Others"}, {"name": "Abroad", "company_id": foreign.id}]
        )
        for number, team in enumerate(others):
            account = self._create_account(
                external_id=f"{number}@fake.example",
                company_id=(team.company_id or self.env.company).id,
                team_line_ids=[Command.create({"team_id": team.id})],
            )
            mention = self._receive(self._mention("9"), account=account)
            self.assertEqual(mention.ticket_id.team_id, team)
            model = self.env["social.care.reply"].with_user(self.agent)
            values = {"mention_id": mention.id, "body": "Hi"}
            for call in (("create", [values]), ("keep_draft", [mention.id, values])):
                with self.subTest(team.name, call=call[0]), self.assertRaises(AccessError):
                    call_kw(model, *call, {})

    def test_the_dialogs_title_names_customer_network_and_brand(self):
        action = self.ticket.with_user(self.agent).action_social_reply()
        self.assertEqual(action["name"], "Reply to Ana (@ana) on Mastodon as Aurora Air")

    def test_length_is_counted_with_what_the_network_needs(self):
        count = self.env["social.care.reply"].with_user(self.agent).count_text
        self.assertEqual(count(self.mention.id, "Hi"), {"length": 7, "max_length": 40})
        self.assertEqual(count(self.mention.id, "@ana Hi"), {"length": 7, "max_length": 40})

    def test_too_long_is_refused_before_it_is_queued(self):
        with self.assertRaisesRegex(UserError, "The text is 5 too long: Mastodon takes 40"):
            self._answer(self.mention, body="x" * 40)

    def test_empty_is_refused(self):
        self.account.signature = "^MC"
        for nothing in ("  \n ", "@ana \n^MC"):
            with self.assertRaisesRegex(UserError, "Write something"):
                self._answer(self.mention, body=nothing)

    def test_a_private_message_is_answered_in_private(self):
        private = self._receive(self._mention("2", who="bo", kind="direct", visibility="direct"))
        dialog = Form(
            self.env["social.care.reply"]
            .with_user(self.agent)
            .with_context(default_mention_id=private.id)
        )
        self.assertEqual(dialog.visibility, "direct")
        with self.assertRaisesRegex(ValidationError, "cannot carry this answer that way"):
            self._answer(private, visibility="public")

    def test_answering_takes_the_ticket(self):
        self.assertFalse(self.ticket.user_id)
        self._answer(self.mention)
        self.assertEqual(self.ticket.user_id, self.agent)

    def test_one_answer_under_way_at_a_time(self):
        self._answer(self.mention).state = "sending"
        second = self._answer(self.mention, body="Another")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.cr.savepoint():
            second.state = "sending"
            self.env.flush_all()

    def test_send_and_next_opens_the_next_conversation_by_deadline(self):
        self._receive(self._mention("2", who="bo", posted_at="2026-08-17T09:00:00Z"))
        sooner = self._receive(self._mention("3", who="cy", posted_at="2026-08-17T07:30:00Z"))
        reply = (
            self.env["social.care.reply"]
            .with_user(self.agent)
            .create({"mention_id": self.mention.id, "body": "Hello"})
        )
        action = reply.action_send_next()
        self.assertEqual(action["res_id"], sooner.ticket_id.id)

    def test_an_agent_can_write_text_only(self):
        model = self.env["social.care.reply"].with_user(self.agent)
        for forbidden in (
            {"state": "sent"},
            {"account_id": self.account.id},
            {"kind": "acknowledgement"},
            {"approved_digest": "x"},
            {"external_id": "x"},
            {"user_id": self.env.uid},
        ):
            with self.assertRaises(AccessError):
                model.create({"mention_id": self.mention.id, "body": "x", **forbidden})
            reply = model.create({"mention_id": self.mention.id, "body": "x"})
            with self.assertRaises(AccessError):
                reply.write(forbidden)

    def test_an_answer_on_its_way_cannot_be_changed_or_deleted(self):
        reply = self._answer(self.mention).with_user(self.agent)
        with self.assertRaisesRegex(UserError, "no longer be changed"):
            reply.body = "Something else"
        with self.assertRaisesRegex(UserError, "Answers are kept"):
            reply.unlink()

    def test_a_queued_answer_can_be_cancelled(self):
        reply = self._answer(self.mention).with_user(self.agent)
        reply.action_cancel()
        self._run_cron("ir_cron_publish")
        self.assertEqual(reply.state, "cancelled")
        self.assertFalse(self.network.ledger)

    def test_an_account_that_cannot_publish_offers_no_button(self):
        self.network.supports_publish = False
        ticket = self.ticket.with_user(self.agent)
        self.assertFalse(ticket.social_can_reply)
        self.assertIn("cannot be sent", ticket.social_no_reply_text)
        # Nor does a call say that a role is missing.
        with self.assertRaisesRegex(AccessError, "cannot be sent"):
            ticket.action_social_reply()

    def test_an_attachment_the_agent_cannot_read_is_refused(self):
        secret = self.env["ir.attachment"].create(
            {"name": "secret", "raw": b"x", "res_model": "social.care.app", "res_id": 1}
        )
        with self.assertRaises(AccessError):
            self._answer(self.mention, attachment_ids=[(4, secret.id)])

    def test_an_agent_deletes_no_attachment_through_an_answer(self):
        foreign = self.env["ir.attachment"].create({"name": "contract", "raw": b"x"})
        draft = (
            self.env["social.care.reply"]
            .with_user(self.agent)
            .create({"mention_id": self.mention.id, "body": "x"})
        )
        for command in ((2, foreign.id, 0), (1, foreign.id, {"name": "y"}), (0, 0, {"name": "z"})):
            with self.assertRaises(AccessError):
                draft.write({"attachment_ids": [command]})
        self.assertTrue(foreign.exists())

    def test_an_answer_cannot_move_to_another_message(self):
        draft = (
            self.env["social.care.reply"]
            .with_user(self.agent)
            .create({"mention_id": self.mention.id, "body": "x"})
        )
        other = self._receive(self._mention("2", who="bo"))
        with self.assertRaises(AccessError):
            draft.mention_id = other
