import random
from unittest.mock import patch

from odoo import Command
from odoo.api import Environment
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .clock_common import ClockCommon, at

MESSAGES = 60
PEOPLE = 25
GROUPINGS = (
    ("network", "posted_at:week"),
    ("account_id", "posted_at:month", "team_id"),
    ("ticket_id", "state"),
    ("author_id", "hour"),
    ("first_response_bucket", "outcome", "history"),
)


@tagged("post_install", "-at_install")
class TestReportTotals(ClockCommon):
    """A pivot table's totals, added up from its cells, are those that each question alone gives."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chance = random.Random(19)  # noqa: S311 - the same each time
        cls.other = cls._create_account(
            name="Other",
            network="bluesky",
            external_id="other@fake.example",
            team_line_ids=[Command.create({"team_id": cls.team.copy({"name": "Sea"}).id})],
        )
        cls.sister = cls._create_account(
            name="Sister",
            network=cls.account.network,
            external_id="sister@fake.example",
            team_line_ids=[Command.create({"team_id": cls.team.id})],
        )
        cls.env.company.social_outcome_cases = 2
        cls.manager = new_test_user(
            cls.env, login="care_manager", groups="social_care.social_care_group_manager"
        )
        for account in (cls.account, cls.other, cls.sister):
            items = [cls._something(account, number) for number in range(MESSAGES)]
            cls._receive(cls, *items, account=account)
        cls._let_things_happen()
        cls.report = cls.env["social.care.report"].with_user(cls.manager)
        cls.measures = ["__count"] + [
            f"{name}:{field.aggregator}"
            for name, field in cls.report._fields.items()
            if field.type in ("integer", "float") and field.aggregator and name != "id"
        ]

    @classmethod
    def _something(cls, account, number):
        day, hour = cls.chance.randint(1, 28), cls.chance.randint(0, 23)
        return cls._mention(
            cls,
            f"{account.id} {number}",
            who=f"who{cls.chance.randrange(PEOPLE)}",
            posted_at=at(f"2026-{cls.chance.choice(('07', '08'))}-{day:02} {hour:02}:00"),
            addressed=cls.chance.random() < 0.8,
        )

    @classmethod
    def _let_things_happen(cls):
        cls.env.flush_all()
        cls.env.cr.execute(
            """SELECT setseed(0.19);
               UPDATE helpdesk_ticket
                  SET social_first_response_at = CASE WHEN random() < 0.7 THEN now() END,
                      social_first_response_hours = random() * 30,
                      social_first_response_wait_hours = random() * 60 - 5,
                      social_acknowledged_at = CASE WHEN random() < 0.5 THEN now() END,
                      social_reopened_count = random() * 2,
                      social_kept_count = random() * 2,
                      social_missed_count = random() * 2,
                      social_outcome = (ARRAY['satisfied', 'silent', 'came_back'])
                                       [1 + floor(random() * 4)::int];
               UPDATE social_care_author SET followers_count = random() * 9999;
               UPDATE social_care_mention SET history = random() < 0.3;
               UPDATE social_care_mention
                  SET state = (ARRAY['new', 'ignored', 'watch'])[1 + floor(random() * 3)::int],
                      reason_id = %s, watch_until = now()
                WHERE state = 'new'""",
            [cls.env.ref("social_care.reason_spam").id],
        )
        cls.env.invalidate_all()

    def _sets(self, grouping):
        return [grouping[:size] for size in range(len(grouping) + 1)] + [grouping[1:]]

    def _check(self, found, expected, what):
        self.assertEqual(len(found), len(expected), what)
        for ours, theirs in zip(found, expected, strict=True):
            self.assertEqual(ours.keys(), theirs.keys())
            for name, value in theirs.items():
                self.assertIs(type(ours[name]), type(value), (what, name))
                if isinstance(value, float):
                    self.assertAlmostEqual(ours[name], value, msg=(what, name))
                else:
                    self.assertEqual(ours[name], value, (what, name))

    def _compare(self, domain, sets, order=None):
        together = self.report.formatted_read_grouping_sets(
            domain, sets, self.measures, order=order
        )
        for groups, found in zip(sets, together, strict=True):
            alone = self.report.formatted_read_group(domain, groups, self.measures, order=order)
            self._check(found, alone, (domain, groups, order))

    def test_totals_are_what_each_grouping_alone_gives(self):
        for grouping in GROUPINGS:
            self._compare([], self._sets(grouping))

    def test_accounts_of_one_network_are_one_line(self):
        _total, networks, _both, accounts = self.report._read_grouping_sets(
            [], self._sets(("network", "account_id")), ["mention_count:sum"]
        )
        self.assertEqual(networks, [("bluesky", MESSAGES), (self.account.network, 2 * MESSAGES)])
        self.assertEqual([count for _account, count in accounts], 3 * [MESSAGES])

    def test_the_order_that_was_asked_for(self):
        for grouping in GROUPINGS:
            down = ", ".join(f"{spec} DESC" for spec in grouping)
            self._compare([], [grouping, grouping], down)
            self._compare([], [grouping, grouping], f"mention_count:sum DESC, {down}")

    def test_something_of_everything_is_compared(self):
        [total] = self.report.formatted_read_group([], [], self.measures)
        for measure in self.measures:
            self.assertTrue(total[measure] or measure.startswith(("deleted", "went")), measure)

    def test_totals_of_what_was_searched_and_of_nothing(self):
        sets = self._sets(("network", "posted_at:week"))
        for domain in ([("answered_count", ">", 0)], [("kind", "=", False)]):
            self._compare(domain, sets)

    def test_what_does_not_add_up_is_counted_for_each_total(self):
        sets = self._sets(("network", "posted_at:week"))
        together = self.report._read_grouping_sets([], sets, ["author_id:count_distinct"])
        authors = len(self.report.search([]).author_id)
        self.assertEqual(together[0], [(authors,)])
        by_week = sum(count for _week, count in together[3])
        self.assertGreater(by_week, authors, "many wrote in several weeks")

    def test_questions_that_cells_do_not_answer(self):
        """An average of whole numbers, an order by what is not shown, what is behind a field."""
        for grouping, measure, order in (
            (("network", "posted_at:week"), "reach:avg", None),
            (("account_id", "state"), "mention_count:sum", "author_id:count_distinct DESC"),
            (("account_id.name", "state"), "mention_count:sum", None),
        ):
            sets = [grouping, grouping[:1]]
            together = self.report._read_grouping_sets([], sets, [measure], order=order)
            for groups, found in zip(sets, together, strict=True):
                alone = self.report._read_group([], groups, [measure], order=order)
                self.assertCountEqual(found, alone, (groups, measure, order))
                self.assertGreater(len(found), 1)

    def test_of_nothing_there_are_no_groups(self):
        sets = self._sets(("network", "posted_at:week"))
        nobodys = [("account_id", "in", [])]
        together = self.report._read_grouping_sets(nobodys, sets, ["mention_count:sum"])
        self.assertEqual(together, [[], [], [], []])

    def test_a_reader_cannot_have_it_done_elsewhere(self):
        rolling_up = self.report.with_context(social_care_roll_up=True)
        self.assertEqual(rolling_up.search([]), self.report.search([]))

    def _ask(self):
        return self.report._read_grouping_sets(
            [("history", "=", False)],  # as the menu does
            self._sets(("network", "posted_at:week")),
            ["mention_count:sum", "first_response_hours:avg", "kept_share:avg"],
        )

    def test_one_query_that_reads_indexes_only(self):
        self._ask()
        execute = Environment.execute_query
        with (
            patch.object(Environment, "execute_query", autospec=True, side_effect=execute) as ran,
            self.assertQueryCount(3),  # twice the accounts for practice
        ):
            self._ask()
        wanted = {"social_care_mention_analysis", "social_care_mention_first"}
        self._drop_indexes_but(wanted)
        rows = self.env.execute_query(SQL("EXPLAIN %s", ran.call_args.args[1]))
        plan = "\n".join(line for [line] in rows)
        for index in wanted:
            self.assertIn(f"Index Only Scan using {index}", plan)
        self.assertNotIn("helpdesk_ticket_sla", plan, "promises are counted on their ticket")

    def _drop_indexes_but(self, wanted):
        """In a small table others are as quick, and so is a look at all rows."""
        self.env.cr.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        names = self.env.execute_query(
            SQL("SELECT indexname FROM pg_indexes WHERE tablename = 'social_care_mention'")
        )
        for [name] in names:
            if name not in {*wanted, "social_care_mention_pkey"}:
                self.env.cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
