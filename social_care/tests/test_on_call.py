from datetime import datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import SocialCareCommon

MONDAY_22 = "2026-08-17 20:00:00"  # 22:00 in Madrid: closed since 17:00
MONDAY_2209 = "2026-08-17 20:09:00"
MONDAY_2210 = "2026-08-17 20:10:00"
MONDAY_2220 = "2026-08-17 20:20:00"
TUESDAY_0901 = "2026-08-18 07:01:00"


class TestOnCall(SocialCareCommon):
    """What is severe outside hours rings one person after the other, ten minutes each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second = (
            new_test_user(
                cls.env, login=login, name=login, groups="social_care.social_care_group_agent"
            )
            for login in ("first", "second")
        )
        cls.team.social_on_call_ids = [
            Command.create({"user_id": cls.first.id, "sequence": 1}),
            Command.create({"user_id": cls.second.id, "sequence": 2}),
        ]
        cls.env["res.users"].flush_model()

    def _severe(self, at=MONDAY_22, **values):
        with freeze_time(at):
            self.account._ingest([self._mention(posted_at=datetime.fromisoformat(at), **values)])
            mention = self.env["social.care.mention"].search(
                [("account_id", "=", self.account.id)], limit=1, order="id desc"
            )
            mention.severe = True
            mention._triage()
        return mention.ticket_id

    def _route(self, at):
        with freeze_time(at):
            self._run_cron("ir_cron_route")

    def _rings(self, ticket):
        return [(ring.user_id.name, ring.result) for ring in ticket.social_ring_ids.sorted("id")]

    def test_the_first_is_rung_then_after_ten_minutes_the_next(self):
        ticket = self._severe()
        self._route(MONDAY_22)
        self.assertEqual(self._rings(ticket), [("first", False)])
        self._route(MONDAY_2209)
        self.assertEqual(self._rings(ticket), [("first", False)])
        self._route(MONDAY_2210)
        self.assertEqual(self._rings(ticket), [("first", "missed"), ("second", False)])

    def test_after_the_last_the_first_is_rung_again(self):
        ticket = self._severe()
        for at in (MONDAY_22, MONDAY_2210, MONDAY_2220):
            self._route(at)
        self.assertEqual(
            [who for who, _result in self._rings(ticket)], ["first", "second", "first"]
        )

    def test_not_now_rings_the_next_at_once(self):
        ticket = self._severe()
        self._route(MONDAY_22)
        with freeze_time(MONDAY_22):
            ticket.social_ring_ids.with_user(self.first).action_pass()
        self._route(MONDAY_22)
        self.assertEqual(self._rings(ticket), [("first", "passed"), ("second", False)])

    def test_who_takes_it_has_it_and_nobody_is_rung_any_more(self):
        ticket = self._severe()
        self._route(MONDAY_22)
        with freeze_time(MONDAY_2209):
            ticket.with_user(self.first).action_social_take()
        self.assertEqual(ticket.user_id, self.first)
        self._route(MONDAY_2220)
        self.assertEqual(self._rings(ticket), [("first", "taken")])
        self.assertEqual(ticket.social_ring_ids.wait_minutes, 9)

    def test_the_ring_itself_gives_access_to_its_person_alone(self):
        ticket = self._severe()
        # Neither is a member of the team.
        with self.assertRaises(AccessError):
            ticket.with_user(self.first).read(["name"])
        self._route(MONDAY_22)
        self.env.invalidate_all()
        ticket.with_user(self.first).read(["name"])
        ticket.social_mention_ids.with_user(self.first).read(["body"])
        with self.assertRaises(AccessError):
            ticket.with_user(self.second).read(["name"])
        with self.assertRaises(AccessError):
            ticket.social_ring_ids.with_user(self.second).action_take()

    def test_when_time_is_up_it_cannot_be_taken(self):
        ticket = self._severe()
        self._route(MONDAY_22)
        ring = ticket.social_ring_ids
        self._route(MONDAY_2210)
        with self.assertRaises(UserError):
            ring.with_user(self.first).action_take()

    def test_nobody_rings_by_writing_a_row(self):
        ticket = self._severe()
        with self.assertRaises(AccessError):
            self.env["social.care.ring"].with_user(self.first).create(
                {"ticket_id": ticket.id, "user_id": self.first.id}
            )
        self._route(MONDAY_22)
        with self.assertRaises(AccessError):
            ticket.social_ring_ids.with_user(self.first).write({"result": "taken"})

    def test_in_opening_hours_nobody_on_call_is_rung(self):
        ticket = self._severe("2026-08-17 08:00:00")
        self._route("2026-08-17 08:00:00")
        self.assertEqual(self._rings(ticket), [])

    def test_what_is_not_severe_waits_for_the_morning(self):
        with freeze_time(MONDAY_22):
            ticket = self._receive(
                self._mention(posted_at=datetime.fromisoformat(MONDAY_22))
            ).ticket_id
        self._route(MONDAY_22)
        self.assertEqual(self._rings(ticket), [])

    def test_at_opening_it_is_called_off(self):
        ticket = self._severe()
        self._route(MONDAY_22)
        self._route(TUESDAY_0901)
        self.assertEqual(self._rings(ticket), [("first", "withdrawn")])
        self.assertFalse(ticket.social_on_call_at)

    def test_assigned_by_hand_it_is_called_off(self):
        ticket = self._severe()
        self._route(MONDAY_22)
        ticket.user_id = self.agent
        self.assertEqual(self._rings(ticket), [("first", "withdrawn")])

    def test_a_severe_follow_up_on_an_ordinary_ticket_rings(self):
        with freeze_time("2026-08-17 19:50:00"):
            ticket = self._receive(self._mention(posted_at=datetime(2026, 8, 17, 19, 50))).ticket_id
        self.assertEqual(self._severe(external_id="2", body="My son is alone there"), ticket)
        self._route(MONDAY_22)
        self.assertEqual(self._rings(ticket), [("first", False)])

    def test_who_is_rung_gets_a_message_and_a_notice(self):
        self.first.notification_type = "inbox"
        ticket = self._severe()
        self._route(MONDAY_22)
        notification = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.first.partner_id.id)], limit=1
        )
        self.assertEqual(notification.mail_message_id.subject, "Urgent: Ana (@ana)")
        self.assertEqual(notification.mail_message_id.res_id, ticket.id)
        mail = self.env["mail.mail"].search([("email_to", "=", self.first.email_formatted)])
        self.assertEqual(mail.subject, "Urgent: Ana (@ana)", "nobody looks into an inbox at night")

    def test_without_anybody_on_call_nothing_happens(self):
        self.team.social_on_call_ids.unlink()
        ticket = self._severe()
        self._route(MONDAY_22)
        self.assertFalse(ticket.social_on_call_at)
