from odoo.fields import Domain
from odoo.tools import SQL

from .people_common import PeopleCommon


class TestPeopleSpeed(PeopleCommon):
    """What a form asks for one ticket costs the same, however long the history is."""

    ROWS = 5000  # enough for PostgreSQL to prefer the index that fits

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.flush_all()
        values = {
            "rows": cls.ROWS,
            "company": cls.env.company.id,
            "account": cls.x_account.id,
            "stage": cls.stage_new.id,
        }
        cls.env.cr.execute(
            """
            INSERT INTO res_partner (name, complete_name, active, email_normalized, phone)
            SELECT 'P' || n, 'P' || n, TRUE, 'p' || n || '@example.com', '+34 ' || 700000000 + n
              FROM generate_series(1, %(rows)s) n;
            INSERT INTO social_care_author
                   (network, external_id, company_id, handle, handle_key, person_key, standing)
            SELECT 'x', 'a' || n, %(company)s, 'a' || n, 'a' || n, 'k' || n / 2, 'normal'
              FROM generate_series(1, %(rows)s) n;
            INSERT INTO helpdesk_ticket
                   (number, name, description, active, company_id, stage_id, social_account_id,
                    social_author_id, partner_id)
            SELECT 'T' || a.id, 'x', 'x', TRUE, %(company)s, %(stage)s, %(account)s, a.id, p.id
              FROM social_care_author a JOIN res_partner p ON p.name = 'P' || substr(a.handle, 2)
             WHERE a.network = 'x';
            INSERT INTO social_care_mention
                   (account_id, company_id, network, external_id, kind, author_id, body,
                    visibility, posted_at, received_at, state, ticket_id)
            SELECT %(account)s, %(company)s, 'x', t.number || kind, 'mention', t.social_author_id,
                   repeat('I wait for my suitcase ', 3) || t.number, kind,
                   timestamp '2026-08-17 08:00' + t.id * interval '10 s', now(), 'ticket', t.id
              FROM helpdesk_ticket t, (VALUES ('public'), ('direct')) visibilities (kind)
             WHERE t.number LIKE 'T%%';
            ANALYZE res_partner, social_care_author, helpdesk_ticket, social_care_mention
            """,
            values,
        )

    def setUp(self):
        super().setUp()
        self.ticket = self._write_in_private("ana.ruiz@example.com, +34 600 123 456")
        self.author = self.ticket.social_author_id
        self.env.flush_all()

    def _plan(self, query):
        return "\n".join(row[0] for row in self.env.execute_query(SQL("EXPLAIN %s", query)))

    def _search_plan(self, model, domain, **options):
        query = self.env[model]._search(Domain(domain), **options)
        return self._plan(query.select())

    def test_private_messages_of_an_author(self):
        domain = [("author_id", "=", self.author.id), ("visibility", "=", "direct")]
        plan = self._search_plan("social.care.mention", domain, limit=20)
        self.assertIn("social_care_mention_in_private", plan)
        self.assertIn("Limit", plan)

    def test_contacts_by_mail(self):
        domain = [("email_normalized", "in", ["ana.ruiz@example.com"])]
        self.assertIn("res_partner_social_email", self._search_plan("res.partner", domain))

    def test_contacts_by_phone(self):
        plan = self._plan(self.author._phone_query(["34600123456"]))
        self.assertIn("res_partner_social_phone", plan)

    def test_profiles_by_handle_and_by_person(self):
        domain = [("company_id", "=", self.env.company.id), ("handle_key", "=", "ana")]
        plan = self._search_plan("social.care.author", domain)
        self.assertIn("social_care_author_handle", plan)
        plan = self._search_plan("social.care.author", [("person_key", "in", ["x", "y"])])
        self.assertIn("social_care_author_person", plan)

    def test_tickets_of_a_contact(self):
        plan = self._search_plan("helpdesk.ticket", [("partner_id", "=", self.ana.id)])
        self.assertIn("helpdesk_ticket_social_contact", plan)

    def test_earlier_tickets(self):
        plan = self._plan(self.ticket._social_care_earlier_query())
        self.assertIn("helpdesk_ticket_social_author_last", plan)
        self.assertIn("social_care_author_person", plan)

    def test_like_texts(self):
        plan = self._plan(self.author._like_query(self.ticket))
        self.assertEqual(plan.count("using social_care_mention_near"), 2, plan)
        self.assertIn("social_care_mention_of_ticket", plan)
        self.assertNotIn("Seq Scan", plan)

    def test_two_hundred_messages_cost_as_many_queries_as_one(self):
        names = [
            name
            for name in self.ticket._fields
            if name.startswith(("social_other_", "social_twin", "social_sugg", "social_hist"))
        ]
        values = {"account_id": self.account.id, "author_id": self.author.id, "kind": "direct"}
        values |= {"visibility": "direct", "posted_at": self._later(hours=1), "state": "ticket"}
        self.env["social.care.mention"].create(
            [
                {**values, "external_id": f"m{n}", "body": "hello?", "ticket_id": self.ticket.id}
                for n in range(200)
            ]
        )
        ticket = self._as_agent(self.ticket)
        self.env.flush_all()
        ticket.read(names)  # the caches of rights and views are warm on a running server
        self.env.invalidate_all()
        with self.assertQueryCount(40):
            ticket.read(names)
