import logging
import time
from pathlib import Path

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user

from ..models.social_care_personal_data import KINDS
from .common import SocialCareCommon

_logger = logging.getLogger(__name__)

# No end in sight for whoever looks for it.
ENDLESS = r"(.+)(.+)(.+)(.+)\4\3\2\1$"


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
        stranger = new_test_user(self.env, "stranger", groups="social_care.social_care_group_agent")
        helper = new_test_user(self.env, "helper", groups="helpdesk_mgmt.group_helpdesk_user_team")
        self.team.user_ids += helper
        for user in (stranger, helper):
            with self.assertRaises(AccessError):
                self.env["social.care.reply"].with_user(user).check_text(
                    self.mention.id, "x", "public"
                )

    def test_agents_change_no_guard(self):
        guard = self._guard().with_user(self.agent)
        self.assertEqual(guard.name, "Promises")
        with self.assertRaises(AccessError):
            guard.active = False


class TestGuardPattern(GuardCommon):
    """Managers' patterns run in PostgreSQL, which stops them."""

    def _regex(self, pattern, **values):
        return self._guard(pattern, kind="regex", name="Pattern", **values)

    def test_all_places_of_a_pattern_are_found_whatever_its_groups(self):
        self._regex(r"(\d+) ?(€|euros)")
        [finding] = self._found("30 € now, 500€ later; 😀 7 EUROS")
        self.assertEqual(finding["spans"], [[0, 4], [10, 14], [24, 31]])
        self.assertEqual(finding["words"], ["30 €", "500€", "7 EUROS"])

    def test_what_people_write_never_changes_the_query(self):
        self._regex("x'|y\\\\")
        for body in ("50% x' %s", "\x01x'\x02 y\\", "x'); DROP TABLE x; --"):
            self.assertEqual(self._words(body)[0], "x'", body)

    def test_a_pattern_that_takes_too_long_counts_as_found_and_a_manager_is_told(self):
        guard = self._regex(ENDLESS, severity="approve")
        started = time.monotonic()
        [finding] = self._found("a" * 400)
        self.assertLess(time.monotonic() - started, 2)
        self.assertEqual((finding["spans"], finding["words"]), ([], []))
        self.assertEqual(
            finding["text"],
            "Pattern: this check takes too long, so it counts as found. "
            "A reviewer has to approve it.",
        )
        self.assertTrue(guard.timed_out_at)
        self.assertEqual(guard.activity_ids.mapped("summary"), ["Takes too long"])

    def test_a_manager_is_told_once_a_day(self):
        guard = self._regex(ENDLESS)
        with freeze_time("2026-08-17 08:00"):
            self._found("a" * 400)
        guard.activity_ids.unlink()
        with freeze_time("2026-08-18 07:59"):
            self._found("a" * 400)
        self.assertFalse(guard.activity_ids)
        with freeze_time("2026-08-18 08:01"):
            self._found("a" * 400)
        self.assertEqual(len(guard.activity_ids), 1)

    def test_a_slow_pattern_leaves_others_and_the_transaction_their_time(self):
        self._regex(ENDLESS)
        self._regex("refund")
        self.assertEqual(len(self._found("a" * 400 + " refund")), 2)
        self.env.cr.execute("SHOW statement_timeout")
        self.assertNotEqual(self.env.cr.fetchone(), ("200ms",))
        self.env.cr.execute("SELECT pg_sleep(0.25)")

    def test_no_customers_words_are_logged(self):
        self._regex(ENDLESS)
        with self.assertNoLogs("odoo.sql_db", "WARNING"):
            self._found("secret " * 60)

    def test_an_unsound_pattern_is_refused_with_the_reason(self):
        for pattern, reason in {
            "refund(": "parentheses \\(\\) not balanced",
            "a{2,1}": "invalid repetition count",
            "x*": "finds something in every text",
            "": "finds something in every text",
        }.items():
            with self.assertRaisesRegex(ValidationError, reason), self.env.cr.savepoint():
                self._regex(pattern)

    def test_words_that_cannot_be_looked_for_are_refused_with_their_line(self):
        for pattern, reason in {
            "fine\nre*fund": "Promises, line 2, “re\\*fund”: a \\* can only end a word",
            "fine\n!!!": "line 2, “!!!”: there is no word",
            "\n": "has no words to look for",
            "fine\n?": "finds nothing here",
        }.items():
            with self.assertRaisesRegex(ValidationError, reason), self.env.cr.savepoint():
                self._guard(pattern)

    def test_a_language_is_a_code(self):
        with self.assertRaisesRegex(ValidationError, "“spanish” is no language"):
            self._guard(lang="es, spanish")


