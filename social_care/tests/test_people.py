from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form

from odoo.addons.social_care import networks

from .people_common import PeopleCommon


class TestAuthorCard(PeopleCommon):
    """Who is speaking, how often before, and how it ended."""

    def test_the_first_time(self):
        self.assertEqual(self._as_agent(self._ticket()).social_history_text, "first time")

    def test_the_third_time_after_one_that_is_closed(self):
        first = self._ticket("1")
        first.stage_id = self.stage_done
        second = first.copy({"social_author_id": first.social_author_id.id})
        second.stage_id = self.stage_done
        third = first.copy({"social_author_id": first.social_author_id.id})
        self.assertEqual(self._as_agent(third).social_history_text, "3rd time · last: closed")
        self.assertEqual(self._as_agent(second).social_history_text, "2nd time · last: closed")

    def test_what_was_answered_or_waits_is_said(self):
        first = self._ticket("1")
        second = first.copy({"social_author_id": first.social_author_id.id})
        self.assertEqual(self._as_agent(second).social_history_text, "2nd time · last: still open")
        first.write(
            {"social_first_response_at": self._later(hours=1), "social_waiting_since": False}
        )
        self.assertEqual(self._as_agent(second).social_history_text, "2nd time · last: answered")

    def test_beyond_twenty_it_is_many(self):
        first = self._ticket("1")
        values = {"name": "x", "description": "x", "social_author_id": first.social_author_id.id}
        last = self.env["helpdesk.ticket"].create([values] * 21)[-1]
        text = self._as_agent(last).social_history_text
        self.assertEqual(text, "more than 20 times · last: still open")

    def test_a_form_with_a_hundred_tickets_of_the_author_asks_no_more(self):
        ticket = self._ticket("1")
        values = {"name": "x", "description": "x", "social_author_id": ticket.social_author_id.id}
        tickets = self.env["helpdesk.ticket"].create([values] * 100)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(7):
            tickets.mapped("social_history_text")

    def test_an_agent_sets_the_standing_on_the_ticket(self):
        ticket = self._ticket()
        with Form(ticket.with_user(self.agent)) as form:
            form.social_standing = "press"
        self.assertEqual(ticket.social_author_id.standing, "press")

    def test_a_ticket_without_a_network_has_none_of_it(self):
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "By mail", "description": "x", "partner_id": self.ana.id}
        )
        self.env["helpdesk.ticket"].create(
            {"name": "By phone", "description": "x", "partner_id": self.ana.id}
        )
        fields = [name for name in ticket._fields if name.startswith("social_")]
        values = ticket.read(fields)[0]
        values.pop("id")
        self.assertEqual([name for name, value in values.items() if value], [])


