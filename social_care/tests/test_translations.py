import ast
import io
import re
from pathlib import Path

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path
from odoo.tools.translate import get_translation, trans_export

from odoo.addons.social_care import networks

# The same in both languages: Odoo's own files leave such a translation empty.
SAME_IN_SPANISH = {
    "%(account)s, %(when)s",
    "%(hours)s h %(minutes)s min",
    "%(hours)s h",
    "%(minutes)s min",
    "%(network)s %(hours)s h",
    "%s d",
    "%s h",
    "%s min",
    "+34 600 000 000",
    '<kbd class="ms-1 d-none d-md-inline">A</kbd>',
    '<span class="o_stat_text">Manual</span>',
    '<span class="o_stat_text">Ticket</span>',
    "Avatar 1024",
    "Avatar 128",
    "Avatar 256",
    "Avatar 512",
    "Avatar",
    "Bluesky",
    "Bot",
    "Crisis",
    "Crisis: %(account)s",
    "Crisis…",
    "Cursor",
    "Error",
    "Esc",
    "Facebook",
    "ID",
    "Influencer",
    "Instagram",
    "Manual",
    "Mastodon",
    "Normal",
    "Odoo",
    "Social Care",
    "Ticket",
    "Tickets",
    "Token",
    "Total",
    "VIP",
    "Webhook",
    "YouTube",
    "es",
    "https://…",
    "ticket",
    "tickets",
    *(f"{hour:02}:00" for hour in range(24)),
}
TRANSLATING = ("_", "self.env._", "env._")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    """Spanish is complete: every term has its translation, with the same placeholders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        buffer = io.BytesIO()
        trans_export(False, ["social_care"], buffer, "po", cls.env)
        # Another installed addon may extend a field of ours; its words are its own.
        cls.template = [
            entry
            for entry in polib.pofile(buffer.getvalue().decode())
            if "module: social_care" in entry.comment
        ]
        spanish = polib.pofile(file_path("social_care/i18n/es.po"))
        cls.spanish = {entry.msgid: entry for entry in spanish if not entry.obsolete}

    def test_no_term_is_untranslated(self):
        self.assertGreater(len(self.template), 300)
        missing = {
            entry.msgid
            for entry in self.template
            if entry.msgid not in self.spanish or not self.spanish[entry.msgid].msgstr
        }
        self.assertFalse(missing - SAME_IN_SPANISH)
        self.assertFalse(SAME_IN_SPANISH - missing, "these are no terms any more")

    def test_nothing_is_left_fuzzy(self):
        self.assertFalse([entry.msgid for entry in self.spanish.values() if entry.fuzzy])

    def test_placeholders_are_kept(self):
        for entry in filter(lambda item: item.msgstr, self.spanish.values()):
            self.assertEqual(
                sorted(PLACEHOLDER.findall(entry.msgid)),
                sorted(PLACEHOLDER.findall(entry.msgstr)),
                entry.msgid,
            )

    def test_the_template_file_is_current(self):
        template = {
            entry.msgid for entry in polib.pofile(file_path("social_care/i18n/social_care.pot"))
        }
        self.assertEqual({entry.msgid for entry in self.template} - template, set())

    def test_no_term_hides_from_the_export_in_an_f_string(self):
        hidden = [
            f"{path.name}:{call.lineno}"
            for folder in ("models", "wizards", "reports", "controllers")
            for path in Path(file_path(f"social_care/{folder}")).glob("*.py")
            for text in ast.walk(ast.parse(path.read_text()))
            if isinstance(text, ast.JoinedStr)
            for call in ast.walk(text)
            if isinstance(call, ast.Call) and ast.unparse(call.func) in TRANSLATING
        ]
        self.assertFalse(hidden)

    def test_the_networks_guides_speak_spanish(self):
        for guide in (network.guide for network in networks.BUILTIN):
            for text in filter(None, (*guide.demands, guide.meanwhile, *guide.steps)):
                self.assertNotEqual(get_translation("social_care", "es_ES", text, ()), text)

    def test_words_that_agents_know(self):
        self.assertEqual(self.spanish["Inbox"].msgstr, "Bandeja")
        self.assertEqual(self.spanish["No answer needed"].msgstr, "No requiere respuesta")

    def test_choices_taken_from_another_model_are_translated(self):
        self.env["res.lang"]._activate_lang("es_ES")
        new = self.env.ref("social_care.selection__social_care_mention__state__new")
        new.with_context(lang="es_ES").name = "Por decidir"
        line = self.env["social.care.rule.try.line"].with_context(lang="es_ES")
        for field in line.fields_get(["before_state", "after_state"]).values():
            self.assertIn(("new", "Por decidir"), field["selection"])
