from datetime import timedelta

from odoo.addons.social_care.models import social_care_conversations_read as read

from .common import MONDAY_10, SocialCareCommon


def after(**delta):
    return MONDAY_10 + timedelta(**delta)


class TestHostileThreads(SocialCareCommon):
    """What people and networks can send: no crash, no slow query."""

    def test_a_message_that_answers_itself(self):
        mention = self._receive(self._mention("1", parent_external_id="1", thread_external_id="1"))
        self.assertEqual(mention.state, "ticket")
        again = self._receive(self._mention("2", parent_external_id="2", posted_at=after(hours=1)))
        self.assertEqual(again.ticket_id, mention.ticket_id)

    def test_two_that_answer_each_other_in_both_orders(self):
        for who, order in (("ana", (1, 2)), ("bo", (2, 1))):
            items = {
                number: self._mention(
                    f"{who}{number}",
                    who=who,
                    parent_external_id=f"{who}{3 - number}",
                    posted_at=after(days=3 * number),
                )
                for number in order
            }
            tickets = [self._receive(items[number]).ticket_id for number in order]
            self.assertEqual(len(tickets[0].exists() | tickets[1]), 1, order)

    def test_three_in_a_ring_at_once(self):
        mentions = self._receive(
            *(
                self._mention(
                    str(number),
                    parent_external_id=str((number + 1) % 3),
                    posted_at=after(days=3 * number),
                )
                for number in range(3)
            )
        )
        self.assertEqual(len(mentions.ticket_id), 1)

    def _insert(self, values, count):
        """Mentions of Ana's by SQL, as fast as the database takes them.

        :param str values: SQL of parent, ticket, state and hours of each ``n``
        """
        ana = self._receive(self._mention("0"))
        parent, ticket, state, hours = values
        self.env.flush_all()
        self.cr.execute(
            f"""INSERT INTO social_care_mention (account_id, company_id, network, author_id, external_id,
                       parent_external_id, kind, visibility, state, ticket_id, addressed, body,
                       posted_at, received_at, triaged_at)
                SELECT %s, %s, 'mastodon', %s, 'x' || n, {parent}, 'reply', 'public', '{state}', {ticket},
                       false, 'x', %s::timestamp + n * interval '{hours} hours', now() AT TIME ZONE 'UTC',
                       now() AT TIME ZONE 'UTC'
                  FROM generate_series(1, {count}) AS n""",  # noqa: S608
            [
                self.account.id,
                self.account.company_id.id,
                ana.author_id.id,
                MONDAY_10,
            ],
        )
        self.cr.execute("ANALYZE social_care_mention")
        self.env.invalidate_all()
        return ana

    def test_of_a_chain_of_ten_thousand_some_join_and_the_others_wait_for_people(self):
        self._insert(("'x' || (n - 1)", "NULL", "new", 0), 10_000)
        self.patch(read, "EARLY_ANSWERS", 50)
        first = self._receive(self._mention("x0", posted_at=after(hours=1)))
        chain = [("account_id", "=", self.account.id), ("external_id", "like", "x")]
        joined = self.env["social.care.mention"].search([*chain, ("state", "=", "ticket")])
        self.assertEqual(len(joined), 51)
        self.assertEqual(joined.ticket_id, first.ticket_id)
        self.assertLess(self._rows_read(read.load_early, first), 1000)

    def test_who_wrote_twenty_thousand_times_costs_what_anybody_costs(self):
        ticket = self._receive(self._mention("t", who="bo")).ticket_id
        ana = self._insert(("'x' || (n - 1)", str(ticket.id), "ticket", 0.01), 20_000)
        mention = self._receive(
            self._mention(
                "last",
                parent_external_id="x7",
                thread_external_id="x9",
                posted_at=after(hours=200, minutes=1),
            )
        )
        self.assertEqual(mention.author_id, ana.author_id)
        self.assertEqual(mention.ticket_id, ticket)
        for question in (read.load_tickets, read.load_threads, read.load_early):
            with self.subTest(question=question.__name__):
                self.assertLess(self._rows_read(question, mention), 5000)

    def _rows_read(self, question, mentions):
        """Rows that PostgreSQL reads to answer: EXPLAIN's own count."""
        asked = []
        self.env.flush_all()  # what waits to be written is no part of the question
        self.patch(type(self.env), "execute_query", lambda _env, query: asked.append(query) or [])
        question(mentions)
        self.env.cr.execute("SET LOCAL enable_seqscan = on")
        rows = 0
        for query in asked:
            self.cr.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query.code, query.params)
            [(plans,)] = self.cr.fetchall()
            rows += self._count_rows(plans[0]["Plan"])
        return rows

    def _count_rows(self, plan):
        own = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        return own * plan["Actual Loops"] + sum(map(self._count_rows, plan.get("Plans", [])))
