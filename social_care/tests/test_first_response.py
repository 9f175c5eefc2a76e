from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import ValidationError

from odoo.addons.social_care import networks

from .common import MONDAY_10, SocialCareCommon


class TestFirstResponse(SocialCareCommon):
    """The clock starts when the customer posts, runs in working time, stops at an answer."""

    def _clock(self, mention):
        return mention.ticket_id.ticket_sla_ids

    def _sent(self, mention, sent_at, **values):
        reply = self.env["social.care.reply"].create(
            {
                "mention_id": mention.id,
                "body": "Answer",
                "state": "sent",
                "sent_at": sent_at,
                "user_id": self.agent.id,
                **values,
            }
        )
        reply._settle()
        return reply

    def test_two_hours_from_monday_10_end_monday_12(self):
        mention = self._receive(self._mention())
        row = self._clock(mention)
        self.assertEqual(row.state, "in_progress")
        self.assertEqual(row.social_started_at, MONDAY_10)
        self.assertEqual(row.deadline, datetime(2026, 8, 17, 10, 0))
        self.assertEqual(mention.ticket_id.social_deadline, row.deadline)
        self.assertEqual(mention.ticket_id.sla_deadline, row.deadline)

    def test_friday_1650_with_two_hours_and_a_monday_holiday_is_tuesday_1050(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "company_id": self.env.company.id,
                "date_from": datetime(2026, 8, 23, 22, 0),
                "date_to": datetime(2026, 8, 24, 21, 59),
            }
        )
        friday = datetime(2026, 8, 21, 14, 50)  # 16:50 in Madrid; the day ends at 17:00
        mention = self._receive(self._mention(posted_at=friday))
        self.assertEqual(self._clock(mention).deadline, datetime(2026, 8, 25, 8, 50))

    def test_the_holiday_of_another_company_does_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        leaves = self.env["resource.calendar.leaves"].with_company(other)
        leaves.create(
            {
                "name": "Their holiday",
                "calendar_id": False,
                "date_from": datetime(2026, 8, 16, 22, 0),
                "date_to": datetime(2026, 8, 17, 21, 59),
            }
        )
        leaves.env.flush_all()  # its company is computed from the environment's
        mention = self._receive(self._mention())
        self.assertEqual(self._clock(mention).deadline, datetime(2026, 8, 17, 10, 0))

    def test_over_the_night_the_clocks_go_back(self):
        # Saturday 24 October 2026, 20:00 in Madrid is summer time; Monday 09:00 is winter time.
        saturday = datetime(2026, 10, 24, 18, 0)
        mention = self._receive(self._mention(posted_at=saturday))
        self.assertEqual(self._clock(mention).deadline, datetime(2026, 10, 26, 10, 0))

    def test_minutes_count_and_the_strictest_promise_wins(self):
        self.env["helpdesk.sla"].create(
            {
                "name": "Complaint 45 min",
                "social_target": "first_response",
                "social_minutes": 45,
                "social_intent": "complaint",
            }
        )
        complaint = self._receive(self._mention("1", intent="complaint"))
        question = self._receive(self._mention("2", who="bo", intent="question"))
        self.assertEqual(self._clock(complaint).deadline, MONDAY_10 + timedelta(minutes=45))
        self.assertEqual(self._clock(question).deadline, MONDAY_10 + timedelta(hours=2))

    def test_a_promise_for_another_channel_or_company_does_not_apply(self):
        phone = self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone")
        self.policy.social_channel_ids = phone
        self.assertFalse(self._clock(self._receive(self._mention("1"))))
        self.policy.social_channel_ids = False
        self.policy.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self._clock(self._receive(self._mention("2", who="bo"))))

    def test_an_answer_in_time_keeps_the_promise(self):
        mention = self._receive(self._mention())
        self._sent(mention, MONDAY_10 + timedelta(hours=1, minutes=30))
        row, ticket = self._clock(mention), mention.ticket_id
        self.assertEqual(row.state, "accomplished")
        self.assertEqual((row.social_elapsed_hours, row.social_wait_hours), (1.5, 1.5))
        self.assertFalse(row.social_breached_at)
        self.assertEqual(ticket.social_first_response_hours, 1.5)
        self.assertFalse(ticket.social_waiting_since)
        self.assertFalse(ticket.social_deadline)
        self.assertEqual(ticket.stage_id, self.stage_progress)

    def test_an_answer_over_night_takes_few_working_hours_and_a_long_wait(self):
        evening = datetime(2026, 8, 17, 14, 0)  # 16:00 in Madrid
        mention = self._receive(self._mention(posted_at=evening))
        self._sent(mention, datetime(2026, 8, 18, 7, 30))  # 09:30 the next day
        row = self._clock(mention)
        self.assertEqual((row.social_elapsed_hours, row.social_wait_hours), (1.5, 17.5))

    def test_an_answer_too_late_misses_it_at_the_deadline(self):
        mention = self._receive(self._mention())
        self._sent(mention, MONDAY_10 + timedelta(hours=3))
        row = self._clock(mention)
        self.assertEqual(row.state, "expired")
        self.assertEqual(row.social_breached_at, datetime(2026, 8, 17, 10, 0))

    def test_an_acknowledgement_never_stops_the_clock(self):
        mention = self._receive(self._mention())
        self._sent(mention, MONDAY_10 + timedelta(minutes=1), kind="acknowledgement")
        self.assertEqual(self._clock(mention).state, "in_progress")
        self.assertEqual(mention.ticket_id.social_waiting_since, MONDAY_10)

    def test_moving_the_stage_neither_keeps_nor_stops_the_promise(self):
        mention = self._receive(self._mention())
        ticket, row = mention.ticket_id, self._clock(mention)
        deadline = row.deadline
        for stage in (self.stage_progress, self.stage_new):
            ticket.stage_id = stage
            self.assertEqual((row.state, row.deadline), ("in_progress", deadline))

    def test_an_answer_typed_in_the_networks_own_app_counts(self):
        mention = self._receive(self._mention())
        at = MONDAY_10 + timedelta(minutes=30)
        own = networks.Mention(
            external_id="app-1", body="Hi Ana", own=True, parent_external_id="1", posted_at=at
        )
        self.account._ingest([own])
        self._run_cron("ir_cron_publish")
        self.assertEqual(self._clock(mention).state, "accomplished")
        self.assertEqual(mention.reply_ids.origin, "network")
        self.assertIn("Answered outside Odoo", self._chatter(mention.ticket_id))
        self.account._ingest([own])
        self.assertEqual(len(mention.reply_ids), 1)

    def test_an_outside_answer_that_arrives_before_its_mention(self):
        at = MONDAY_10 + timedelta(minutes=30)
        own = networks.Mention(
            external_id="app-1", body="Hi Ana", own=True, parent_external_id="1", posted_at=at
        )
        self.account._ingest([own])
        mention = self._receive(self._mention("1"))
        self._run_cron("ir_cron_publish")
        self.assertEqual(self._clock(mention).state, "accomplished")
        self.assertEqual(mention.ticket_id.social_first_response_at, at)

    def test_history_gets_no_clock(self):
        mention = self._receive(self._mention(history=True))
        self.assertTrue(mention.ticket_id)
        self.assertFalse(self._clock(mention))
        self.assertFalse(mention.ticket_id.social_deadline)

    def test_thanks_get_no_clock(self):
        self.assertFalse(self._clock(self._receive(self._mention(body="¡Gracias! 🙏"))))

    def test_a_team_without_working_time_gives_no_deadline_and_a_warning(self):
        self.team.resource_calendar_id = self._create_calendar("Empty", "UTC", [])
        mention = self._receive(self._mention())
        self.assertEqual(self._clock(mention).state, "on_hold")
        self.assertFalse(mention.ticket_id.social_deadline)
        self.assertIn("no working time", self.team.social_warning)

    def test_without_team_calendar_the_companys_counts(self):
        self.team.resource_calendar_id = False
        self.env.company.resource_calendar_id = self.calendar
        mention = self._receive(self._mention())
        self.assertEqual(self._clock(mention).deadline, datetime(2026, 8, 17, 10, 0))

    def test_an_account_without_team_still_makes_the_ticket(self):
        self.account.team_line_ids.unlink()
        mention = self._receive(self._mention())
        self.assertEqual(mention.state, "ticket")
        self.assertFalse(self._clock(mention))

    @freeze_time("2026-08-17 10:00:01")
    def test_a_second_late_shows_in_badge_filter_and_report(self):
        mention = self._receive(self._mention())
        ticket, row = mention.ticket_id, self._clock(mention)
        self.assertTrue(ticket.sla_expired)
        self.assertEqual(row.color, 1)
        self.assertIn(ticket, ticket.search([("sla_expired", "=", True)]))
        self.env.flush_all()
        report = self.env["helpdesk.sla.report"].search([("ticket_id", "=", ticket.id)])
        self.assertEqual(report.state, "expired")

    def test_tickets_without_social_account_get_no_response_promise(self):
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "By phone", "description": "x", "team_id": self.team.id}
        )
        self.assertFalse(ticket.ticket_sla_ids)
        self.assertTrue(ticket.sla_fits)
        self.assertFalse(ticket.social_deadline)

    def test_the_helpdesks_own_policy_runs_beside(self):
        self.env["helpdesk.sla"].create(
            {"name": "Done in 8 h", "hours": 8, "stage_id": self.stage_done.id}
        )
        mention = self._receive(self._mention())
        self.assertEqual(len(self._clock(mention)), 2)
        self.assertTrue(mention.ticket_id.sla_fits)
        self._sent(mention, MONDAY_10 + timedelta(hours=1))
        self.assertTrue(mention.ticket_id.sla_fits, "no “Set SLA” button after the answer")

    def test_a_promise_of_no_time_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "promises an answer in zero time"):
            self.env["helpdesk.sla"].create({"name": "Zero", "social_target": "first_response"})

    def test_an_answer_covers_what_was_there_when_it_was_sent_off(self):
        """The network was slow: queued at 10:20, sent at 11:00; at 10:30 the customer went on."""
        mention = self._receive(self._mention("1"))
        later = MONDAY_10 + timedelta(minutes=30)
        self._receive(self._mention("2", body="Who meets my child?", posted_at=later))
        self._sent(
            mention,
            MONDAY_10 + timedelta(hours=1),
            queued_at=MONDAY_10 + timedelta(minutes=20),
            then_close=True,
        )
        ticket = mention.ticket_id
        self.assertEqual(ticket.social_waiting_since, later)
        self.assertFalse(ticket.closed, "somebody still waits")

    def test_what_came_before_the_answer_was_settled_gets_its_own_clock(self):
        self.env["helpdesk.sla"].create(
            {"name": "Next response 1 h", "social_target": "next_response", "hours": 1}
        )
        mention = self._receive(self._mention("1"))
        again = MONDAY_10 + timedelta(minutes=40)
        self._receive(self._mention("2", body="And my other bag?", posted_at=again))
        self._sent(mention, MONDAY_10 + timedelta(minutes=30))
        self.assertEqual(mention.ticket_id.social_deadline, again + timedelta(hours=1))

    def test_a_promise_that_a_script_gives_begins_at_once(self):
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "By phone", "description": "x", "team_id": self.team.id}
        )
        with freeze_time(MONDAY_10):
            row = self.env["helpdesk.ticket.sla"].create(
                {"ticket_id": ticket.id, "sla_id": self.policy.id}
            )
        self.assertEqual((row.social_started_at, row.state), (MONDAY_10, "in_progress"))
        self.assertEqual(row.deadline, MONDAY_10 + timedelta(hours=2))

    def test_a_policy_changed_later_does_not_freeze_ordinary_tickets(self):
        policy = self.env["helpdesk.sla"].create(
            {"name": "Done in 8 h", "hours": 8, "stage_id": self.stage_done.id}
        )
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "By phone", "description": "x", "team_id": self.team.id}
        )
        policy.social_target = "first_response"
        ticket.stage_id = self.stage_done
        self.assertEqual(ticket.ticket_sla_ids.state, "accomplished")

    def test_the_next_response_has_a_clock_of_its_own(self):
        self.env["helpdesk.sla"].create(
            {"name": "Next response 1 h", "social_target": "next_response", "hours": 1}
        )
        first = self._receive(self._mention("1"))
        self._sent(first, MONDAY_10 + timedelta(hours=1))
        again = MONDAY_10 + timedelta(hours=2)
        run = self._receive(
            self._mention("2", body="It is still missing", posted_at=again),
            self._mention("3", body="Hello?", posted_at=again + timedelta(minutes=5)),
            self._mention("4", body="Thanks", posted_at=again + timedelta(minutes=6)),
        )
        rows = self._clock(first).sorted("social_started_at")
        self.assertEqual(rows.mapped("state"), ["accomplished", "in_progress"])
        self.assertEqual(rows[1].social_started_at, again, "from the oldest of the run")
        self.assertEqual(rows[1].deadline, again + timedelta(hours=1))
        self._sent(run[1], again + timedelta(minutes=30))
        self.assertEqual(rows.mapped("state"), ["accomplished", "accomplished"])
        self.assertTrue(first.ticket_id.sla_fits)

    def test_the_wait_starts_again_with_what_the_answer_did_not_cover(self):
        first = self._receive(self._mention("1"))
        later = MONDAY_10 + timedelta(hours=1)
        self._receive(self._mention("2", body="And my other bag?", posted_at=later))
        self._sent(first, MONDAY_10 + timedelta(minutes=30))
        self.assertEqual(first.ticket_id.social_waiting_since, later)