class TestContact(PeopleCommon):
    """A profile is linked to a contact by one click, and can be unlinked."""

    def test_linking_writes_the_open_tickets_as_the_helpdesk_does(self):
        ticket = self._ticket()
        self._as_agent(ticket.social_author_id)._link_contact(self.ana)
        self.assertEqual(ticket.partner_id, self.ana)
        self.assertEqual(ticket.partner_name, "Ana Ruiz García")
        self.assertEqual(ticket.partner_email, "Ana.Ruiz@Example.com")
        self.assertIn("linked to the contact Ana Ruiz García", self._chatter(ticket))

    def test_linking_leaves_closed_tickets_and_contacts_chosen_by_hand(self):
        closed, by_hand = self._ticket("1"), self._ticket("2", posted_at=self._later(days=3))
        self.assertNotEqual(closed, by_hand)
        closed.stage_id = self.stage_done
        by_hand.partner_id = mother = self.env["res.partner"].create({"name": "Ana's mother"})
        closed.social_author_id._link_contact(self.ana)
        self.assertFalse(closed.partner_id)
        self.assertEqual(by_hand.partner_id, mother)

    def test_linking_mails_nobody_and_makes_no_follower(self):
        ticket = self._ticket()
        ticket.team_id.social_stage_mails = True
        mails = self.env["mail.mail"].search_count([])
        followers = ticket.message_partner_ids
        self._as_agent(ticket.social_author_id)._link_contact(self.ana)
        self.env.flush_all()
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertEqual(ticket.message_partner_ids, followers)
        notified = ticket.message_ids.notification_ids.res_partner_id
        self.assertNotIn(self.ana, notified)

    def test_the_next_ticket_has_the_contact_from_the_start(self):
        self._ticket("1").social_author_id._link_contact(self.ana)
        self.assertEqual(self._ticket("2", posted_at=self._later(days=3)).partner_id, self.ana)

    def test_unlinking_undoes_it_on_closed_tickets_too(self):
        ticket = self._ticket()
        ticket.social_author_id._link_contact(self.ana)
        ticket.stage_id = self.stage_done
        self._as_agent(ticket).action_social_unlink_contact()
        self.assertFalse(ticket.social_author_id.partner_id)
        self.assertFalse(ticket.partner_id)
        self.assertEqual((ticket.partner_name, ticket.partner_email), ("Ana", False))

    def test_a_contact_of_another_company_is_refused(self):
        company = self.env["res.company"].create({"name": "Boreal Air"})
        theirs = self.env["res.partner"].create({"name": "Ana", "company_id": company.id})
        with self.assertRaisesRegex(UserError, "belongs to another company"):
            self._ticket().social_author_id._link_contact(theirs)

    def test_a_contact_that_went_meanwhile_is_told(self):
        ticket = self._as_agent(self._ticket())
        gone = self.env["res.partner"].create({"name": "Gone"})
        ticket.social_author_id._link_contact(self.ana)
        gone.unlink()
        with self.assertRaisesRegex(UserError, "no longer here"):
            ticket.with_context(social_care_partner=gone.id).action_social_link_contact()
        self.assertEqual(ticket.social_contact_id, self.ana)

    def test_merging_contacts_takes_profiles_and_tickets_along(self):
        ticket = self._ticket()
        double = self.env["res.partner"].create({"name": "A. Ruiz"})
        ticket.social_author_id._link_contact(double)
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        merge._merge((double | self.ana).ids, self.ana)
        self.env.invalidate_all()
        self.assertFalse(double.exists())
        self.assertEqual(ticket.social_author_id.partner_id, self.ana)
        self.assertEqual(ticket.partner_id, self.ana)
        self.assertEqual(ticket.commercial_partner_id, self.ana)

    def test_an_archived_contact_stays_and_a_deleted_one_goes(self):
        ticket = self._ticket()
        author = ticket.social_author_id
        author._link_contact(self.ana)
        self.ana.active = False
        self.assertEqual(self._as_agent(ticket).social_contact_id, self.ana)
        self.ana.unlink()
        self.env.invalidate_all()
        self.assertFalse(author.partner_id)
        self.assertEqual(ticket.partner_name, "Ana Ruiz García", "what was written stays")
        self._as_agent(author)._link_contact(self.env["res.partner"].create({"name": "Ana"}))

    def test_only_the_networks_word_links_by_itself(self):
        """A comment's author is linked; the network says that the private writer is the same."""
        commenter = self._ticket("1").social_author_id
        commenter._link_contact(self.ana)
        private = self._write_in_private("hello", who="ana-in-private")
        self.assertFalse(private.partner_id)
        commenter._join("ana-in-private@fake.example")
        self.assertEqual(private.social_author_id, commenter)
        self.assertEqual(private.partner_id, self.ana)


