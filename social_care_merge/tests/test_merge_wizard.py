from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.social_care.tests.common import MONDAY_10, SocialCareCommon


def after(**delta):
    return MONDAY_10 + timedelta(**delta)


@tagged("post_install", "-at_install")
class TestMergeWizard(SocialCareCommon):
    """The helpdesk's own merge takes the conversation along."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.group_ids = [Command.link(cls.env.ref("helpdesk_mgmt.group_helpdesk_user").id)]
        cls.cargo = cls.env["res.company"].create({"name": "Aurora Cargo"})

    def setUp(self):
        super().setUp()
        self.ana = self._receive(self._mention("1"))
        self.bo = self._receive(
            self._mention("2", who="bo", body="Ana's suitcase <b>!", posted_at=after(hours=1))
        )
        self.tickets = (self.ana | self.bo).ticket_id

    def _merge(self, tickets, target=None, companies=None, user=None, **values):
        """Merge as an agent does who may use the helpdesk's dialog; gives the ticket that is left."""
        companies = companies or self.agent.company_id
        wizard = self.env["helpdesk.ticket.merge"].with_user(user or self.agent)
        wizard = wizard.with_context(
            active_ids=tickets.ids, allowed_company_ids=companies.ids
        ).create({"create_new_ticket": not target, **values})
        if target:
            wizard.dst_ticket_id = target
        return self.env["helpdesk.ticket"].browse(wizard.merge_tickets()["res_id"])

    def _mail_ticket(self):
        contact = self.env["res.partner"].create({"name": "Ana Ruiz", "email": "ana@fake.example"})
        return self.env["helpdesk.ticket"].create(
            {
                "name": "Suitcase",
                "description": "<p>By mail</p>",
                "team_id": self.team.id,
                "partner_id": contact.id,
            }
        )

    def _check_whole(self, ticket):
        self.assertEqual(ticket.social_mention_ids, self.bo | self.ana)
        self.assertEqual(ticket.social_account_id, self.account)
        self.assertEqual(ticket.social_waiting_since, MONDAY_10)
        self.assertEqual(ticket.social_deadline, after(hours=2))
        self.assertFalse((self.tickets - ticket).filtered("active"))
        later = self._receive(self._mention("3", who="bo", posted_at=after(hours=3)))
        self.assertEqual(later.ticket_id, ticket)

    def test_into_one_of_them(self):
        ticket = self._merge(self.tickets, self.bo.ticket_id)
        self.assertEqual(ticket, self.bo.ticket_id)
        self._check_whole(ticket)

    def test_into_a_new_ticket(self):
        ticket = self._merge(
            self.tickets, dst_ticket_name="Suitcase", dst_helpdesk_team_id=self.team.id
        )
        self.assertNotIn(ticket, self.tickets)
        self.assertEqual(ticket.channel_id.name, "Mastodon")
        self._check_whole(ticket)

    def test_into_a_mail_ticket(self):
        mail = self._mail_ticket()
        ticket = self._merge(self.tickets | mail, mail)
        self.assertEqual(ticket, mail)
        self.assertEqual(ticket.partner_id.name, "Ana Ruiz")
        self._check_whole(ticket)

    def test_a_mail_ticket_into_a_social_one(self):
        mail = self._mail_ticket()
        ticket = self._merge(self.ana.ticket_id | mail, self.ana.ticket_id)
        self.assertEqual(ticket.social_mention_ids, self.ana)
        self.assertFalse(mail.active)
        self.assertIn("By mail", ticket.description)

    def test_tickets_of_two_accounts(self):
        shop = self._create_account(name="Shop", external_id="shop@fake.example", handle="shop")
        there = self._receive(self._mention("s1", posted_at=after(hours=2)), account=shop)
        ticket = self._merge(there.ticket_id | self.ana.ticket_id, self.ana.ticket_id)
        self.assertEqual(ticket.social_mention_ids.account_id, self.account | shop)

    def test_a_title_in_a_customers_words_is_no_html(self):
        ticket = self._merge(self.tickets, self.ana.ticket_id)
        self.assertIn("Ana's suitcase &lt;b&gt;!", ticket.description)

    def test_two_companies_are_refused(self):
        mail = self._mail_ticket()
        mail.company_id = self.cargo
        self.agent.company_ids |= self.cargo
        with self.assertRaisesRegex(UserError, "one company"):
            self._merge(self.ana.ticket_id | mail, mail, companies=self.agent.company_ids)

    def test_what_one_may_not_see_is_not_merged(self):
        mail = self._mail_ticket()
        mail.company_id = self.cargo
        with self.assertRaises(AccessError):
            self._merge(self.ana.ticket_id | mail, self.ana.ticket_id)

    def test_a_new_ticket_belongs_to_the_company_of_the_merged(self):
        self.agent.company_ids |= self.cargo
        ticket = self._merge(
            self.tickets,
            companies=self.cargo | self.account.company_id,
            dst_ticket_name="Suitcase",
            dst_helpdesk_team_id=self.team.id,
        )
        self.assertEqual(ticket.company_id, self.account.company_id)

    def test_tickets_without_a_social_account_merge_as_ever(self):
        first, second = self._mail_ticket(), self._mail_ticket()
        # The helpdesk moves messages as the user, which Odoo allows to administrators only.
        ticket = self._merge(first | second, first, user=self.env.ref("base.user_admin"))
        self.assertEqual(ticket, first)
        self.assertFalse(ticket.social_account_id)
        self.assertIn("Description from ticket Suitcase", ticket.description)
