from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import SocialCareCommon


class TestSolo(SocialCareCommon):
    """One short form: working hours, one agent, two promises, one phone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.active = False
        cls.owner = new_test_user(
            cls.env,
            login="owner",
            name="Rosa Owner",
            tz="Europe/Madrid",
            groups="social_care.social_care_group_manager",
        )

    def _form(self, **values):
        values = {"user_id": self.owner.id, "phone": "+34 600 111 222", **values}
        return self.env["social.care.solo"].with_user(self.owner).create(values)

    def _apply(self, **values):
        action = self._form(**values).action_apply()
        self.env.invalidate_all()
        return self.env["helpdesk.ticket.team"].browse(action["res_id"])

    def test_its_defaults_are_monday_to_friday_with_a_lunch_break(self):
        team = self._apply()
        hours = [
            (line.dayofweek, line.hour_from, line.hour_to)
            for line in team.resource_calendar_id.attendance_ids
        ]
        week = [(str(day), start, end) for day in range(5) for start, end in ((9, 13), (14, 18))]
        self.assertEqual(sorted(hours), week)
        self.assertEqual(team.resource_calendar_id.tz, "Europe/Madrid")

    def test_a_message_on_friday_at_noon_is_due_on_monday_at_noon(self):
        # One working day is eight hours: five on Friday, three on Monday.
        team = self._apply()
        with freeze_time("2026-08-21 10:00:00"):
            ticket = self._receive(self._mention(posted_at=datetime(2026, 8, 21, 10))).ticket_id
        self.assertEqual(ticket.team_id, team)
        self.assertEqual(ticket.social_deadline, datetime(2026, 8, 24, 10, 0))

    def test_a_complaint_on_friday_at_noon_is_due_on_friday_at_five(self):
        # One hour before lunch, three after it.
        self._apply()
        with freeze_time("2026-08-21 10:00:00"):
            ticket = self._receive(
                self._mention(posted_at=datetime(2026, 8, 21, 10), intent="complaint")
            ).ticket_id
        self.assertEqual(ticket.social_deadline, datetime(2026, 8, 21, 15, 0))

    def test_it_is_one_person_who_is_on_call_too(self):
        team = self._apply()
        self.assertEqual(team.user_ids, self.owner)
        self.assertEqual(team.social_on_call_ids.user_id, self.owner)
        self.assertEqual(team.social_on_call_ids.phone, "+34 600 111 222")
        self.assertTrue(team.social_morning_summary)
        self.assertTrue(team.social_ack_closed)

    def test_pressed_again_it_changes_what_it_made(self):
        first = self._apply()
        again = self._apply(complaint_hours=2, sat=True)
        self.assertEqual(again, first)
        policies = self.env["helpdesk.sla"].search([("team_ids", "=", first.id)])
        self.assertEqual(sorted(policies.mapped("hours")), [0, 2])
        self.assertEqual(len(first.resource_calendar_id.attendance_ids), 12)

    def test_what_others_use_stays_as_it_is(self):
        self.team.user_ids = self.owner
        self._apply(team_id=self.team.id)
        self.assertNotEqual(self.team.resource_calendar_id, self.calendar)
        self.assertEqual(len(self.calendar.attendance_ids), 5)

    def test_the_figures_of_the_field_are_beside(self):
        self.network.recommended_minutes = 120
        self.assertEqual(self._form().expected, "Mastodon 2 h; a complaint 1 h")

    def test_the_preview_says_what_would_be_sent(self):
        with freeze_time("2026-08-22 10:00:00"):
            self.assertIn("Monday 24 August", str(self._form().preview))

    def test_hours_that_make_no_sense_are_refused(self):
        for values in (
            {"morning_from": 13, "morning_to": 9},
            {"afternoon_from": 12},
            {"afternoon_to": 25},
            dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), False),
            {"answer_days": 0},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                self._apply(**values)

    def test_without_an_afternoon_the_morning_counts(self):
        team = self._apply(afternoon_from=0, afternoon_to=0)
        self.assertEqual(len(team.resource_calendar_id.attendance_ids), 5)

    def test_an_agent_cannot_set_it_up(self):
        with self.assertRaises(AccessError):
            self.env["social.care.solo"].with_user(self.agent).create({})


class TestMorningSummary(SocialCareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.notification_type = "inbox"
        cls.team.social_morning_summary = True

    def _told(self):
        notifications = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.agent.partner_id.id)]
        )
        return notifications.mail_message_id.mapped("subject")

    def _run(self, at):
        with freeze_time(at):
            self._run_cron("ir_cron_summary")

    def test_one_message_when_the_team_opens(self):
        self._run("2026-08-17 15:30:00")  # switched on on Monday at 17:30: tomorrow at 9:00
        self.assertEqual(self.team.social_summary_at, datetime(2026, 8, 18, 7, 0))
        with freeze_time("2026-08-17 20:00:00"):
            self._receive(self._mention(posted_at=datetime(2026, 8, 17, 20)))
        self._run("2026-08-18 06:45:00")
        self.assertEqual(self._told(), [])
        for at in ("2026-08-18 07:00:00", "2026-08-18 07:15:00", "2026-08-18 14:00:00"):
            self._run(at)
        self.assertEqual(self._told(), ["Customers waiting: 1"])

    def _summary(self, at="2026-08-18 07:00:00"):
        with freeze_time(at):
            return self.team._social_care_summary(datetime.fromisoformat(at))

    def test_it_says_what_is_late_what_came_and_what_is_to_decide(self):
        """Ana wrote on Monday at 14:00, due at 16:00; Bo and Cy after the closing at 17:00."""
        with freeze_time("2026-08-17 12:00:00"):
            self._receive(self._mention("1", posted_at=datetime(2026, 8, 17, 12)))
        with freeze_time("2026-08-17 20:00:00"):
            evening = {"posted_at": datetime(2026, 8, 17, 20)}
            self._receive(self._mention("2", who="bo", **evening))
            self._receive(self._mention("3", who="cy", addressed=False, **evening))
        self.assertEqual(
            self._summary(),
            ("Customers waiting: 2", "Late: 1. Arrived since you closed: 2. To decide: 1."),
        )

    def test_neither_history_nor_practice_waited_or_arrived(self):
        practice = self._create_account(
            name="Practice", external_id="practice@fake.example", practice=True
        )
        with freeze_time("2026-08-17 20:00:00"):
            self._receive(self._mention("1", posted_at=datetime(2025, 8, 17), history=True))
            self._receive(
                self._mention("2", who="bo", posted_at=datetime(2026, 8, 17, 20)), account=practice
            )
        self.assertEqual(
            self._summary(),
            ("Customers waiting: 0", "Late: 0. Arrived since you closed: 0. To decide: 0."),
        )

    def test_a_large_team_is_counted_once_a_language(self):
        self._run("2026-08-17 15:30:00")
        counts = []
        for count in (1, 10):
            self.team.user_ids = self.env["res.users"].union(
                *(
                    new_test_user(
                        self.env,
                        login=f"early_{count}_{number}",
                        groups="social_care.social_care_group_agent",
                    )
                    for number in range(count)
                )
            )
            self.team.social_summary_at = datetime(2026, 8, 18, 7)
            registry_class = self.env.registry["helpdesk.ticket"]
            with patch.object(
                registry_class,
                "search_count",
                autospec=True,
                side_effect=registry_class.search_count,
            ) as counted:
                self._run("2026-08-18 07:00:00")
            counts.append(counted.call_count)
        self.assertEqual(counts, [2, 2])

    def test_a_lunch_break_is_no_morning(self):
        self.team.resource_calendar_id = self._create_calendar(
            "Split", "Europe/Madrid", [(9, 13), (14, 18)]
        )
        with freeze_time("2026-08-17 07:00:00"):
            morning = self.team._social_care_next_morning(datetime(2026, 8, 17, 7, 0))
        self.assertEqual(morning, datetime(2026, 8, 18, 7, 0))

    def test_before_the_weekend_the_next_is_on_monday(self):
        morning = self.team._social_care_next_morning(datetime(2026, 8, 21, 10, 0))
        self.assertEqual(morning, datetime(2026, 8, 24, 7, 0))
