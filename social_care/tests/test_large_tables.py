from ast import literal_eval

from lxml import etree

from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from .common import SocialCareCommon

FEW = 100  # rows; a page has 80


class TestLargeTables(SocialCareCommon):
    """Beside 20,000 decided messages what agents and scheduled actions do daily reads a few rows."""

    def setUp(self):
        super().setUp()
        accounts = self.account
        for number in range(2):
            accounts += self._create_account(external_id=f"b{number}@fake.example")
        self.mention = self._receive(self._mention("0"))
        self.env.flush_all()
        self.env.cr.execute(
            """INSERT INTO social_care_mention
                      (account_id, company_id, network, external_id, kind, visibility, body, state,
                       reason_id, decided_at, posted_at, received_at)
               SELECT (%s::int[])[1 + n %% 3], company_id, network, 'c' || n, kind, visibility, body,
                      'ignored', %s, now() at time zone 'UTC', posted_at - n * interval '1 minute',
                      received_at
                 FROM social_care_mention, generate_series(1, 20000) n WHERE id = %s;
               ANALYZE social_care_mention, helpdesk_ticket""",
            [accounts.ids, self.env["social.care.reason"].search([], limit=1).id, self.mention.id],
        )
        self.env.invalidate_all()

    def _count_read(self, work):
        """(what the work gives, how many rows of messages it reads)."""
        before = self._get_read()
        result = work()
        return result, self._get_read() - before

    def _get_read(self):
        [(number,)] = self.env.execute_query(
            SQL(
                """SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables
                    WHERE relname = 'social_care_mention'"""
            )
        )
        return number

    def _explain(self, query):
        return "\n".join(line for (line,) in self.env.execute_query(SQL("EXPLAIN %s", query)))

    def test_the_list_of_all_messages(self):
        page, read = self._count_read(lambda: self.env["social.care.mention"].search([], limit=80))
        self.assertEqual((page[0], len(page)), (self.mention, 80))
        self.assertLess(read, FEW)

    def test_the_filters_for_what_few_messages_have(self):
        arch = etree.fromstring(self.env.ref("social_care.social_care_mention_view_search").arch)
        for name in ("severe", "woken", "deleted", "liked", "hidden"):
            domain = literal_eval(arch.find(f".//filter[@name='{name}']").get("domain"))
            [(field, _operator, _value)] = domain
            self.mention[field] = self.mention[field] or (
                True if field == "severe" else self.mention.posted_at
            )
            self.env.flush_all()
            page, read = self._count_read(
                lambda given=domain: self.env["social.care.mention"].search(given, limit=80)
            )
            self.assertEqual(page, self.mention, name)
            self.assertLess(read, FEW, name)

    def test_an_agents_search_for_somebody(self):
        arch = etree.fromstring(self.env.ref("social_care.social_care_mention_view_search").arch)
        domain = safe_eval(
            arch.find(".//field[@name='author_name']").get("filter_domain"), {"self": "ana"}
        )
        mentions = self.env["social.care.mention"].with_user(self.agent)
        found, read = self._count_read(lambda: mentions.search(domain, limit=80))
        self.assertEqual(found, self.mention)
        self.assertLess(read, FEW)

    def test_letting_go_of_what_was_kept_long_enough(self):
        mentions = self.env["social.care.mention"]
        for rows in (
            self.account._is_deleted(),
            self.account._is_ignored_long_enough(),
            self.account._is_raw_long_enough(),
        ):
            due, read = self._count_read(
                lambda given=rows: self.account._find_due(mentions, given, [])
            )
            self.assertEqual(due, [])
            self.assertLess(read, FEW)

    def test_reading_again_what_waits(self):
        waiting, read = self._count_read(self.account._search_waiting_mentions)
        self.assertEqual(waiting, self.mention)
        self.assertLess(read, FEW)

    def test_whether_a_rules_conditions_work(self):
        conditions = [("body", "ilike", "zeppelin")]
        works, read = self._count_read(
            lambda: self.env["social.care.rule"]._is_searchable(conditions)
        )
        self.assertTrue(works)
        self.assertLess(read, FEW)

    def test_the_last_message_of_each_ticket(self):
        tickets = self.env["helpdesk.ticket"].browse()
        for number in range(20):
            tickets += self._receive(self._mention(f"t{number}", who=f"p{number}")).ticket_id
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE social_care_mention SET ticket_id = %s WHERE id IN"
            " (SELECT id FROM social_care_mention WHERE external_id LIKE 'c%%' LIMIT 1000)",
            [tickets[0].id],
        )
        self.env.invalidate_all()
        tickets.mapped("social_network")
        with self.assertQueryCount(5):
            texts, read = self._count_read(lambda: tickets.mapped("social_last_text"))
        self.assertEqual(texts, ["My suitcase is lost"] * 20)
        self.assertLess(read, FEW)

    def test_how_often_a_rule_decided_is_counted_in_its_index(self):
        rule = self.env["social.care.rule"].create({"name": "Lost", "keywords": "lost"})
        self.env.cr.execute("UPDATE social_care_mention SET rule_id = %s", [rule.id])
        mentions = self.env["social.care.mention"]
        query = mentions._search(
            [("rule_id", "=", rule.id), ("company_id", "=", rule.env.company.id)]
        )
        self.env.cr.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        self.assertIn(
            "Index Only Scan using social_care_mention_rule",
            self._explain(query.select(SQL("COUNT(*), MAX(triaged_at)"))),
        )

    def test_parts_of_words_are_searched_for_in_their_indexes(self):
        self.env.cr.execute(
            """UPDATE social_care_mention SET ticket_id = %s;
               INSERT INTO social_care_author
                      (network, external_id, company_id, handle, name, standing)
               SELECT network, 'a' || n, company_id, handle, name, standing
                 FROM social_care_author, generate_series(1, 5000) n WHERE id = %s;
               ANALYZE social_care_mention, social_care_author""",
            [self.mention.ticket_id.id, self.mention.author_id.id],
        )
        # As after a vacuum: new words first wait beside their index.
        self.env.cr.execute(
            """SELECT gin_clean_pending_list(oid) FROM pg_class
                WHERE relname ~ '^social_care_(mention_words|author__(name|handle)_index)$'"""
        )
        said = [("social_mention_ids.body", "ilike", "zeppelin")]
        for records, domain, index in (
            (self.env["helpdesk.ticket"], said, "social_care_mention_words"),
            (self.env["social.care.author"], [("name", "ilike", "zeppelin")], "author__name_index"),
            (self.env["social.care.author"], [("handle", "ilike", "zepp")], "author__handle_index"),
        ):
            self.assertIn(index, self._explain(records._search(domain).select()))