class TestContactSuggestions(PeopleCommon):
    """Each suggestion says why; nothing is linked by itself."""

    def test_a_mail_in_a_private_message(self):
        ticket = self._write_in_private("My mail is <ana.ruiz@EXAMPLE.com>, thanks.")
        self.assertFalse(ticket.partner_id)
        self.assertEqual(
            self._reasons(ticket.social_author_id),
            [(self.ana, "ana.ruiz@example.com, in a private message")],
        )

    def test_a_mail_in_public_suggests_nothing(self):
        ticket = self._ticket(body="My mail is ana.ruiz@example.com")
        self.assertEqual(self._reasons(ticket.social_author_id), [])

    def test_a_number_in_a_private_message_however_it_is_written(self):
        for number in ("600123456", "0034 600-123-456", "+34600 12 34 56"):
            ticket = self._write_in_private(
                f"Call me: {number}.", who=f"a{number[-2:]}{len(number)}"
            )
            [(contact, reason)] = self._reasons(ticket.social_author_id)
            self.assertEqual(contact, self.ana)
            self.assertIn("in a private message", reason)

    def test_another_number_with_the_same_end_is_somebody_else(self):
        ticket = self._write_in_private("Call me: +52 600 123 456")
        self.assertEqual(self._reasons(ticket.social_author_id), [])

    def test_a_ticket_whose_contact_was_archived_suggests_nobody(self):
        ticket = self._ticket()
        ticket.partner_id = self.ana
        [(contact, _why)] = self._reasons(ticket.social_author_id)
        self.assertEqual(contact, self.ana)
        self.ana.active = False
        self.assertEqual(self._reasons(ticket.social_author_id), [])
        self.assertTrue(self._as_agent(ticket.social_author_id).action_link_contact()["res_id"])

    def test_the_same_handle_linked_on_another_network(self):
        self._ticket("1", account=self.x_account).social_author_id._link_contact(self.ana)
        ticket = self._ticket("2")
        self.assertEqual(
            self._reasons(ticket.social_author_id),
            [(self.ana, "the same handle on X, @ana")],
        )

    def test_the_same_name_in_the_same_city(self):
        self.ana.write({"name": "Ana Ruiz", "city": "Córdoba"})
        author = networks.Author(
            external_id="r@fake.example", handle="r77", name="Ana Ruiz", location="cordoba, España"
        )
        ticket = self._ticket(author=author)
        self.assertEqual(
            self._reasons(ticket.social_author_id),
            [(self.ana, "the same name and city, Córdoba")],
        )
        self.ana.city = "Oslo"
        self.assertEqual(self._reasons(ticket.social_author_id), [])

    def test_the_contact_that_a_colleague_chose_on_the_ticket(self):
        ticket = self._ticket()
        ticket.partner_id = self.ana
        self.assertEqual(
            self._reasons(ticket.social_author_id),
            [(self.ana, f"the contact of ticket {ticket.number}")],
        )

    def test_one_click_links_the_suggestion_shown(self):
        ticket = self._as_agent(self._write_in_private("ana.ruiz@example.com"))
        self.assertEqual(ticket.social_suggested_id, self.ana)
        ticket.with_context(social_care_partner=self.ana.id).action_social_link_contact()
        self.assertEqual(ticket.social_contact_id, self.ana)
        self.assertFalse(ticket.social_suggested_id)

    def test_only_the_last_private_messages_are_read(self):
        author = self._write_in_private("ana.ruiz@example.com").social_author_id
        account = self.account.id
        values = {"account_id": account, "author_id": author.id, "kind": "direct"}
        values |= {"visibility": "direct", "posted_at": self._later(hours=1)}
        self.env["social.care.mention"].create(
            [{**values, "external_id": f"more-{n}", "body": "hello?"} for n in range(20)]
        )
        self.assertEqual(self._reasons(author.sudo()), [])

    def test_an_address_bomb_is_read_at_once(self):
        ticket = self._write_in_private("a." * 9000 + "@" + "1 " * 900)
        self.assertEqual(self._reasons(ticket.social_author_id), [])


class TestContactDialog(PeopleCommon):
    def _open(self, ticket, user=None):
        action = ticket.with_user(user or self.agent).action_social_contact()
        return self.env[action["res_model"]].with_user(user or self.agent).browse(action["res_id"])

    def test_it_lists_the_suggestions_each_with_its_link(self):
        ticket = self._write_in_private("ana.ruiz@example.com")
        dialog = self._open(ticket)
        self.assertEqual(dialog.line_ids.partner_id, self.ana)
        dialog.line_ids.action_link()
        self.assertEqual(ticket.partner_id, self.ana)

    def test_any_contact_can_be_searched(self):
        ticket = self._ticket()
        with Form(self._open(ticket)) as form:
            form.partner_id = self.ana
        form.record.action_link()
        self.assertEqual(ticket.partner_id, self.ana)

    def test_a_new_contact_has_what_the_customer_told_and_no_more(self):
        self.agent.group_ids += self.env.ref("base.group_partner_manager")
        ticket = self._write_in_private("I am at new@example.com or +44 20 7946 0000")
        dialog = self._open(ticket)
        self.assertEqual(
            (dialog.name, dialog.email, dialog.phone),
            ("Ana", "new@example.com", "+44 20 7946 0000"),
        )
        dialog.action_create()
        contact = ticket.partner_id
        self.assertEqual((contact.name, contact.email), ("Ana", "new@example.com"))
        self.assertFalse(contact.user_ids, "no access to the portal")

    def test_of_two_addresses_none_is_proposed(self):
        dialog = self._open(self._write_in_private("me@example.com or wife@example.com"))
        self.assertFalse(dialog.email)

    def test_who_may_not_create_contacts_is_not_offered_it(self):
        self.assertFalse(self._open(self._ticket()).can_create)


