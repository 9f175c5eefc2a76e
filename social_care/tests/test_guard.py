from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .common import SocialCareCommon


class GuardCommon(SocialCareCommon):
    def setUp(self):
        super().setUp()
        self.network.max_length = 5000
        self.mention = self._receive(self._mention())
        self.ticket = self.mention.ticket_id

    def _guard(self, pattern="guarante*", **values):
        return self.env["social.care.guard"].create(
            {"name": "Promises", "pattern": pattern, **values}
        )

    def _write(self, body, **values):
        """A draft of the agent's."""
        values = {"mention_id": self.mention.id, "body": body, **values}
        return self.env["social.care.reply"].with_user(self.agent).create(values)

    def _found(self, body, **values):
        return self._write(body, **values)._find_guarded()

    def _words(self, body, **values):
        return [word for finding in self._found(body, **values) for word in finding["words"]]


class TestGuard(GuardCommon):
    """What a check finds, where, and what it makes of it."""

    def test_a_word_is_found_with_its_place_and_a_sentence(self):
        guard = self._guard(severity="approve")
        [finding] = self._found("@ana We GUARANTEED it, guaranteed!")
        self.assertEqual(
            finding,
            {
                "guard_id": guard.id,
                "name": "Promises",
                "severity": "approve",
                "kind": "keywords",
                "spans": [[8, 18], [23, 33]],
                "words": ["GUARANTEED"],
                "text": "Promises: “GUARANTEED”. A reviewer has to approve it.",
            },
        )

    def test_what_is_fine_finds_nothing(self):
        self._guard()
        self.assertEqual(self._found("@ana We are looking for it."), [])
        self.assertEqual(self._write("@ana Hello")._get_worst_severity(), "")

    def test_accents_stretched_letters_and_signs_between_do_not_hide_a_word(self):
        self._guard("imbécil\nte devolvemos hoy")
        for body, places in {
            "¡IMBECIIIIL!": [[1, 11]],
            "Te devolvemos, hoy.": [[0, 18]],
            "eres im\u00adbécil tú": [[5, 13]],
            "imbe\u0301cil": [[0, 8]],
        }.items():
            [finding] = self._found(body)
            self.assertEqual(finding["spans"], places, body)

    def test_handles_and_links_are_no_words(self):
        self._guard("idiot")
        self.assertEqual(self._found("@idiot see https://x.example/idiot"), [])

    def test_the_worst_of_all_findings_counts(self):
        self._guard("hello", severity="warn")
        self._guard("refund", severity="approve")
        self._guard("idiot", severity="block")
        for body, worst in {
            "hello": "warn",
            "hello, your refund": "approve",
            "refund, hello, idiot": "block",
        }.items():
            self.assertEqual(self._write(body)._get_worst_severity(), worst)
        self.assertEqual(
            [finding["severity"] for finding in self._found("idiot refund hello")],
            ["warn", "approve", "block"],
            "in the guards' order",
        )

    def test_an_archived_or_changed_guard_counts_at_once(self):
        guard = self._guard("refund")
        self.assertTrue(self._found("a refund"))
        guard.pattern = "voucher"
        self.assertEqual(self._words("a refund or a voucher"), ["voucher"])
        guard.active = False
        self.assertFalse(self._found("a voucher"))

    def test_a_guard_of_another_company_account_or_team_does_not_apply(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        team = self.env["helpdesk.ticket.team"].create({"name": "Elsewhere"})
        account = self._create_account(name="Other brand", external_id="other", handle="other")
        for values in (
            {"company_id": company.id},
            {"account_ids": account.ids},
            {"team_ids": team.ids},
        ):
            guard = self._guard("refund", **values)
            self.assertFalse(self._found("a refund"), values)
            guard.write(
                {
                    "company_id": self.env.company.id,
                    "account_ids": self.account.ids,
                    "team_ids": self.team.ids,
                }
            )
            self.assertTrue(self._found("a refund"))
            guard.unlink()

    def test_a_language_narrows_only_where_the_customers_is_known(self):
        self._guard("hoy", lang="es")
        for lang, found in {"en": False, "es": True, "es-MX": True, False: True}.items():
            self.mention.lang = lang
            self.assertEqual(bool(self._found("hoy")), found, lang)


class TestGuardRights(GuardCommon):
    def test_the_dialog_asks_for_a_text_that_is_not_kept(self):
        self._guard("refund", severity="block")
        replies = self.env["social.care.reply"].with_user(self.agent)
        [finding] = replies.check_text(self.mention.id, "a refund", "public")
        self.assertEqual(finding["text"], "Promises: “refund”. It cannot be sent like this.")
        self.assertFalse(self.ticket.social_reply_ids)

    def test_only_who_may_answer_can_ask(self):
        stranger = new_test_user(
            self.env, "stranger", groups="social_care.social_care_group_agent"
        )
        helper = new_test_user(
            self.env, "helper", groups="helpdesk_mgmt.group_helpdesk_user_team"
        )
        self.team.user_ids += helper
        for user in (stranger, helper):
            with self.assertRaises(AccessError):
                self.env["social.care.reply"].with_user(user).check_text(self.mention.id, "x", "public")

    def test_agents_change_no_guard(self):
        guard = self._guard().with_user(self.agent)
        self.assertEqual(guard.name, "Promises")
        with self.assertRaises(AccessError):
            guard.active = False
