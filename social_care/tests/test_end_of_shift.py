from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from .clock_common import at, words
from .shift_common import AGENT, ShiftCommon


class TestEndOfShift(ShiftCommon):
    """At 14:00 Bea goes home; Leo has just come."""

    def setUp(self):
        super().setUp()
        self.ticket = self._ticket_of(self.bea, "2026-08-17 13:30", body="My suitcase is lost")
        freezer = freeze_time(at("2026-08-17 14:01"))
        freezer.start()
        self.addCleanup(freezer.stop)

    def _open(self, user=None):
        wizards = self.env["social.care.shift.end"].with_user(user or self.bea)
        return Form(wizards.with_context(tz="Europe/Madrid"))

    def _end(self, user=None, **values):
        """Choose the same for each conversation, and press the button."""
        wizard = self._open(user).save()
        wizard.line_ids.write(values)
        return wizard.action_apply()

    def test_it_lists_ones_open_conversations_alone(self):
        self._ticket_of(self.leo, "2026-08-17 13:40", "2", who="bo")
        done = self._ticket_of(self.bea, "2026-08-17 13:40", "3", who="cleo")
        self._move("2026-08-17 13:50", done, self.stage_done)
        self.env["helpdesk.ticket"].create(
            {"name": "Mail", "description": "x", "team_id": self.team.id, "user_id": self.bea.id}
        )
        line = self._open().save().line_ids
        self.assertEqual(line.ticket_id, self.ticket)
        self.assertEqual(line.social_author_id.name, "Ana")
        self.assertEqual(line.last_text, "My suitcase is lost")
        self.assertEqual(words(line.deadline), "Monday 15:30")

    def test_without_any_it_is_empty(self):
        self.assertFalse(self._open(self.leo).save().line_ids)

    def test_what_runs_out_before_the_next_shift_is_to_be_handed_over(self):
        """Due at 15:30, and Bea is back on Tuesday at 9:00; what is due then or later waits."""
        answered = self._ticket_of(self.bea, "2026-08-17 13:40", "2", who="bo")
        self._reply_at("2026-08-17 13:45", answered.social_mention_ids)
        lines = self._open().save().line_ids
        self.assertEqual(
            {line.ticket_id: (line.runs_out, line.choice) for line in lines},
            {self.ticket: (True, "hand"), answered: (False, "keep")},
        )

    def test_without_a_promise_nothing_runs_out(self):
        self.policy.active = False
        self._ticket_of(self.bea, "2026-08-17 13:40", "2", who="bo")
        lines = self._open().save().line_ids
        self.assertEqual(lines.mapped("runs_out"), [True, False])

    def test_keep(self):
        self._end(choice="keep")
        self.assertEqual(self.ticket.user_id, self.bea)
        self.assertFalse(self.ticket.social_route_at)
        self.assertFalse(self.ticket.activity_ids)

    def test_what_rings_her_rings_the_next(self):
        ticket = self._say("2026-08-17 13:55", "2", who="dan").ticket_id
        self.env["social.care.ring"]._ring({ticket: self.bea})
        self._end(choice="keep")
        self.assertEqual(ticket.social_ring_ids.result, "passed")

    def test_what_came_while_the_dialog_was_open_goes_to_whoever_is_free(self):
        """As the dialog would have proposed: what nobody promised is kept."""
        wizard = self._open().save()
        came = self._ticket_of(self.bea, "2026-08-17 14:01", "2", who="dan")
        answered = self._ticket_of(self.bea, "2026-08-17 13:40", "3", who="bo")
        self._reply_at("2026-08-17 13:45", answered.social_mention_ids)
        wizard.line_ids.choice = "keep"
        message = wizard.action_apply()["params"]["message"]
        self.assertFalse(came.user_id)
        self.assertTrue(came.social_route_at)
        self.assertEqual((self.ticket | answered).user_id, self.bea)
        self.assertIn("1 handed over", message)

    def test_hand_over_to_whoever_is_free(self):
        self._end(choice="hand")
        self.assertFalse(self.ticket.user_id)
        self.assertTrue(self.ticket.social_route_at)

    def test_hand_over_to_a_colleague(self):
        self._end(choice="hand", colleague_id=self.leo.id, note="She flies at 17:00")
        self.assertEqual(self.ticket.user_id, self.leo)
        self.assertFalse(self.ticket.social_route_at)
        self.assertIn(self.bea, self._followers(self.ticket))
        note = self.ticket.message_ids.filtered(lambda message: "17:00" in message.body)
        self.assertTrue(note.subtype_id.internal)
        self.assertEqual(note.author_id, self.bea.partner_id)
        self.assertEqual(note.notified_partner_ids, self.leo.partner_id)
        self.assertTrue(self.ticket.social_waiting_since, "a note is no answer")

    def test_a_note_is_text(self):
        self._end(choice="keep", note="<b>Mind</b> her flight")
        self.assertIn("&lt;b&gt;Mind&lt;/b&gt; her flight", self._chatter(self.ticket))

    def test_colleagues_are_those_of_the_team_on_shift(self):
        outsider = new_test_user(self.env, login="outsider", groups=AGENT)
        off = new_test_user(self.env, login="off", groups=AGENT)
        self._give_shift(off, [(9, 14)])
        helper = new_test_user(
            self.env, login="helper", groups="helpdesk_mgmt.group_helpdesk_user_team"
        )
        self.team.user_ids |= off | helper
        wizard = self._open().save()
        self.assertEqual(wizard.line_ids.colleague_ids, self.leo)
        self.assertEqual(wizard.colleague_ids, self.leo)
        for user in (outsider, off, helper):
            with self.assertRaises(UserError, msg=user.login):
                self._end(choice="hand", colleague_id=user.id)
        self.assertEqual(self.ticket.user_id, self.bea)

    def test_remind_me_is_an_activity_on_my_next_shift(self):
        self._end(choice="wait")
        activity = self.ticket.activity_ids
        self.assertEqual(activity.user_id, self.bea)
        self.assertEqual(activity.date_deadline, date(2026, 8, 18))
        self.assertEqual(self.ticket.user_id, self.bea)

    def test_remind_me_pauses_no_promise(self):
        stage, deadline = self.ticket.stage_id, self.ticket.social_deadline
        self._end(choice="wait")
        self.assertEqual(self.ticket.stage_id, stage)
        self.assertEqual(self.ticket.social_deadline, deadline)

    def test_after_time_off_the_reminder_comes_later(self):
        self._time_off(self.bea_resource, "2026-08-18 00:00", "2026-08-19 23:59")
        self._end(choice="wait")
        self.assertEqual(self.ticket.activity_ids.date_deadline, date(2026, 8, 20))

    def test_one_choice_for_all(self):
        self._ticket_of(self.bea, "2026-08-17 13:40", "2", who="bo")
        form = self._open()
        form.choice = "hand"
        form.colleague_id = self.leo
        wizard = form.save()
        self.assertEqual(wizard.line_ids.mapped("choice"), ["hand", "hand"])
        wizard.action_apply()
        self.assertEqual(wizard.line_ids.ticket_id.user_id, self.leo)

    def test_what_somebody_took_meanwhile_is_theirs(self):
        wizard = self._open().save()
        self.ticket.user_id = self.leo
        wizard.line_ids.choice = "hand"
        wizard.action_apply()
        self.assertEqual(self.ticket.user_id, self.leo)

    def test_what_somebody_closed_meanwhile_stays_where_it_is(self):
        wizard = self._open().save()
        self.ticket.stage_id = self.stage_done
        wizard.line_ids.choice = "hand"
        wizard.action_apply()
        self.assertEqual(self.ticket.user_id, self.bea)

    def test_ones_list_is_nobody_elses(self):
        wizard = self._open().save()
        with self.assertRaises(AccessError):
            wizard.with_user(self.leo).line_ids.read(["choice"])
        with self.assertRaises(AccessError):
            wizard.with_user(self.leo).action_apply()

    def test_a_line_shows_nothing_of_another_teams_ticket(self):
        outsider = new_test_user(self.env, login="outsider", groups=AGENT)
        wizards = self.env["social.care.shift.end"].with_user(outsider)
        wizard = wizards.create({"line_ids": [Command.create({"ticket_id": self.ticket.id})]})
        self.env.invalidate_all()
        line = wizard.line_ids
        self.assertFalse(line.last_text or line.deadline or line.social_author_id or line.runs_out)
        with self.assertRaises(AccessError):
            wizard.action_apply()

    def test_it_is_for_agents(self):
        user = new_test_user(self.env, login="employee", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["social.care.shift.end"].with_user(user).create({})
