from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from .clock_common import at, words
from .routing_common import RoutingCommon


class TestShiftEndedEarly(RoutingCommon):
    """Ana works from 9 to 14 and ends her shift at 11 on Monday. Bea works from 9 to 20."""

    def setUp(self):
        super().setUp()
        self.ana = self._hire("Ana", (9, 14), tz="Europe/Madrid")
        self.bea = self._hire("Bea", (9, 20), tz="Europe/Madrid")

    def _end(self, local="2026-08-17 11:00", user=None, **values):
        with freeze_time(at(local)):
            wizard = self.env["social.care.shift.end"].with_user(user or self.ana).create(values)
            wizard.line_ids.choice = "keep"
            wizard.action_apply()
            self.env.flush_all()
        return wizard

    def _on_shift(self, local):
        return self.team._social_care_on_shift(self.team.user_ids, at(local))

    def test_new_conversations_go_to_colleagues(self):
        self._end()
        tickets = [self._write_in("2026-08-17 11:05", str(n), who=f"c{n}") for n in range(3)]
        self.assertEqual([ticket.user_id for ticket in tickets], [self.bea] * 3)

    def test_nothing_rings_any_more(self):
        self.team.social_ringing = "always"
        self._end()
        self.assertEqual(self._rings(self._write_in("2026-08-17 11:05")), [("Bea", False)])

    def test_the_next_shift_begins_by_itself(self):
        wizard = self._end()
        self.assertEqual(words(wizard.back_at), "Tuesday 09:00")
        self.assertEqual(self._on_shift("2026-08-17 13:00"), self.bea)
        self.assertEqual(self._on_shift("2026-08-18 08:59"), self.ana.browse())
        self.assertEqual(self._on_shift("2026-08-18 09:00"), self.ana | self.bea)

    def test_after_a_break_one_is_back_or_says_when(self):
        """Cleo works from 9 to 14 and from 17 to 20."""
        cleo = self._hire("Cleo", tz="Europe/Madrid")
        calendar = self._create_calendar("Split", "Europe/Madrid", [(9, 14), (17, 20)])
        self._give_shift(cleo, [(9, 14)]).calendar_id = calendar
        wizard = self._end(user=cleo)
        self.assertEqual(words(wizard.back_at), "Monday 17:00")
        self._end(user=cleo, back_at=at("2026-08-18 09:00"))
        self.assertNotIn(cleo, self._on_shift("2026-08-17 18:00"))
        self.assertIn(cleo, self._on_shift("2026-08-18 09:00"))

    def test_the_dialog_follows_the_choice(self):
        with freeze_time(at("2026-08-17 11:00")):
            form = Form(self.env["social.care.shift.end"].with_user(self.ana))
            self.assertEqual((form.back, words(form.back_at)), ("shift", "Tuesday 09:00"))
            form.back = "say"
            self.assertFalse(form.back_at)
            form.back = "other"
            form.back_at = at("2026-08-19 10:00")
            self.assertEqual(words(form.save().back_at), "Wednesday 10:00")

    def test_who_says_so_is_off_until_then(self):
        self._end(back="say", back_at=False)
        self.assertEqual(self._on_shift("2026-08-18 10:00"), self.bea)

    def test_back_sooner(self):
        self._end()
        with freeze_time(at("2026-08-17 12:00")):
            wizard = self.env["social.care.shift.end"].with_user(self.ana).create({})
            self.assertEqual(words(wizard.off_until), "Tuesday 09:00")
            wizard.action_back()
            again = self.env["social.care.shift.end"].with_user(self.ana).create({})
        self.assertFalse(again.off_until)
        self.assertEqual(self._on_shift("2026-08-17 12:00"), self.ana | self.bea)

    def test_what_she_kept_finds_a_colleague_when_its_customer_writes(self):
        ticket = self._write_in("2026-08-17 10:30")
        ticket.user_id = self.ana
        self._end()
        with freeze_time(at("2026-08-17 11:30")):
            seen = ticket.with_user(self.bea).with_context(tz="Europe/Madrid")
            self.assertEqual(seen.social_away_text, "Ana is off until Tuesday 9:00.")
        self._write_in("2026-08-17 11:31", "2", body="Hello?", parent_external_id="1")
        self.assertEqual(ticket.user_id, self.bea)

    def test_nothing_is_handed_to_who_has_left(self):
        ticket = self._write_in("2026-08-17 10:30")
        ticket.user_id = self.bea
        self._end()
        with freeze_time(at("2026-08-17 11:30")):
            line = self.env["social.care.shift.end"].with_user(self.bea).create({}).line_ids
            self.assertEqual(line.ticket_id, ticket)
            self.assertFalse(line.colleague_ids)

    def test_the_now_screen_shows_her_as_off(self):
        self._end()
        with freeze_time(at("2026-08-17 11:30")):
            people, _changes = self.team._social_care_now_people(at("2026-08-17 11:30"))
        self.assertEqual([person["name"] for person in people[self.team]], ["Bea"])

    def test_back_in_the_past_is_refused(self):
        with self.assertRaisesRegex(UserError, "in the future"):
            self._end(back_at=at("2026-08-17 10:00"))

    def test_nobody_ends_anothers_shift(self):
        self._end()
        with self.assertRaises(AccessError):
            self.ana.with_user(self.bea).write({"social_off_until": False})
        employee = new_test_user(self.env, login="employee", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.ana.with_user(employee).read(["social_off_until"])
