from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import Form, new_test_user
from odoo.tools import mute_logger

from odoo.addons.social_care.models.social_care_words import (
    clean_answer,
    clean_question,
    fill_names,
    get_first_name,
    suggest_shortcut,
)

from .common import SocialCareCommon

REFUSED = (AccessError, UserError)
ACCESS_LOG = "odoo.addons.base.models.ir_rule"


class GoodAnswersCommon(SocialCareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.signature = "^AA"
        cls.colleague = cls._create_user("colleague", "Bo Lind", team=cls.team)
        cls.other_team = cls.env["helpdesk.ticket.team"].create({"name": "Cargo"})
        cls.stranger = cls._create_user("stranger", "Eve Ek", team=cls.other_team)
        cls.reviewer = cls._create_user(
            "reviewer", "Rita Roy", group="reviewer", team=cls.team | cls.other_team
        )

    @classmethod
    def _create_user(cls, login, name, group="agent", team=None, **values):
        group = f"social_care.social_care_group_{group}"
        user = new_test_user(cls.env, login=login, name=name, groups=group, **values)
        for each in team or ():
            each.user_ids |= user
        return user

    def setUp(self):
        super().setUp()
        self.network.max_length = 500

    def _answered(
        self,
        question="My suitcase is lost",
        answer="Sorry Ana, we look for it.",
        number="1",
        **values,
    ):
        """An answer of the agent's that was sent to Ana."""
        mention = self._receive(self._mention(number, body=question, lang="en", **values))
        reply = self._answer(mention, f"@ana {answer}\n^AA")
        self._run_cron("ir_cron_publish")
        self.assertEqual(reply.state, "sent")
        return reply

    def _keep(self, reply, user=None, **values):
        """What pressing the star and “Keep it” does."""
        action = reply.with_user(user or self.agent).action_mark_good()
        responses = self.env["mail.canned.response"].with_user(user or self.agent)
        with Form(responses.with_context(**action["context"]), action["views"][0][0]) as form:
            for name, value in values.items():
                form[name] = value
        return responses.browse(form.record.id)

    def _write_good(self, team, **values):
        return self.env["mail.canned.response"].create(
            {
                "source": "hello",
                "substitution": "Hello {name}",
                "social_team_ids": team.ids,
                **values,
            }
        )


class TestGoodAnswers(GoodAnswersCommon):
    def test_a_good_answer_becomes_a_canned_response_of_the_team(self):
        reply = self._answered("@aurora Where is my suitcase?", "Hi Ana, we look for it. Marta")
        kept = self._keep(reply)
        self.assertEqual(kept.source, "where-suitcase")
        self.assertEqual(kept.substitution, "Hi {name}, we look for it. {agent}")
        self.assertEqual(kept.social_question, "Where is my suitcase?")
        self.assertEqual(kept.social_team_ids, self.team)
        self.assertEqual(kept.social_account_ids, self.account)
        self.assertEqual(kept.social_lang, "en")
        self.assertEqual(kept.sudo().social_reply_id, reply)
        self.assertEqual(kept.create_uid, self.agent)

    def test_personal_data_stays_behind(self):
        for text, question in {
            "Call me: +34 600 12 34 56 or ana@x.es": "Call me: … or …",
            "Order 1002345 of @ana is late, see https://x.example/ana": "Order … of is late, see",
            "Booking X4T9QZ, gate 12 at 10:30": "Booking …, gate 12 at 10:30",
            "I am Ana Ruiz. Ana": "I am .",
        }.items():
            self.assertEqual(clean_question(text, ["Ana Ruiz"]), question)
        self.assertEqual(
            clean_answer("@bo Ask @aurora on https://a.example/100234", own_handle="aurora"),
            "{name} Ask @aurora on https://a.example/100234",
        )

    def test_personal_data_stays_behind_but_for_our_own(self):
        self.env.company.phone = "+34 900 123 456"
        reply = self._answered(
            "My IBAN is ES91 2100 0418 4502 0005 1332",
            "We call you on +34 600 123 456. Or call us: +34 900 123 456.",
        )
        kept = self._keep(reply, source="iban")
        self.assertEqual(kept.social_question, "My IBAN is …")
        self.assertEqual(kept.substitution, "We call you on …. Or call us: +34 900 123 456.")

    def test_names_come_back_with_whoever_is_answered(self):
        self.assertEqual(fill_names("Hola {name}, soy {agent}.", "Li", "Bo"), "Hola Li, soy Bo.")
        self.assertEqual(fill_names("Hola {name}, soy {agent}.", "", "Bo"), "Hola, soy Bo.")
        self.assertEqual(fill_names("{name}, so sorry", "", "Bo"), "so sorry")
        # A customer may call themselves what they like.
        self.assertEqual(fill_names("Hi {name}", "{agent}", "Bo"), "Hi {agent}")
        self.assertEqual(get_first_name("Dr. Ana-Eva Ruiz"), "Ana-Eva")
        self.assertEqual(get_first_name("ana@x.es"), "")

    def test_a_word_that_is_also_a_name_stays_a_word(self):
        text = clean_answer("Will, I will see. Willing!", customer=["Will Smith"])
        self.assertEqual(text, "{name}, I will see. Willing!")

    def test_a_short_name_has_no_blanks(self):
        self.assertEqual(suggest_shortcut("¿Cuándo sale el vuelo a París?"), "cuando-sale-vuelo")

    def test_an_answer_is_kept_once(self):
        reply = self._answered()
        self._keep(reply)
        self.assertTrue(reply.with_user(self.colleague).is_good)
        with self.assertRaisesRegex(UserError, "already"):
            reply.with_user(self.colleague).action_mark_good()

    def test_undo(self):
        reply = self._answered()
        kept = self._keep(reply)
        action = reply.with_user(self.agent).action_open_good()
        self.assertEqual(action["res_id"], kept.id)
        kept.action_social_care_forget()
        self.assertFalse(kept.exists())
        self.assertFalse(reply.with_user(self.agent).is_good)

    def test_only_what_was_sent_can_be_kept(self):
        mention = self._receive(self._mention())
        draft = self.env["social.care.reply"].with_user(self.agent)
        draft = draft.create({"mention_id": mention.id, "body": "Hm"})
        self.assertFalse(draft.can_keep)
        with self.assertRaisesRegex(UserError, "sent"):
            draft.action_mark_good()

    def test_what_was_deleted_is_no_example(self):
        reply = self._answered()
        reply.deleted_at = self.env.cr.now()
        self.assertFalse(reply.can_keep)
        with self.assertRaisesRegex(UserError, "sent"):
            reply.with_user(self.agent).action_mark_good()

    def test_the_conversation_shows_the_star(self):
        reply = self._answered()
        ticket = reply.ticket_id.with_user(self.agent)
        stars = [
            (item["can_keep"], item["is_good"])
            for item in ticket.social_care_conversation()
            if item["who"] == "us"
        ]
        self.assertEqual(stars, [(True, False)])
        self._keep(reply)
        self.assertTrue(ticket.social_care_conversation()[-1]["is_good"])


class TestGoodAnswersPrivacy(GoodAnswersCommon):
    def test_the_question_goes_when_the_customer_deletes_it(self):
        reply = self._answered()
        kept = self._keep(reply, social_question="I, Ana, lost my red suitcase")
        reply.mention_id._blank("deleted")
        self.assertFalse(kept.social_question)
        self.assertEqual(kept.substitution, "Sorry {name}, we look for it.")

    def test_the_question_goes_when_it_was_kept_long_enough(self):
        reply, other = self._answered(), self._answered("How do I change my seat?", number="2")
        kept, stays = self._keep(reply), self._keep(other)
        reply.mention_id._blank("retention")
        self.assertFalse(kept.social_question)
        self.assertEqual(stays.social_question, "How do I change my seat?")

    def test_erasing_a_person_leaves_neither_question_nor_name(self):
        reply = self._answered()
        kept = self._keep(reply, substitution="Sorry Ana, we look for it, Ana.")
        reply.mention_id.author_id._social_care_erase()
        self.assertFalse(kept.social_question)
        self.assertEqual(kept.substitution, "Sorry {name}, we look for it, {name}.")

    def test_a_legal_hold_keeps_the_question_until_it_is_released(self):
        reply = self._answered()
        kept = self._keep(reply)
        reply.ticket_id.social_legal_hold = True
        reply.mention_id._blank("retention")
        self.assertEqual(kept.social_question, "My suitcase is lost")
        reply.ticket_id.social_legal_hold = False
        reply.mention_id._blank("retention")
        self.assertFalse(kept.social_question)

    def test_the_question_follows_what_the_customer_changes(self):
        reply = self._answered()
        kept = self._keep(reply)
        self._receive(self._mention("1", body="My red suitcase is lost", lang="en"))
        self.assertEqual(kept.social_question, "My red suitcase is lost")

    def test_a_copy_has_no_question(self):
        kept = self._keep(self._answered())
        self.assertFalse(kept.copy().social_question)

    def test_where_it_came_from_is_nobodys_to_see_or_set(self):
        reply = self._answered()
        kept = self._keep(reply)
        with self.assertRaises(AccessError):
            kept.read(["social_reply_id"])
        for user in (self.agent, self.reviewer):
            with self.assertRaises(AccessError):
                kept.with_user(user).write({"social_reply_id": False})


class TestGoodAnswersAccess(GoodAnswersCommon):
    def _sees(self, user, response, companies=None):
        model = self.env["mail.canned.response"].with_user(user)
        if companies:
            model = model.with_context(allowed_company_ids=companies.ids)
        return bool(call_kw(model, "search_read", [[("id", "=", response.id)], ["source"]], {}))

    def _may(self, user, method, response, *arguments):
        with mute_logger(ACCESS_LOG, "odoo.models"):
            try:
                with self.env.cr.savepoint():
                    call_kw(response.with_user(user), method, [response.ids, *arguments], {})
                    return True
            except REFUSED:
                self.env.invalidate_all()
                return False

    def test_a_team_shares_its_good_answers_and_others_do_not_see_them(self):
        kept = self._keep(self._answered())
        employee = new_test_user(self.env, login="employee", groups="base.group_user")
        helpdesk = new_test_user(
            self.env, login="desk", groups="helpdesk_mgmt.group_helpdesk_user_team"
        )
        self.team.user_ids |= helpdesk
        self.assertTrue(self._sees(self.agent, kept))
        self.assertTrue(self._sees(self.colleague, kept))
        self.assertTrue(self._sees(self.reviewer, kept))
        self.assertFalse(self._sees(self.stranger, kept))
        self.assertFalse(self._sees(employee, kept))
        self.assertFalse(self._sees(helpdesk, kept))

    def test_who_kept_it_and_reviewers_change_it_colleagues_do_not(self):
        kept = self._keep(self._answered())
        values = {"substitution": "Sorry {name}."}
        self.assertTrue(self._may(self.agent, "write", kept, values))
        self.assertTrue(self._may(self.reviewer, "write", kept, values))
        self.assertFalse(self._may(self.colleague, "write", kept, values))
        self.assertFalse(self._may(self.stranger, "write", kept, values))
        self.assertFalse(self._may(self.colleague, "action_social_care_forget", kept))
        self.assertTrue(self._may(self.reviewer, "action_social_care_forget", kept))

    def test_who_leaves_the_team_leaves_its_answers_behind(self):
        kept = self._keep(self._answered())
        self.team.user_ids -= self.agent
        self.assertFalse(self._sees(self.agent, kept))
        self.assertFalse(self._may(self.agent, "write", kept, {"source": "x"}))

    def test_odoos_own_canned_responses_are_as_before(self):
        own = self.env["mail.canned.response"].with_user(self.colleague)
        own = own.create({"source": "mine", "substitution": "Mine"})
        group = self.env.ref("base.group_user")
        shared = self._write_good(self.other_team, group_ids=group.ids)
        self.assertTrue(self._sees(self.colleague, own))
        self.assertFalse(self._sees(self.agent, own))
        # Whoever shares with a group shares with a group.
        self.assertTrue(self._sees(self.agent, shared))

    def test_nobody_writes_into_another_teams_picker(self):
        good = self._keep(self._answered())
        for values in (
            {"social_team_ids": [Command.set(self.other_team.ids)]},
            {"social_team_ids": [Command.link(self.other_team.id)]},
        ):
            self.assertFalse(self._may(self.agent, "write", good, values))
        with self.assertRaises(AccessError):
            self._write_good(self.other_team).with_user(self.agent).copy()

    @mute_logger(ACCESS_LOG)
    def test_keeping_takes_the_ticket(self):
        reply = self._answered()
        with self.assertRaises(AccessError):
            reply.with_user(self.stranger).action_mark_good()
        # The dialog's context, made up.
        model = self.env["mail.canned.response"].with_user(self.stranger)
        with self.assertRaises(AccessError):
            model.with_context(social_care_good_reply=reply.id).create(
                {"source": "x", "substitution": "x"}
            )
        self.assertTrue(self._keep(reply, user=self.colleague))

    @mute_logger(ACCESS_LOG)
    def test_the_picker_takes_the_message(self):
        reply = self._answered()
        model = self.env["mail.canned.response"].with_user(self.stranger)
        for method, arguments in (
            ("social_care_answers", [reply.mention_id.id]),
            ("social_care_expand", [reply.mention_id.id, "x"]),
        ):
            with self.assertRaises(AccessError):
                call_kw(model, method, arguments, {})
        kept = self._keep(reply)
        with self.assertRaises(AccessError):
            kept.with_user(self.stranger).social_care_used()

    def test_two_companies(self):
        company = self.env["res.company"].create({"name": "Aurora Cargo"})
        team = self.env["helpdesk.ticket.team"].create({"name": "Cargo", "company_id": company.id})
        both = self._create_user(
            "both",
            "Ida Ito",
            team=team,
            company_ids=[Command.set((company | self.env.company).ids)],
        )
        kept = self._write_good(team)
        self.assertFalse(self._sees(both, kept, self.env.company))
        self.assertTrue(self._sees(both, kept, company))
        manager = self._create_user("boss", "Max Mu", group="manager")
        self.assertFalse(self._sees(manager, kept))

    def test_a_manager_sees_all_teams_answers(self):
        kept = self._keep(self._answered())
        manager = self._create_user("boss", "Max Mu", group="manager")
        self.assertTrue(self._sees(manager, kept))
        self.assertTrue(self._may(manager, "write", kept, {"source": "bag"}))


class TestManual(GoodAnswersCommon):
    def test_the_manual_is_a_page_or_an_address(self):
        ticket = self._receive(self._mention()).ticket_id.with_user(self.agent)
        self.assertFalse(ticket.social_manual_url)
        self.team.social_manual = "<p>Be kind.</p>"
        self.assertEqual(
            ticket.action_social_manual()["url"],
            f"/odoo/action-social_care.helpdesk_ticket_team_manual_action/{self.team.id}",
        )
        self.team.social_manual_url = "https://wiki.example/care"
        self.assertEqual(ticket.action_social_manual()["url"], "https://wiki.example/care")

    def test_customers_do_not_read_it(self):
        self.team.write({"social_manual": "<p>Be kind.</p>", "show_in_portal": True})
        portal = new_test_user(self.env, login="portal", groups="base.group_portal")
        team = self.team.with_user(portal)
        self.assertEqual(team.read(["name"])[0]["name"], "Care")
        with self.assertRaises(AccessError):
            team.read(["social_manual"])

    def test_an_address_is_https(self):
        for address in ("javascript:alert(1)", "http://wiki.example", "wiki.example"):
            with self.assertRaisesRegex(ValidationError, "https"):
                self.team.social_manual_url = address
