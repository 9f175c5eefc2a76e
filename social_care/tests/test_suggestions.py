from datetime import datetime

from freezegun import freeze_time

from odoo.tools import SQL

from .test_good_answers import GoodAnswersCommon

INDEX = "mail_canned_response__social_question_index"
SUITCASE = "My suitcase is lost, where is it?"
SEAT = "How do I change my seat on the plane?"
REFUND = "I want my money back for the delayed flight"


class SuggestionsCommon(GoodAnswersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seat = cls._good("seat", SEAT)
        cls.refund = cls._good("refund", REFUND)
        cls.suitcase = cls._good("suitcase", SUITCASE)

    @classmethod
    def _good(cls, name, question, **values):
        values = {"social_team_ids": cls.team.ids, **values}
        return cls.env["mail.canned.response"].create(
            {
                "source": name,
                "substitution": f"Hello {{name}}, about your {name}…",
                "social_question": question,
                **values,
            }
        )

    def _asks(self, question, user=None, **values):
        return self._receive(self._mention("ask", body=question, **values)).with_user(
            user or self.agent
        )

    def _suggest(self, mention, user=None):
        self.env.flush_all()
        responses = self.env["mail.canned.response"].with_user(user or self.agent)
        return responses._social_care_suggest(mention).mapped("source")

    def _pick(self, mention, search=""):
        responses = self.env["mail.canned.response"].with_user(self.agent)
        answers = responses.social_care_answers(mention.id, search)
        return {
            group: [answer["name"] for answer in answers[group]]
            for group in ("suggested", "team", "canned")
        }


class TestSuggestions(SuggestionsCommon):
    def test_a_like_question_brings_its_answer(self):
        self.assertEqual(
            self._suggest(self._asks("@aurora you LOST my suitcase!! Where is it")), ["suitcase"]
        )

    def test_another_question_brings_nothing(self):
        self.assertEqual(self._suggest(self._asks("Which dogs may fly in the cabin?")), [])
        self.assertEqual(self._suggest(self._asks("Help!", addressed=True)), [])

    def test_three_at_most_the_most_alike_first(self):
        for more in ("Please tell me soon", "Please tell me", "Please"):
            self._good(more, f"{SUITCASE} {more}")
        self.assertEqual(
            self._suggest(self._asks(SUITCASE)), ["suitcase", "Please", "Please tell me"]
        )

    def test_accents_make_no_difference_where_postgresql_can(self):
        self.env.cr.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
        self.patch(self.env.registry, "unaccent", lambda text: SQL("unaccent(%s)", text))
        self._good("maleta", "¿Dónde está mi maleta? Perdí la conexión")
        self.assertEqual(
            self._suggest(self._asks("donde esta mi maleta? perdi la conexion")), ["maleta"]
        )

    def test_the_same_team_brand_and_language_come_first(self):
        self.team.copy({"name": "Second", "user_ids": [(4, self.agent.id)]})
        second = self.env["helpdesk.ticket.team"].search([("name", "=", "Second")])
        other_brand = self._create_account(name="Aurora Cargo", external_id="cargo@fake.example")
        self._good("other team", SUITCASE, social_team_ids=second.ids)
        self._good("other brand", SUITCASE, social_account_ids=other_brand.ids)
        self._good("other language", SUITCASE, social_lang="es")
        less_like = "My suitcase is lost since Monday morning, where is it now?"
        self._good("ours", less_like, social_account_ids=self.account.ids, social_lang="en")
        self.suitcase.unlink()
        found = self._suggest(self._asks(SUITCASE, lang="en-GB"))
        self.assertEqual(found[0], "ours")
        self.assertEqual(len(found), 3)

    def test_another_teams_answers_are_not_suggested(self):
        mention = self._asks(SUITCASE)
        self.assertEqual(self._suggest(mention, user=self.stranger), [])

    def test_one_query(self):
        mention = self._asks(SUITCASE)
        self._suggest(mention)
        responses = self.env["mail.canned.response"].with_user(self.agent)
        self.env.invalidate_all()
        mention.mapped("ticket_id.team_id")
        mention.sudo().mapped("author_id.name")
        with self.assertQueryCount(1):
            found = responses._social_care_suggest(mention)
            self.assertEqual(found.mapped("source"), ["suitcase"])

    def test_the_index_finds_them_among_20000(self):
        self.env.cr.execute(
            SQL(
                """INSERT INTO mail_canned_response (source, substitution, social_question, create_uid)
                   SELECT 's', 's', md5(n::text) || ' ' || md5((n + 1)::text), 1
                     FROM generate_series(1, 20000) n"""
            )
        )
        self.env.cr.execute("ANALYZE mail_canned_response")
        responses = self.env["mail.canned.response"].with_user(self.agent)
        query = responses._social_care_suggest_query(SUITCASE, self._asks(SUITCASE))
        self.env.cr.execute(SQL("EXPLAIN ANALYZE %s", query.select()))
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn(INDEX, plan)
        self.assertNotIn("Seq Scan on mail_canned_response", plan)


class TestSuggestionsWithoutTrigrams(SuggestionsCommon):
    def setUp(self):
        super().setUp()
        self.patch(self.env.registry, "has_trigram", False)

    def test_half_of_the_words_are_enough(self):
        found = self._suggest(self._asks("Where is my suitcase? It got lost in Madrid"))
        self.assertEqual(found, ["suitcase"])

    def test_another_question_brings_nothing(self):
        self.assertEqual(self._suggest(self._asks("Which dogs may fly in the cabin?")), [])
        self.assertEqual(self._suggest(self._asks("is it in or on or at")), [])

    def test_signs_of_a_pattern_are_letters(self):
        self.assertEqual(self._suggest(self._asks("100%%%%% ____ \\\\\\\\ %%%%")), [])


class TestPicker(SuggestionsCommon):
    def setUp(self):
        super().setUp()
        self.env["mail.canned.response"].search([("social_team_ids", "=", False)]).unlink()
        mine = self.env["mail.canned.response"].with_user(self.agent)
        self.bye = mine.create({"source": "bye", "substitution": "Bye {name}"})

    def test_three_groups_each_answer_once(self):
        self.assertEqual(
            self._pick(self._asks(SUITCASE)),
            {"suggested": ["suitcase"], "team": ["refund", "seat"], "canned": ["bye"]},
        )

    def test_what_was_used_last_comes_first(self):
        with freeze_time("2026-08-18 09:00:00"):
            self.seat.with_user(self.agent).social_care_used()
        self.assertEqual(self.seat.last_used, datetime(2026, 8, 18, 9))
        self.assertEqual(self._pick(self._asks("Hi"))["team"], ["seat", "suitcase", "refund"])

    def test_searching_looks_at_name_text_and_question(self):
        mention = self._asks(SUITCASE)
        for search, team, canned in (
            ("refu", ["refund"], []),
            ("plane", ["seat"], []),
            ("ABOUT your", ["suitcase", "refund", "seat"], []),
            ("bye", [], ["bye"]),
        ):
            found = self._pick(mention, search)
            self.assertEqual(found, {"suggested": [], "team": team, "canned": canned}, search)

    def test_names_are_filled_in(self):
        mention = self._asks("Hi")
        self.refund.substitution = "Hello {name}, this is {agent}."
        answers = self.env["mail.canned.response"].with_user(self.agent)
        found = answers.social_care_answers(mention.id, "refund")["team"]
        self.assertEqual(found[0]["text"], "Hello Ana, this is Marta.")

    def test_brand_language_and_manual_are_told(self):
        self.seat.write({"social_account_ids": self.account.ids, "social_lang": "ES_mx"})
        self.team.social_manual_url = "https://wiki.example/care"
        answers = self.env["mail.canned.response"].with_user(self.agent)
        found = answers.social_care_answers(self._asks("Hi").id, "seat")
        self.assertEqual(found["team"][0]["brands"], ["Aurora Air"])
        self.assertEqual(found["team"][0]["lang"], "es")
        self.assertEqual(found["manual"], "https://wiki.example/care")

    def test_a_shortcut_expands(self):
        mention = self._asks("Hi")
        answers = self.env["mail.canned.response"].with_user(self.agent)
        with freeze_time("2026-08-18 09:00:00"):
            self.assertEqual(answers.social_care_expand(mention.id, "bye"), "Bye Ana")
        self.assertEqual(self.bye.last_used, datetime(2026, 8, 18, 9))
        self.assertFalse(answers.social_care_expand(mention.id, "nothing"))

    def test_the_picker_costs_the_same_with_many_answers(self):
        mention = self._asks(SUITCASE)
        answers = self.env["mail.canned.response"].with_user(self.agent)

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            answers.social_care_answers(mention.id)
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        for number in range(30):
            self._good(f"more {number}", SUITCASE, social_account_ids=self.account.ids)
        self.assertLessEqual(count(), few + 1)