class TestOtherTickets(PeopleCommon):
    """The contact's open tickets of every channel, and bringing them together."""

    def setUp(self):
        super().setUp()
        self.ticket = self._ticket()
        self.ticket.social_author_id._link_contact(self.ana)
        channels = ("helpdesk_ticket_channel_email", "helpdesk_ticket_channel_phone")
        self.mail, self.phone = self.env["helpdesk.ticket"].create(
            [
                {
                    "name": channel,
                    "description": "x",
                    "partner_id": self.ana.id,
                    "team_id": self.team.id,
                    "channel_id": self.env.ref(f"helpdesk_mgmt.{channel}").id,
                }
                for channel in channels
            ]
        )

    def test_other_open_tickets_with_their_channels(self):
        ticket = self._as_agent(self.ticket)
        self.assertEqual(ticket.social_other_ids, self.mail | self.phone)
        self.assertEqual(ticket.social_other_text, "2 other open tickets (Email, Phone)")
        self.mail.stage_id = self.stage_done
        self.assertEqual(
            self._as_agent(self.ticket).social_other_text, "1 other open ticket (Phone)"
        )

    def test_tickets_of_another_team_are_not_told(self):
        other = self.env["helpdesk.ticket.team"].create({"name": "Lawyers"})
        self.mail.team_id = other
        self.assertEqual(self._as_agent(self.ticket).social_other_ids, self.phone)

    def test_the_same_matter_goes_where_it_was_seen(self):
        mail = self.mail.with_user(self.agent).with_context(social_care_into=self.ticket.id)
        mail.action_social_same_matter()
        self.assertFalse(self.mail.active)
        self.assertTrue(self.ticket.active)
        self.assertIn(f"Merged from {self.mail.number}", self._plain_chatter(self.ticket))
        self.assertEqual(self._as_agent(self.ticket).social_other_ids, self.phone)

    def test_a_ticket_does_not_merge_into_itself(self):
        ticket = self.ticket.with_user(self.agent).with_context(social_care_into=self.ticket.id)
        with self.assertRaises(UserError):
            ticket.action_social_same_matter()

    def test_orders_and_invoices_are_silent_where_the_apps_are_absent(self):
        if "sale.order" in self.env or "account.move" in self.env:
            self.skipTest("sale is installed here")
        ticket = self._as_agent(self.ticket)
        self.assertFalse(ticket.social_orders_text or ticket.social_invoices_text)

    def test_the_screen_shows_it_all(self):
        form = Form(self._as_agent(self.ticket))
        self.assertEqual(form.social_contact_id, self.ana)
        self.assertEqual(len(form.social_other_ids), 2)


class TestHostileNames(PeopleCommon):
    def test_markup_in_a_name_stays_text(self):
        evil = "<img src=x onerror=alert(1)>"
        author = networks.Author(external_id="e@x", handle="evil", name=evil)
        ticket = self._ticket(author=author)
        contact = self.env["res.partner"].create({"name": evil})
        ticket.social_author_id._link_contact(contact)
        self.assertNotIn("<img", self._chatter(ticket))
        dialog = self._as_agent(ticket).action_social_contact()
        self.assertIn("evil", dialog["name"])

    def test_a_formula_as_a_name_is_quoted_when_the_contact_goes(self):
        author = networks.Author(external_id="f@x", handle="f", name="=1+1")
        ticket = self._ticket(author=author)
        ticket.social_author_id._link_contact(self.ana)
        ticket.social_author_id.action_unlink_contact()
        self.assertEqual(ticket.partner_name, "“=1+1”")

    def test_nobody_logs_in_as_a_customer_by_a_link(self):
        """A portal user who is the contact sees nothing of the social ticket."""
        portal = self.env["res.users"].create(
            {
                "name": "Ana",
                "login": "ana.portal",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        ticket = self._ticket()
        ticket.social_author_id._link_contact(portal.partner_id)
        self.assertFalse(self.env["helpdesk.ticket"].with_user(portal).search([]))
