from .clock_common import MADRID, ClockCommon, words

MEXICO = "America/Mexico_City"
KOLKATA = "Asia/Kolkata"
NEW_YORK = "America/New_York"
LORD_HOWE = "Australia/Lord_Howe"


class TestPromisesInWords(ClockCommon):
    """What a customer was promised, said as a person would say it."""

    def _promise(self, said, zone=MADRID, shifts=((9, 18),), weekdays=range(5), holiday=None, **policy):
        """When an answer is due to what was said then, in the words of that place."""
        self.calendar = self._create_calendar(zone, zone, shifts, weekdays)
        self.team.resource_calendar_id = self.calendar
        self.policy.write({"hours": 2, **policy})
        if holiday:
            self._holiday(*holiday, zone=zone)
        name = f"{zone} {said}"  # everybody has a ticket of their own
        mention = self._say(said, external_id=name, zone=zone, who=name)
        return words(mention.ticket_id.ticket_sla_ids.deadline, zone)

    def test_friday_1750_with_two_hours_and_a_holiday_on_monday_is_tuesday_1050(self):
        for zone in (MADRID, MEXICO, KOLKATA, NEW_YORK, LORD_HOWE):
            with self.subTest(zone=zone):
                holiday = ("2026-08-24 00:00", "2026-08-24 23:59:59")
                due = self._promise("2026-08-21 17:50", zone, holiday=holiday)
                self.assertEqual(due, "Tuesday 10:50")

    def test_monday_10_with_two_hours_is_monday_12(self):
        for zone in (MADRID, MEXICO, KOLKATA):
            with self.subTest(zone=zone):
                self.assertEqual(self._promise("2026-08-17 10:00", zone), "Monday 12:00")

    def test_the_lunch_break_is_no_working_time(self):
        due = self._promise("2026-08-17 13:30", shifts=((9, 14), (16, 19)))
        self.assertEqual(due, "Monday 17:30")

    def test_a_post_at_night_waits_for_the_morning(self):
        self.assertEqual(self._promise("2026-08-17 23:10"), "Tuesday 11:00")

    def test_a_holiday_until_noon_moves_the_morning(self):
        holiday = ("2026-08-18 00:00", "2026-08-18 12:00")
        self.assertEqual(self._promise("2026-08-17 17:30", holiday=holiday), "Tuesday 13:30")

    def test_the_night_the_clocks_go_back_has_an_hour_more(self):
        """Sunday 25 October 2026: after 2:59 it is 2:00 again in Madrid."""
        due = self._promise("2026-10-25 01:30", shifts=((0, 8),), weekdays=[6], hours=3)
        self.assertEqual(due, "Sunday 03:30")

    def test_the_night_the_clocks_go_forward_has_an_hour_less(self):
        """Sunday 29 March 2026: after 1:59 it is 3:00 in Madrid."""
        due = self._promise("2026-03-29 01:30", shifts=((0, 8),), weekdays=[6], hours=3)
        self.assertEqual(due, "Sunday 05:30")

    def test_new_york_changes_on_that_very_sunday(self):
        """Sunday 8 March 2026: after 1:59 it is 3:00; from Saturday 17:00 to Sunday 10:00."""
        due = self._promise("2026-03-07 17:00", NEW_YORK, weekdays=range(7), hours=2)
        self.assertEqual(due, "Sunday 10:00")
        due = self._promise("2026-03-08 01:00", NEW_YORK, shifts=((0, 6),), weekdays=[6], hours=2)
        self.assertEqual(due, "Sunday 04:00")

    def test_lord_howe_changes_by_half_an_hour(self):
        """Sunday 5 April 2026: after 1:59 it is 1:30 there."""
        due = self._promise("2026-04-05 00:30", LORD_HOWE, shifts=((0, 6),), weekdays=[6], hours=2)
        self.assertEqual(due, "Sunday 02:00")

    def test_a_weekend_over_the_change_ends_on_monday_by_the_wall_clock(self):
        self.assertEqual(self._promise("2026-10-23 17:00", hours=2), "Monday 10:00")
        self.assertEqual(self._promise("2026-10-30 17:00", NEW_YORK, hours=2), "Monday 10:00")

    def test_mexico_has_no_summer_time_any_more(self):
        """Sunday 5 April 2026 would have been the change."""
        due = self._promise("2026-04-05 01:30", MEXICO, shifts=((0, 8),), weekdays=[6], hours=3)
        self.assertEqual(due, "Sunday 04:30")

    def test_days_are_the_calendars_average_days(self):
        self.assertEqual(self._promise("2026-08-17 10:00", days=1, hours=0), "Tuesday 10:00")

    def test_minutes_count(self):
        due = self._promise("2026-08-17 17:30", KOLKATA, hours=0, social_minutes=45)
        self.assertEqual(due, "Tuesday 09:15")

    def test_the_strictest_promise_that_applies_wins(self):
        self.env["helpdesk.sla"].create(
            [
                {
                    "name": "Complaint",
                    "social_target": "first_response",
                    "hours": 1,
                    "social_intent": "complaint",
                },
                {"name": "Everything", "social_target": "first_response", "hours": 8},
            ]
        )
        complaint = self._say("2026-08-17 10:00", "1", who="ana", intent="complaint")
        question = self._say("2026-08-17 10:00", "2", who="bo", intent="question")
        self.assertEqual(words(complaint.ticket_id.ticket_sla_ids.deadline), "Monday 11:00")
        self.assertEqual(words(question.ticket_id.ticket_sla_ids.deadline), "Monday 12:00")

    def test_a_ticket_without_social_account_is_the_helpdesks(self):
        """Its own policy, by the helpdesk's own clock; no response promise beside."""
        own = self.env["helpdesk.sla"].create(
            {"name": "Done in 4 h", "hours": 4, "stage_id": self.stage_done.id}
        )
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "By phone", "description": "x", "team_id": self.team.id}
        )
        row = ticket.ticket_sla_ids
        self.assertEqual(row.sla_id, own)
        expected = self.calendar.plan_hours(4, ticket.create_date, compute_leaves=True)
        self.assertEqual(row.deadline, expected)
        ticket.stage_id = self.stage_done
        self.assertEqual(row.state, "accomplished")
        self.assertFalse(ticket.social_close_reason_id)
        self._holiday("2026-01-01 00:00", "2030-01-01 00:00")
        self.assertFalse(row.social_replan)
