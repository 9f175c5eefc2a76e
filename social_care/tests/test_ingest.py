from datetime import timedelta

from odoo.tools import SQL

from odoo.addons.social_care import networks

from .common import MONDAY_10, SocialCareCommon

LATER = MONDAY_10 + timedelta(hours=1)


class TestIngest(SocialCareCommon):
    def _count(self):
        return self.env["social.care.mention"].search_count([("account_id", "=", self.account.id)])

    def test_the_same_mention_twice_is_one_row(self):
        first = self.account._ingest([self._mention("1")])
        again = self.account._ingest([self._mention("1"), self._mention("1")])
        self.assertEqual((len(first), len(again), self._count()), (1, 0, 1))

    def test_a_repeated_page_costs_three_queries_and_writes_nothing(self):
        page = [self._mention(str(number), who=f"person{number}") for number in range(50)]
        self.account._ingest(page)
        self.env.flush_all()
        self.env.invalidate_all()
        self.account.mapped("external_id")
        with self.assertQueryCount(3):  # savepoint, known rows, release
            self.assertFalse(self.account._ingest(page))

    def test_a_repeated_page_moves_no_sequence(self):
        page = [self._mention(str(number), who=f"person{number}") for number in range(50)]
        self.account._ingest(page)

        def read_sequences():
            self.env.flush_all()
            rows = self.env.execute_query(
                SQL(
                    """SELECT sequencename, last_value FROM pg_sequences
                        WHERE sequencename NOT LIKE 'base_cache%%' ORDER BY sequencename"""
                )
            )
            return dict(rows)

        before = read_sequences()
        self.account._ingest(page)
        self.assertEqual(read_sequences(), before)

    def test_a_page_reads_no_more_of_a_large_table_than_of_a_small_one(self):
        self._receive(self._mention("0"))
        self._fill(20000)
        mentions = self.env["social.care.mention"]
        query = mentions._get_known_query(self.account, ["0", "new", "newer"])
        plan = "\n".join(row for [row] in self.env.execute_query(SQL("EXPLAIN %s", query)))
        self.assertIn("Index Scan using social_care_mention_external_id_unique", plan)

        before = self._count_scanned()
        known = self._mention("0")
        new = [self._mention(f"new {number}", who=f"person{number}") for number in range(50)]
        created = self.account._ingest([known, *new])
        self.env.flush_all()
        self.assertEqual(len(created), 50)
        self.assertEqual(self._count_scanned(), before)

    def _fill(self, count):
        """So many messages more, each of another author, copied in the database."""
        self.env.flush_all()
        self.env.cr.execute(
            """INSERT INTO social_care_author (network, external_id, company_id, handle, standing)
               SELECT network, external_id || n, company_id, handle, standing
                 FROM social_care_author, generate_series(1, %(count)s) n
                WHERE id = (SELECT MAX(id) FROM social_care_author);
               INSERT INTO social_care_mention (account_id, company_id, network, external_id, kind,
                                                visibility, state, posted_at, received_at)
               SELECT account_id, company_id, network, external_id || '-' || n, kind,
                      visibility, 'new', posted_at, received_at
                 FROM social_care_mention, generate_series(1, %(count)s) n WHERE external_id = '0';
               ANALYZE social_care_author, social_care_mention""",
            {"count": count},
        )

    def _count_scanned(self):
        """Rows that this transaction read by going through the tables from end to end."""
        rows = self.env.execute_query(
            SQL(
                """SELECT relname, seq_tup_read FROM pg_stat_xact_user_tables
                    WHERE relname IN ('social_care_mention', 'social_care_author')"""
            )
        )
        return dict(rows)

    def test_an_edit_changes_the_text_and_is_told_on_the_ticket(self):
        mention = self._receive(self._mention("1", body="My bag is lost"))
        self._receive(self._mention("1", body="My TWO bags are lost", edited_at=LATER))
        self.assertEqual(mention.body, "My TWO bags are lost")
        self.assertEqual(mention.edited_at, LATER)
        note = mention.ticket_id.message_ids[0]
        self.assertIn("My TWO bags are lost", note.body)
        self.assertIn("<del>My bag is lost</del>", note.body)

    def test_an_old_page_after_the_edit_changes_nothing(self):
        self._receive(self._mention("1", body="new text", edited_at=LATER))
        mention = self._receive(self._mention("1", body="old text"))
        self.assertEqual(mention.body, "new text")

    def test_a_deletion_marks_the_mention_and_is_final(self):
        mention = self._receive(self._mention("1"))
        self._receive(self._mention("1", body="", deleted_at=LATER))
        self.assertEqual(mention.deleted_at, LATER)
        self._receive(self._mention("1", body="back?", edited_at=LATER + timedelta(hours=1)))
        self.assertFalse(mention.body)
        self.assertIn("deleted", mention.ticket_id.message_ids[0].body)

    def test_a_deletion_before_the_post_leaves_a_tombstone(self):
        deleted = networks.Mention(external_id="1", posted_at=MONDAY_10, deleted_at=LATER)
        tombstone = self._receive(deleted)
        self._receive(self._mention("1"))
        self.assertEqual(tombstone.state, "ignored")
        self.assertEqual(tombstone.reason_id.code, "deleted")
        self.assertFalse(tombstone.ticket_id)

    def test_create_edit_and_deletion_in_one_page_in_any_order(self):
        items = [
            self._mention("1", body="", deleted_at=LATER + timedelta(hours=1)),
            self._mention("1", body="second", edited_at=LATER),
            self._mention("1", body="first"),
        ]
        mention = self._receive(items[0], items[1], items[2])[:1]
        self.assertFalse(mention.body)
        self.assertTrue(mention.deleted_at)

    def test_only_counts_changed_is_no_note(self):
        mention = self._receive(self._mention("1", likes=1))
        notes = len(mention.ticket_id.message_ids)
        self._receive(self._mention("1", likes=300))
        self.assertEqual(mention.likes, 300)
        self.assertEqual(len(mention.ticket_id.message_ids), notes)

    def test_hostile_text_is_stored_and_shown_as_text(self):
        family = "👨‍👩‍👧‍👦"
        items = [
            self._mention("1", who="a", body="a\x00b \ud800 <script>alert(1)</script>"),
            self._mention("2", who="b", body="=1+1"),
            self._mention("3", who="c", body=family),
            self._mention("4", who="d", body="שלום, איפה המזוודה שלי?"),
            self._mention("5", who="e", body="x" * 2_000_000),
            self._mention("6", who="f", likes=int("9" * 4000)),
        ]
        mentions = self._receive(*items)
        self.assertEqual(
            mentions.mapped("body")[:4],
            ["ab  <script>alert(1)</script>", "=1+1", family, "שלום, איפה המזוודה שלי?"],
        )
        self.assertEqual(len(mentions[4].body), 20_000)
        self.assertEqual(mentions[5].likes, 2_147_483_647)
        self.assertNotIn("<script>", mentions[0].ticket_id.description)
        self.assertEqual(len(mentions.ticket_id), 6)

    def test_formulas_leave_odoo_as_text(self):
        author = networks.Author(external_id="f@x", handle="f", name="=1+1")
        mention = self._receive(self._mention("1", author=author, body="=HYPERLINK(0)"))
        self.assertEqual(mention.export_data(["body"])["datas"], [["'=HYPERLINK(0)"]])
        self.assertEqual(mention.author_id.export_data(["name"])["datas"], [["'=1+1"]])
        ticket = mention.ticket_id
        self.assertEqual(
            ticket.export_data(["name", "partner_name"])["datas"], [["“=HYPERLINK(0)”", "“=1+1”"]]
        )
        ring = self.env["social.care.ring"]._ring({ticket: self.agent})
        question = ticket.with_user(self.agent)._social_care_ask(self.agent, "=2+2", MONDAY_10)
        for record, path, exported in (
            (ticket, "social_last_text", "'=HYPERLINK(0)"),
            (ticket, "social_author_id", "“=1+1” (@f)"),
            (ring, "ticket_id/social_last_text", "'=HYPERLINK(0)"),
            (question.sudo(), "quote", "'=HYPERLINK(0)"),
            (question.sudo(), "question", "'=2+2"),
        ):
            self.assertEqual(record.export_data([path])["datas"], [[exported]], path)
        self.assertEqual(mention.body, "=HYPERLINK(0)", "here it stays as it was said")

    def test_a_mention_without_author_is_kept(self):
        mention = self._receive(networks.Mention(external_id="1", body="hi", posted_at=MONDAY_10))
        self.assertFalse(mention.author_id)
        self.assertEqual(mention.state, "ticket")

    def test_what_the_database_refuses_is_set_aside_and_the_rest_is_kept(self):
        culprit = self._mention("2", who="b")
        mention_class = self.env.registry["social.care.mention"]
        prepare = mention_class._prepare_from_network

        def refuse(records, account, item, author, reason):
            if item.external_id == "2":
                raise ValueError("a value PostgreSQL would refuse")
            return prepare(records, account, item, author, reason)

        self.patch(mention_class, "_prepare_from_network", refuse)
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            created = self.account._ingest(
                [self._mention("1", who="a"), culprit, self._mention("3", who="c")]
            )
        self.assertEqual(set(created.mapped("external_id")), {"1", "3"})
        problem = self.env["social.care.delivery"].search([("account_id", "=", self.account.id)])
        self.assertEqual(problem.state, "failed")
        self.assertIn("My suitcase is lost", problem.body_text)

    def test_people_never_read_the_network_s_number_of_an_author(self):
        for known, shown in [
            ({"name": "Ana", "handle": "ana"}, "Ana (@ana)"),
            ({"name": "Bo"}, "Bo"),
            ({"handle": "cy"}, "@cy"),
            ({}, "Somebody"),
        ]:
            author = networks.Author(external_id=f"9{len(shown)}", **known)
            mention = self._receive(self._mention(shown, author=author))
            self.assertEqual(mention.author_id.display_name, shown)

    def test_authors_are_created_once_and_kept_up_to_date(self):
        ana = networks.Author(external_id="ana@x", handle="ana", name="Ana", followers_count=5)
        known = networks.Author(external_id="ana@x", handle="ana_r", followers_count=900)
        first = self._receive(self._mention("1", author=ana))
        second = self._receive(self._mention("2", author=known))
        self.assertEqual(first.author_id, second.author_id)
        author = first.author_id
        self.assertEqual(
            (author.handle, author.name, author.followers_count), ("ana_r", "Ana", 900)
        )

    def test_two_accounts_whose_ids_collide_stay_apart(self):
        other = self._create_account(
            base_url="https://other.example", external_id="x@other.example"
        )
        mine = self._receive(self._mention("1"))
        theirs = self._receive(self._mention("1"), account=other)
        self.assertNotEqual(mine, theirs)
        self.assertNotEqual(mine.ticket_id, theirs.ticket_id)

    def test_before_since_and_imported_history_are_marked(self):
        self.account.since = MONDAY_10
        before = self._mention("1", posted_at=MONDAY_10 - timedelta(minutes=1))
        at_start, imported = self._mention("2"), self._mention("3", history=True)
        mentions = self._receive(before, at_start, imported)
        self.assertEqual(mentions.mapped("history"), [True, False, True])

    def test_last_received_is_written_once_a_minute(self):
        self.account.last_received_at = "2026-08-17 08:00:00"
        self.account._ingest([self._mention("1")])
        stamp = self.account.last_received_at
        self.account._ingest([self._mention("2")])
        self.assertEqual(self.account.last_received_at, stamp)
