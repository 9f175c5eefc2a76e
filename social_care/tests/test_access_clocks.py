"""A ticket's clocks bear its title: a customer's words, maybe private ones. They go as the ticket goes."""

from odoo import Command
from odoo.tests import new_test_user

from .common import MONDAY_10, SocialCareCommon

AGENT = "social_care.social_care_group_agent"
MANAGER = "social_care.social_care_group_manager"


class TestAccessClocks(SocialCareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls.env["res.company"].create({"name": "Another company"})

    def setUp(self):
        super().setUp()
        self.ticket = self._receive(self._mention("1")).ticket_id
        self.clock = self.ticket.ticket_sla_ids
        self.assertTrue(self.clock)

    def _user(self, groups, company=None):
        company = company or self.env.company
        return new_test_user(
            self.env,
            f"clocks_{len(self.env['res.users'].search([]))}",
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def _seen(self, user, model="helpdesk.ticket.sla"):
        return self.env[model].with_user(user).search([("ticket_id", "=", self.ticket.id)])

    def test_the_team_and_managers_see_a_social_tickets_clocks(self):
        member = self._user("helpdesk_mgmt.group_helpdesk_user_team")
        self.team.user_ids |= member
        for user in (self.agent, member, self._user(MANAGER)):
            self.assertEqual(self._seen(user), self.clock)

    def test_other_teams_employees_and_customers_do_not(self):
        other_team = self.env["helpdesk.ticket.team"].create({"name": "Other team"})
        stranger = self._user(AGENT)
        other_team.user_ids = stranger
        for user in (stranger, self._user("base.group_user"), self._user("base.group_portal")):
            self.assertFalse(self._seen(user))

    def test_a_customer_of_the_portal_sees_the_clocks_of_their_own(self):
        customer = self._user("base.group_portal")
        self.ticket.partner_id = customer.partner_id
        self.assertEqual(self._seen(customer), self.clock)

    def test_who_leads_the_team_or_is_rung_sees_them(self):
        leader, rung = self._user(AGENT), self._user(AGENT)
        self.team.user_id = leader
        self.env["social.care.ring"].create(
            {
                "ticket_id": self.ticket.id,
                "user_id": rung.id,
                "rung_at": MONDAY_10,
                "expires_at": MONDAY_10,
            }
        )
        for user in (leader, rung):
            self.assertEqual(self._seen(user), self.clock)

    def test_another_companys_manager_sees_neither_clocks_nor_their_report(self):
        manager = self._user(MANAGER, self.foreign)
        self.env.flush_all()
        self.assertTrue(self._seen(self._user(MANAGER), "helpdesk.sla.report"))
        self.assertFalse(self._seen(manager))
        self.assertFalse(self._seen(manager, "helpdesk.sla.report"))

    def test_clocks_of_other_tickets_stay_as_the_helpdesk_has_them(self):
        self.ticket = self.env["helpdesk.ticket"].create(
            {"name": "By mail", "description": "x", "team_id": self.team.id}
        )
        policy = self.env["helpdesk.sla"].create({"name": "Mail", "hours": 4})
        clock = self.env["helpdesk.ticket.sla"].create(
            {"ticket_id": self.ticket.id, "sla_id": policy.id, "name": "Mail"}
        )
        self.env.flush_all()
        for user in (self._user("base.group_portal"), self._user(MANAGER, self.foreign)):
            self.assertIn(clock, self._seen(user))
        self.assertTrue(self._seen(self._user(MANAGER, self.foreign), "helpdesk.sla.report"))
