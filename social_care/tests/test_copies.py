from datetime import timedelta

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.social_care.models.social_care_mention_copies import make_text_key

from .common import MONDAY_10, SocialCareCommon

GIVEAWAY = "¡Dos vuelos GRATIS a Lisboa! Síguenos y etiqueta 🎁 https://a.example/1"


class TestCopies(SocialCareCommon):
    """One text posted by many is recognised, shown as one group, and decided once."""

    def _copies(self, count, first=0, **values):
        """Undecided posts of the same text, each by another person."""
        values = {"body": GIVEAWAY, "addressed": False, **values}
        items = [
            self._mention(f"copy-{number}", who=f"fan{number}", **values)
            for number in range(first, first + count)
        ]
        return self._receive(*items).with_user(self.agent)

    def _wizard(self, mentions, **values):
        values = {"decision": "ignored", "with_alike": True, **values}
        values.setdefault("reason_id", self.env.ref("social_care.reason_spam").id)
        links = [Command.set(mentions.ids)]
        return (
            self.env["social.care.decide"]
            .with_user(self.agent)
            .create({"mention_ids": links, **values})
        )

    def test_handles_links_case_accents_signs_and_emojis_are_folded(self):
        key = make_text_key(GIVEAWAY)
        for copy in (
            "dos vuelos gratis a lisboa siguenos y etiqueta",
            "RT @brand: Dos vuelos gratis a Lisboa!!! Siguenos, y etiqueta…",
            "@ana @bo@snac.example DOS VUELOS GRATIS A LISBOA 😍😍 síguenos y #etiqueta www.b.example",
        ):
            self.assertEqual(make_text_key(copy), key, copy)
        self.assertRegex(key, r"^dos vuelos gratis a lisboa siguenos y etiqueta · [0-9a-f]{8}$")

    def test_another_text_has_another_key(self):
        same_start = "palabra " * 20
        for one, other in (
            ("my suitcase is lost", "my suitcase is found"),
            ("gate 12 is closed", "gate 13 is closed"),
            (same_start + "sí", same_start + "no"),
        ):
            self.assertNotEqual(make_text_key(one), make_text_key(other))

    def test_a_word_or_two_are_no_copies_of_each_other(self):
        for text in ("", None, "Hola", "@ana @bo me too!", "👍👍👍", "https://a.example/x"):
            self.assertEqual(make_text_key(text), "", text)
        self.assertTrue(
            make_text_key("荷物が届きません。もう三時間も待っています。早くしてください")
        )

    def test_a_key_follows_its_text_and_goes_with_it(self):
        mention = self._copies(1).sudo()
        before = mention.text_key
        later = MONDAY_10 + timedelta(hours=1)
        self.account._ingest(
            [self._mention("copy-0", who="fan0", body="I take this back, sorry", edited_at=later)]
        )
        self.assertTrue(mention.text_key)
        self.assertNotEqual(mention.text_key, before)
        mention.body = False
        self.assertFalse(mention.text_key)

    def test_copies_wait_seven_days_apart_at_most(self):
        first = self._copies(1)
        within = self._copies(1, first=1, posted_at=MONDAY_10 + timedelta(days=7))
        beyond = self._copies(1, first=2, posted_at=MONDAY_10 + timedelta(days=7, seconds=1))
        self.assertEqual(first._find_alike(), within)
        self.assertEqual(first.alike_count, 1)
        self.assertEqual(within.alike_count, 2)
        self.assertEqual(beyond._find_alike(), within)

    def test_what_is_decided_is_not_offered(self):
        ana, bo, cleo = self._copies(3)
        self._wizard(bo, with_alike=False).action_apply()
        self.env.invalidate_all()
        self.assertEqual(ana._find_alike(), cleo)
        self.assertEqual(ana.alike_count, 1)

    def test_what_one_may_not_read_is_neither_counted_nor_decided(self):
        other_team = self.env["helpdesk.ticket.team"].create({"name": "Other"})
        other = self._create_account(
            external_id="other@fake.example",
            team_line_ids=[Command.create({"team_id": other_team.id})],
        )
        mine = self._copies(2)
        item = self._mention("hidden", who="zoe", body=GIVEAWAY, addressed=False)
        hidden = self._receive(item, account=other)
        self.assertEqual(mine[0].alike_count, 1)
        self._wizard(mine[0]).action_apply()
        self.assertEqual(mine.mapped("state"), ["ignored", "ignored"])
        self.assertEqual(hidden.state, "new")
        boss = new_test_user(
            self.env, "copies_boss", groups="social_care.social_care_group_manager"
        )
        self.assertEqual(len(mine[0].with_user(boss)._find_alike()), 1)

    def test_another_company_decides_for_itself(self):
        company = self.env["res.company"].create({"name": "Other"})
        other = self._create_account(
            external_id="other@fake.example", company_id=company.id, team_line_ids=False
        )
        ours = self._copies(1)
        theirs = self._mention("theirs", who="zoe", body=GIVEAWAY, addressed=False)
        self._receive(theirs, account=other)
        self.assertFalse(ours.sudo()._find_alike())
        self.assertFalse(ours.sudo().alike_count)

    def test_only_who_ticks_the_box_decides_those_alike(self):
        ana, bo, cleo = self._copies(3)
        wizard = self._wizard(ana, with_alike=False)
        self.assertEqual(wizard.alike_ids, bo | cleo)
        wizard.action_apply()
        self.assertEqual((ana | bo | cleo).mapped("state"), ["ignored", "new", "new"])
        action = self._wizard(bo).action_apply()
        self.assertEqual(cleo.state, "ignored")
        self.assertIn("2 decided", action["params"]["message"])

    def test_a_ticket_asks_first_and_gives_each_customer_their_own(self):
        mentions = self._copies(3)
        action = mentions[0].action_make_ticket()
        self.assertEqual(action["res_model"], "social.care.decide")
        self.assertEqual(action["context"]["default_decision"], "ticket")
        self._wizard(mentions[0], decision="ticket").action_apply()
        self.assertEqual(mentions.mapped("state"), ["ticket"] * 3)
        self.assertEqual(len(mentions.ticket_id), 3)
        authors = mentions.ticket_id.mapped("social_author_id.handle")
        self.assertEqual(sorted(authors), ["fan0", "fan1", "fan2"])

    def test_a_page_of_cards_is_counted_with_one_query(self):
        mentions = self._copies(40)
        mentions.mapped("alike_count")  # reads who may see what, once for all
        mentions.invalidate_recordset(["alike_count"])
        with self.assertQueryCount(1):
            self.assertEqual(set(mentions.mapped("alike_count")), {39})

    def test_three_hundred_copies_are_decided_with_as_many_queries_as_thirty(self):
        counts = []
        for first, count in ((0, 30), (30, 300)):
            mentions = self._copies(count, first=first)
            wizard = self._wizard(mentions[0])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            wizard.action_apply()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(set(mentions.mapped("state")), {"ignored"})
        self.assertLessEqual(counts[1], counts[0])
        self.assertLess(counts[0], 20)

    def test_the_inbox_groups_by_the_same_text(self):
        self._copies(3)
        [group] = (
            self.env["social.care.mention"]
            .with_user(self.agent)
            .formatted_read_group(
                [("state", "=", "new"), ("account_id", "=", self.account.id)],
                ["text_key"],
                ["__count"],
            )
        )
        self.assertEqual(group["__count"], 3)
        self.assertIn("dos vuelos gratis", group["text_key"])
