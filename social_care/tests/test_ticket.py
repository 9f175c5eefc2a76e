from datetime import timedelta

from odoo.tests import Form, new_test_user

from .common import MONDAY_10, SocialCareCommon


class TestTicket(SocialCareCommon):
    def setUp(self):
        super().setUp()
        self.mention = self._receive(self._mention())
        self.ticket = self.mention.ticket_id

    def _stage_mails(self):
        return self.env["mail.mail"].search(
            [("model", "=", "helpdesk.ticket"), ("res_id", "=", self.ticket.id)]
        )

    def _close(self):
        before = self._stage_mails()
        self.ticket.stage_id = self.stage_done
        self.flush_tracking()
        return self._stage_mails() - before

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()

    def test_stage_mails_are_off_for_social_tickets(self):
        self.ticket.partner_email = "ana@customer.example"
        self.assertFalse(self._close())

    def test_a_team_can_turn_stage_mails_on(self):
        self.team.social_stage_mails = True
        self.ticket.partner_email = "ana@customer.example"
        self.flush_tracking()
        self.assertTrue(self._close())

    def test_never_to_a_customer_without_address(self):
        self.team.social_stage_mails = True
        self.assertFalse(self._close())

    def test_never_because_the_addon_moved_a_stage(self):
        self.team.social_stage_mails = True
        self.ticket.partner_email = "ana@customer.example"
        self.flush_tracking()
        before = self._stage_mails()
        self.ticket._social_care_move(close=True)
        self.flush_tracking()
        self.assertTrue(self.ticket.closed)
        self.assertFalse(self._stage_mails() - before)

    def test_a_phone_ticket_still_gets_its_stage_mail(self):
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "By phone", "description": "x", "partner_email": "bo@customer.example"}
        )
        self.flush_tracking()
        ticket.stage_id = self.stage_done
        self.flush_tracking()
        mails = self.env["mail.mail"].search(
            [("model", "=", "helpdesk.ticket"), ("res_id", "=", ticket.id)]
        )
        self.assertTrue(mails)

    def test_social_tickets_stay_out_of_the_portal(self):
        portal = new_test_user(self.env, "care_portal", groups="base.group_portal")
        self.ticket.partner_id = portal.partner_id
        phone = self.env["helpdesk.ticket"].create(
            {"name": "By phone", "description": "x", "partner_id": portal.partner_id.id}
        )
        visible = self.env["helpdesk.ticket"].with_user(portal).search([])
        self.assertEqual(visible, phone)

    def test_unread_until_an_agent_looks(self):
        self.assertTrue(self.ticket.social_unread)
        self.ticket.with_user(self.agent).action_social_seen()
        self.assertFalse(self.ticket.social_unread)
        self._receive(self._mention("2", posted_at=MONDAY_10 + timedelta(hours=1)))
        self.assertTrue(self.ticket.social_unread)

    def test_the_conversation_begins_with_the_post_commented_on(self):
        post = {
            "external_id": "post-1",
            "author": "Aurora Air",
            "own": True,
            "text": "New routes to Lisbon",
            "posted_at": "2026-08-17T06:00:00",
        }
        stranger = {
            "external_id": "x-9",
            "author": "Bo",
            "text": "me too",
            "posted_at": "2026-08-17T07:00:00",
        }
        mention = self._receive(
            self._mention(
                "2",
                who="cy",
                kind="comment",
                parent_external_id="post-1",
                context={"root": post, "others": [stranger]},
            )
        )
        bubbles = mention.ticket_id.with_user(self.agent).social_care_conversation()
        self.assertEqual(
            [(bubble["who"], bubble["text"]) for bubble in bubbles],
            [
                ("post", "New routes to Lisbon"),
                ("other", "me too"),
                ("customer", "My suitcase is lost"),
            ],
        )

    def test_the_form_opens_for_phone_tickets_as_before(self):
        with Form(self.env["helpdesk.ticket"]) as form:
            form.name = "By phone"
            form.description = "x"
        self.assertFalse(form.record.social_account_id)

    def test_the_next_deadline_sorts_my_conversations(self):
        late = self._receive(self._mention("2", who="bo", posted_at="2026-08-17T07:30:00Z"))
        tickets = self.env["helpdesk.ticket"].search(
            [("social_account_id", "!=", False)], order="social_deadline"
        )
        self.assertEqual(tickets[0], late.ticket_id)