class TestGuardedData(GuardCommon):
    """Personal data in an answer."""

    def _data_guard(self, **values):
        values = {"name": "Personal data", "kind": "personal_data", "severity": "block", **values}
        return self._guard(False, **values)

    def test_each_kind_is_named(self):
        self._data_guard()
        [finding] = self._found(
            "Ana, 655 123 456, ana@correo.example, ES91 2100 0418 4502 0005 1332, "
            "4111 1111 1111 1111, S00042"
        )
        self.assertEqual(
            finding["text"],
            "Personal data: phone number “655 123 456”, mail address “ana@correo.example”, "
            "bank account “ES91 2100 0418 4502 0005 1332”, card “4111 1111 1111 1111”, "
            "order number “S00042”. It cannot be sent like this.",
        )
        self.assertEqual(finding["spans"][0], [5, 16])

    def test_in_private_it_is_fine_unless_the_guard_says_otherwise(self):
        guard = self._data_guard()
        body = "We have 655 123 456 as your phone"
        self.assertTrue(self._found(body))
        self.assertFalse(self._found(body, visibility="direct"))
        guard.public_only = False
        self.assertTrue(self._found(body, visibility="direct"))

    def test_only_the_kinds_chosen_are_found(self):
        self._data_guard(data_phone=False, data_order=False)
        self.assertEqual(self._words("655 123 456 S00042 a@b.example"), ["a@b.example"])
        with self.assertRaisesRegex(ValidationError, "Choose what"):
            self._data_guard(**{f"data_{kind}": False for kind in KINDS})

    def test_what_is_ours_may_be_said(self):
        self.env.company.write({"phone": "+34 900 123 456", "email": "care@aurora.example"})
        guard = self._data_guard()
        self.assertFalse(self._found("Call 900 123 456 or write to Care@aurora.example"))
        body = "Call 91 123 45 67 or write to seats@shop.example, ana@correo.example"
        self.assertEqual(len(self._words(body)), 3)
        guard.allowed = "911234567\n@shop.example"
        self.assertEqual(self._words(body), ["ana@correo.example"])

    def test_orders_look_as_the_company_says(self):
        guard = self._data_guard()
        self.assertEqual(self._words("S00042, XS00042, S000421, AB-77"), ["S00042"])
        guard.order_pattern = r"AB-\d+"
        self.assertEqual(self.env.company.social_order_pattern, r"AB-\d+")
        self.assertEqual(self._words("S00042, AB-77"), ["AB-77"])
        guard.order_pattern = False
        self.assertFalse(self._found("S00042, AB-77"))
        with self.assertRaisesRegex(ValidationError, "Order numbers, “AB\\(”"):
            guard.order_pattern = "AB("

    def test_an_order_pattern_that_takes_too_long_counts_as_found(self):
        guard = self._data_guard()
        self.env.company.social_order_pattern = ENDLESS
        self.assertTrue(self._found("a" * 400))
        self.assertTrue(guard.timed_out_at)

    def test_others_find_personal_data_too(self):
        self._data_guard(allowed="911234567")
        find = self.env["social.care.guard"]._find_personal_data
        self.assertEqual(
            find("order S00042, call 655123456, not 911234567"),
            [("order", 6, 12, "S00042"), ("phone", 19, 28, "655123456")],
        )


