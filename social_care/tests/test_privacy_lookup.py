import base64
import io

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.social_care import networks

from .common import MONDAY_10, SocialCareCommon

ANA = networks.Author(
    external_id="https://fake.example/users/ana",
    handle="ana_r",
    name="Ana Ruiz",
    url="https://fake.example/@ana_r",
    followers_count=12,
)


class TestPrivacyLookup(SocialCareCommon):
    """Who asks gets what we keep of them, and is forgotten: through Odoo's privacy look-up."""

    def setUp(self):
        super().setUp()
        self.mention = self._receive(self._mention("1", author=ANA, raw={"id": "1"}))
        self.ticket = self.mention.ticket_id
        self.author = self.mention.author_id
        self.further = self._receive(self._mention("2", author=ANA, body="=HYPERLINK(1)"))
        self._answer(self.mention, "Dear Ana, we look.")
        self._run_cron("ir_cron_publish")
        self.reply = self.mention.reply_ids
        self.other = self._receive(self._mention("9", who="anaxr", body="My bike"))

    def _look_up(self, profile=False, email=False, name="Ana Ruiz"):
        wizard = self.env["privacy.lookup.wizard"].create(
            {"name": name, "email": email, "social_profile": profile}
        )
        wizard.action_lookup()
        return wizard

    def _found(self, wizard, model):
        ids = wizard.line_ids.filtered(lambda line: line.res_model == model).mapped("res_id")
        return self.env[model].browse(ids)

    def _read_log(self, wizard):
        self.env.flush_all()  # Odoo writes it as it stores the wizard
        return wizard.log_id

    def _erase(self):
        wizard = self._look_up("@ana_r")
        wizard.line_ids.filtered(
            lambda line: line.res_model == "social.care.author"
        ).action_unlink_all()
        return wizard

    def test_what_is_not_decided_yet_leaves_the_inbox_with_its_words(self):
        waiting = self._receive(self._mention("3", author=ANA, body="Aurora", addressed=False))
        waiting.write({"state": "new", "ticket_id": False})
        self._erase()
        self.assertEqual((waiting.state, waiting.reason_id.code), ("ignored", "other"))

    def test_the_calls_of_other_companies_and_short_ids_in_other_words_stay(self):
        deliveries = self.env["social.care.delivery"]
        company = self.env["res.company"].create({"name": "Other"})
        theirs = self._create_account(
            company_id=company.id, external_id="b@fake.example", team_line_ids=False
        )
        names_her = b'{"from": "https://fake.example/users/ana"}'
        kept, gone, like_her = deliveries.create(
            [
                {
                    "account_id": account.id,
                    "digest": digest,
                    "state": "failed",
                    "body": base64.b64encode(body),
                }
                for digest, account, body in (
                    ("a", theirs, names_her),
                    ("b", self.account, names_her),
                    ("c", self.account, b'{"text": "banana_ritual"}'),
                )
            ]
        )
        self._erase()
        self.assertFalse(gone.body)
        self.assertTrue(kept.body and like_her.body)

    # -- Found --------------------------------------------------------------------

    def test_found_by_handle_or_address_whatever_the_spelling(self):
        for profile in (
            "@ana_r",
            "Ana_R",
            "https://fake.example/@ana_r",
            "http://www.fake.example/@ana_r/?utm=1",
            "https://fake.example/users/ana",
        ):
            wizard = self._look_up(profile)
            self.assertEqual(self._found(wizard, "social.care.author"), self.author, profile)
            self.assertEqual(
                self._found(wizard, "social.care.mention"), self.mention | self.further
            )
            self.assertEqual(self._found(wizard, "social.care.reply"), self.reply)
            self.assertEqual(self._found(wizard, "helpdesk.ticket"), self.ticket)

    def test_found_through_the_contact_each_once(self):
        contact = self.env["res.partner"].create({"name": "Ana Ruiz", "email": "ana@ruiz.example"})
        self.author.partner_id = self.ticket.partner_id = contact
        wizard = self._look_up(email="ana@ruiz.example")
        for model, records in (
            ("res.partner", contact),
            ("social.care.author", self.author),
            ("social.care.mention", self.mention | self.further),
            ("helpdesk.ticket", self.ticket),
        ):
            lines = wizard.line_ids.filtered(lambda line, model=model: line.res_model == model)
            self.assertEqual(sorted(lines.mapped("res_id")), sorted(records.ids), model)

    def test_a_person_known_under_two_ids_is_found_whole(self):
        self.author._join("psid-7")
        wizard = self._look_up("psid-7")
        self.assertEqual(len(self._found(wizard, "social.care.author")), 2)
        self.assertIn(self.mention, self._found(wizard, "social.care.mention"))

    def test_profiles_that_agents_joined_are_one_person(self):
        self.author.person_key = self.other.author_id.person_key = "one"
        wizard = self._erase()
        self.assertFalse(self.other.body or self.other.author_id.name)
        self.assertEqual(set(wizard.line_ids.mapped("is_unlinked")), {True})

    def test_nobody_is_found_and_nothing_breaks(self):
        self.assertFalse(self._look_up("@nobody").line_ids)
        with self.assertRaisesRegex(UserError, "e-mail address, or a profile"):
            self._look_up()

    def test_the_profile_s_form_fills_the_look_up(self):
        context = self.author.action_privacy_lookup()["context"]
        self.assertEqual(context["default_name"], "Ana Ruiz")
        wizard = self._look_up(context["default_social_profile"])
        self.assertEqual(self._found(wizard, "social.care.author"), self.author)

    def test_only_administrators_look_up(self):
        manager = new_test_user(self.env, "boss", groups="social_care.social_care_group_manager")
        with self.assertRaises(AccessError):
            self.env["privacy.lookup.wizard"].with_user(manager).create({"name": "x"})
        wizard = self._look_up("@ana_r").with_user(manager)
        with self.assertRaises(AccessError):
            wizard.action_social_export()
        with self.assertRaises(AccessError):
            wizard.line_ids[:1].action_unlink()

    # -- Exported -----------------------------------------------------------------

    def test_the_export_holds_profile_messages_answers_and_tickets(self):
        wizard = self._look_up("@ana_r")
        action = wizard.action_social_export()
        self.assertIn(f"/{wizard.id}/social_export/", action["url"])
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(wizard.social_export)))
        self.assertEqual(
            book.sheetnames,
            ["Profiles", "Messages", "Answers", "Questions to colleagues", "Tickets"],
        )
        text = {
            sheet.title: [str(cell.value) for row in sheet.rows for cell in row] for sheet in book
        }
        for expected in ("Ana Ruiz", "ana_r", "https://fake.example/@ana_r"):
            self.assertIn(expected, text["Profiles"])
        self.assertIn("My suitcase is lost", text["Messages"])
        self.assertIn("'=HYPERLINK(1)", text["Messages"], "never a formula")
        self.assertIn("Dear Ana, we look.", text["Answers"])
        self.assertIn(self.ticket.number, text["Tickets"])
        self.assertIn("0", text["Messages"], "a count of nothing is a count")
        self.assertNotIn("My bike", text["Messages"])
        self.assertIn("Exported", self._read_log(wizard).execution_details)

    def test_the_export_holds_what_was_asked_about_them(self):
        question = self.ticket.with_user(self.agent)._social_care_ask(
            self.agent, "Where is Ana's suitcase?", MONDAY_10
        )
        question.sudo().answer = "=In her hotel"
        wizard = self._look_up("@ana_r")
        self.assertEqual(self._found(wizard, "social.care.question"), question.sudo(False))
        wizard.action_social_export()
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(wizard.social_export)))
        cells = [cell.value for row in book["Questions to colleagues"].rows for cell in row]
        self.assertIn("Where is Ana's suitcase?", cells)
        self.assertIn("'=In her hotel", cells)

    def test_a_question_found_is_emptied_not_deleted(self):
        question = self.ticket.with_user(self.agent)._social_care_ask(
            self.agent, "Where is Ana's suitcase?", MONDAY_10
        )
        wizard = self._look_up("@ana_r")
        wizard.line_ids.filtered(
            lambda line: line.res_model == "social.care.question"
        ).action_unlink()
        self.assertEqual(question.question, "Erased on request.")

    def test_nothing_to_export_is_said(self):
        with self.assertRaisesRegex(UserError, "No profile"):
            self._look_up("@nobody").action_social_export()

    # -- Erased -------------------------------------------------------------------

    def test_erased_the_person_is_nobody(self):
        self.author.write({"standing": "vip", "followers_count": 12})
        self._erase()
        for name in ("name", "handle", "url", "avatar_url", "partner_id", "followers_count"):
            self.assertFalse(self.author[name], name)
        self.assertTrue(self.author.external_id.startswith("erased:"))
        self.assertEqual(self.author.display_name, "Somebody")

    def test_erased_the_words_are_gone_and_the_facts_stay(self):
        self._erase()
        for record in (self.mention, self.further, self.reply):
            self.assertFalse(record.body)
        self.assertFalse(self.mention.raw)
        self.assertEqual(
            (self.mention.posted_at, self.mention.state, self.reply.state),
            (MONDAY_10, "ticket", "sent"),
        )
        self.assertEqual(self.mention.blanked_because, "erased")
        self.assertTrue(self.ticket.social_first_response_at)
        self.assertEqual(self.ticket.name, "Erased on request.")
        for text in (self.ticket.description, self._chatter(self.ticket), self.ticket.partner_name):
            for word in ("suitcase", "HYPERLINK", "Ana"):
                self.assertNotIn(word, text or "")

    def test_erased_no_decision_keeps_a_note_or_a_digest_of_the_words(self):
        self.mention.write(
            {
                "past_decisions": [{"state": "watch", "note": "Ana from Cuenca"}],
                "former": {"state": "new", "decision_note": "Ana again"},
                "deleted_key": "0123",
            }
        )
        self._erase()
        self.assertEqual(self.mention.past_decisions, [{"state": "watch", "note": False}])
        self.assertEqual(self.mention.former, {"state": "new", "decision_note": False})
        self.assertFalse(self.mention.deleted_key)

    def test_erased_the_contact_is_let_go(self):
        contact = self.env["res.partner"].create({"name": "Ana Ruiz"})
        self.author.partner_id = self.ticket.partner_id = contact
        self.ticket.message_subscribe(contact.ids)
        self._erase()
        self.assertFalse(self.author.partner_id | self.ticket.partner_id)
        self.assertNotIn(contact, self.ticket.message_partner_ids)

    def test_the_network_sends_it_again_and_the_text_stays_away(self):
        self._erase()
        later = self._mention("1", author=ANA, body="My suitcase is lost!", edited_at="2026-09-01")
        self._receive(later)
        self.assertFalse(self.mention.body)
        self.assertFalse(self.author.name)

    def test_who_writes_later_under_the_same_id_is_a_new_person(self):
        self._erase()
        again = self._receive(self._mention("3", author=ANA, body="Hello"))
        self.assertNotEqual(again.author_id, self.author)
        self.assertEqual(again.author_id.name, "Ana Ruiz")
        self.assertNotEqual(again.ticket_id, self.ticket)

    def test_calls_that_name_the_person_lose_their_bodies(self):
        def keep(body, state="processed"):
            values = {"digest": body, "body": base64.b64encode(body.encode()), "state": state}
            return self.env["social.care.delivery"].create(
                {"account_id": self.account.id, **values}
            )

        named = keep('{"from": {"username": "ana_r"}}')
        waiting = keep('{"user": "ana_r"}', state="received")
        stranger = keep('{"text": "banana_republic"}')
        self._erase()
        self.assertFalse(named.body)
        self.assertTrue(waiting.body and stranger.body)

    def test_what_stood_around_others_no_longer_names_the_person(self):
        post = {"external_id": "77", "handle": "ana_r", "author": "Ana Ruiz", "text": "mine too"}
        self.other.context = {"others": [post]}
        self._erase()
        self.assertEqual(self.other.context, {"others": [{"external_id": "77"}]})
        self.assertEqual(self.other.body, "My bike")

    def test_an_answer_on_its_way_is_waited_for(self):
        self._answer(self.further, "Dear Ana, still looking.")
        with self.assertRaisesRegex(UserError, "on its way"):
            self._erase()

    def test_a_draft_never_goes_out(self):
        draft = self.env["social.care.reply"].with_user(self.agent)
        draft = draft.create({"mention_id": self.further.id, "body": "Dear Ana"}).sudo()
        self._erase()
        self.assertEqual((draft.body, draft.state), (False, "cancelled"))

    def test_the_line_of_one_message_erases_that_message_alone(self):
        wizard = self._look_up("@ana_r")
        line = wizard.line_ids.filtered(
            lambda item: item.res_model == "social.care.mention" and item.res_id == self.further.id
        )
        line.action_unlink()
        self.assertEqual((self.further.body, self.mention.body), (False, "My suitcase is lost"))
        self.assertTrue(self.further.exists() and line.is_unlinked)

    def test_with_the_profile_the_other_lines_are_done(self):
        wizard = self._erase()
        self.assertEqual(set(wizard.line_ids.mapped("is_unlinked")), {True})

    def test_what_was_done_is_in_the_privacy_log_without_the_name(self):
        log = self._read_log(self._erase())
        self.assertIn(f"Erased Social care author #{self.author.id}", log.execution_details)
        self.assertEqual((log.anonymized_name, log.anonymized_email), ("A** R***", "@a****"))

    def test_tickets_of_the_helpdesk_are_deleted_as_ever(self):
        contact = self.env["res.partner"].create({"name": "Cy", "email": "cy@ruiz.example"})
        plain = self.env["helpdesk.ticket"].create(
            {"name": "x", "description": "x", "partner_id": contact.id}
        )
        wizard = self._look_up(email="cy@ruiz.example", name="Cy")
        wizard.line_ids.filtered(lambda line: line.res_model == "helpdesk.ticket").action_unlink()
        self.assertFalse(plain.exists())
