from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user

from .common import SocialCareCommon


class TestChatter(SocialCareCommon):
    """“Send message” on a ticket from a network says whom it reaches."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.joel = new_test_user(cls.env, login="joel", name="Joel", groups="base.group_user")
        cls.contact = cls.env["res.partner"].create({"name": "Ana Ruiz", "email": "ana@x.example"})

    def setUp(self):
        super().setUp()
        self.mention = self._receive(self._mention())
        self.ticket = self.mention.ticket_id.with_user(self.agent)
        self.ticket.message_unsubscribe(self.ticket.message_partner_ids.ids)

    def _told(self, *arguments):
        self.env.invalidate_all()
        return self.ticket.social_care_recipients(*arguments)

    def test_without_followers_it_goes_to_nobody(self):
        self.assertEqual(
            self._told()["text"],
            "Goes to nobody. Ana will not see it: they are on Mastodon.",
        )

    def test_it_names_the_followers_and_not_the_writer(self):
        self.ticket.message_subscribe((self.joel | self.agent).partner_id.ids)
        told = self._told()
        self.assertEqual(told["text"], "Goes to Joel. Ana will not see it: they are on Mastodon.")
        self.assertEqual((told["reached"], told["reply"]), (False, "Reply on Mastodon"))

    def test_who_follows_notes_alone_is_not_named(self):
        note = self.env.ref("mail.mt_note")
        self.ticket.message_subscribe(self.joel.partner_id.ids, note.ids)
        self.assertIn("nobody", self._told()["text"])

    def test_of_many_five_are_named(self):
        people = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(8)])
        self.ticket.message_subscribe(people.ids)
        self.assertIn("Goes to P0, P1, P2, P3, P4 and 3 more.", self._told()["text"])

    def test_a_customer_whose_mail_is_known_gets_it_when_chosen(self):
        self.ticket.sudo().partner_id = self.contact
        told = self._told(self.contact.ids)
        self.assertTrue(told["reached"])
        self.assertEqual(told["text"], "Goes to Ana Ruiz. Ana gets it by mail, not on Mastodon.")
        self.assertFalse(self._told()["reached"], "taken out of “To”")

    def test_a_customer_who_follows_gets_it(self):
        self.ticket.sudo().partner_id = self.contact
        self.ticket.message_subscribe(self.contact.ids)
        self.assertTrue(self._told()["reached"])

    def test_a_contact_without_address_does_not_get_it(self):
        self.ticket.sudo().partner_id = self.contact
        self.contact.email = False
        self.ticket.message_subscribe(self.contact.ids)
        self.assertFalse(self._told()["reached"])

    def test_the_tickets_own_address_counts(self):
        self.ticket.sudo().partner_email = "Ana <ana@x.example>"
        told = self._told([], ["ana@x.example"])
        self.assertTrue(told["reached"])
        self.assertIn("Goes to ana@x.example.", told["text"])

    def test_a_mail_ticket_merged_into_it_brings_its_customer(self):
        by_mail = self.env["helpdesk.ticket"].create(
            {
                "name": "My dog",
                "description": "Where?",
                "team_id": self.team.id,
                "partner_id": self.contact.id,
            }
        )
        by_mail.message_subscribe(self.contact.ids)
        by_mail._social_care_merge_into(self.ticket.sudo())
        self.assertTrue(self._told()["reached"])

    def test_a_network_that_takes_no_answers_offers_none(self):
        self.account.state = "draft"
        self.patch(self.env.registry["social.care.account"], "_can_publish", lambda account: False)
        self.assertFalse(self._told()["reply"])

    def test_other_tickets_say_nothing(self):
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "By mail", "description": "Hello", "team_id": self.team.id}
        )
        self.assertIs(ticket.with_user(self.agent).social_care_recipients(), False)

    def test_it_is_for_who_may_read_the_ticket_and_names_nobody_else(self):
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.joel).social_care_recipients()
        hidden = self.env["res.partner"].create(
            {"name": "Secret", "company_id": self.env["res.company"].create({"name": "B"}).id}
        )
        self.assertNotIn("Secret", self._told(hidden.ids)["text"])

    # -- The full composer -------------------------------------------------------------

    def _composer(self, ticket, **context):
        composer = self.env["mail.compose.message"].with_user(self.agent)
        context = {"default_composition_mode": "comment", **context}
        return Form(
            composer.with_context(default_model=ticket._name, default_res_ids=ticket.ids, **context)
        )

    def test_the_full_composer_says_it_too(self):
        form = self._composer(self.ticket)
        self.assertIn("will not see it", form.social_recipients_text)

    def test_it_follows_who_is_chosen(self):
        self.ticket.sudo().partner_id = self.contact
        form = self._composer(self.ticket, default_partner_ids=[Command.set(self.contact.ids)])
        self.assertIn("gets it by mail", form.social_recipients_text)

    def test_notes_and_other_records_say_nothing(self):
        note = self.env.ref("mail.mt_note")
        form = self._composer(self.ticket, default_subtype_id=note.id)
        self.assertFalse(form.social_recipients_text)
        form = self._composer(self.contact.with_user(self.agent))
        self.assertFalse(form.social_recipients_text)