class TestShippedGuards(GuardCommon):
    """The lists that come with the addon: no false alarm, and what they are for is found."""

    def setUp(self):
        super().setUp()
        self.env["social.care.guard"].with_context(active_test=False).search([]).active = True
        self.env.company.write({"phone": "+34 900 123 456", "email": "care@aurora.example"})

    def _lines(self, name):
        path = Path(__file__).parent / "data" / f"guard_{name}.txt"
        return path.read_text(encoding="utf-8").splitlines()

    def test_ordinary_answers_in_both_languages_raise_nothing(self):
        replies = self.env["social.care.reply"].with_user(self.agent)
        lines = self._lines("good")
        self.assertGreaterEqual(len(lines), 80)
        for line in lines:
            self.assertEqual(replies.check_text(self.mention.id, line), [], line)

    def test_what_must_not_be_said_is_found(self):
        replies = self.env["social.care.reply"].with_user(self.agent)
        lines = self._lines("bad")
        self.assertGreaterEqual(len(lines), 60)
        for line in lines:
            name, _bar, text = line.partition("|")
            found = [item["name"] for item in replies.check_text(self.mention.id, text)]
            self.assertIn(name, found, line)


class TestGuardSpeed(GuardCommon):
    def test_forty_guards_of_two_thousand_words_ask_the_database_nothing(self):
        for number in range(40):
            words = "\n".join(f"word{number}x{place}* other" for place in range(50))
            self._guard(f"{words}\nrefund{number}")
        body = "@ana We are looking for your suitcase, word39x7y other. " * 5
        reply = self._write(body).sudo()
        self.assertEqual(len(reply._find_guarded()), 1)
        with self.assertQueryCount(0):
            started = time.perf_counter()
            reply._find_guarded()
            took = time.perf_counter() - started
        self.assertLess(took, 0.02)
        _logger.info("40 guards of 2,000 words look into an answer in %.1f ms", took * 1000)

    def test_a_pattern_costs_five_statements(self):
        self._guard(r"\d+ €", kind="regex")
        reply = self._write("30 €").sudo()
        reply._find_guarded()
        with self.assertQueryCount(5):  # savepoint, time, pattern, back, release
            reply._find_guarded()


class TestGuardForm(GuardCommon):
    """“Try it”: the text is looked into with what the form holds, saved or not."""

    def setUp(self):
        super().setUp()
        self.manager = new_test_user(
            self.env, "checks", groups="social_care.social_care_group_manager"
        )

    def _form(self, **values):
        form = Form(self.env["social.care.guard"].with_user(self.manager))
        for name, value in {"name": "Promises", **values}.items():
            form[name] = value
        return form

    def test_what_is_found_is_marked_and_nothing_else_becomes_html(self):
        form = self._form(pattern="refund*", sample="<b>Refunds</b> & refund")
        self.assertEqual(
            str(form.sample_result),
            '<p class="o_social_care_bubble_text" dir="auto">&lt;b&gt;<mark>Refunds</mark>'
            "&lt;/b&gt; &amp; <mark>refund</mark></p>",
        )
        form.sample = "Hello"
        self.assertEqual(str(form.sample_result), "Nothing found.")

    def test_a_pattern_or_word_that_does_not_work_says_why(self):
        form = self._form(kind="regex", pattern="a(", sample="a")
        self.assertIn("not balanced", form.sample_result)
        form.pattern = ENDLESS
        form.sample = "a" * 400
        self.assertIn("too long", form.sample_result)
        form.kind = "keywords"
        form.pattern = "re*fund"
        self.assertIn("a * can only end a word", form.sample_result)

    def test_what_is_tried_is_not_kept(self):
        guard = self._form(pattern="refund", sample="a refund").save()
        self.assertFalse(guard.sample)

    def test_a_manager_says_how_order_numbers_look(self):
        guard = self._form(kind="personal_data", order_pattern=r"AB-\d+").save()
        self.assertTrue(guard.data_order)
        self.assertEqual(self.env.company.social_order_pattern, r"AB-\d+")
