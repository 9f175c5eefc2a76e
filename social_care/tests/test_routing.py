from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError

from .clock_common import at
from .routing_common import RoutingCommon


class TestRouting(RoutingCommon):
    """Ana works from 9 to 14, Bea from 14 to 20. They are two: nobody is rung, all is given."""

    def setUp(self):
        super().setUp()
        self.ana = self._hire("Ana", (9, 14))
        self.bea = self._hire("Bea", (14, 20))

    # -- Who is there --------------------------------------------------------------

    def test_at_ten_ana_gets_it(self):
        self.assertEqual(self._write_in("2026-08-17 10:00").user_id, self.ana)

    def test_at_two_sharp_bea_gets_it(self):
        self.assertEqual(self._write_in("2026-08-17 14:00").user_id, self.bea)

    def test_at_nine_in_the_evening_nobody_does_and_ana_in_the_morning(self):
        ticket = self._write_in("2026-08-17 21:00")
        self.assertFalse(ticket.user_id)
        self.assertFalse(ticket.social_nobody_at, "the team is closed: nothing is wrong")
        self._route("2026-08-18 08:59")
        self.assertFalse(ticket.user_id)
        self._route("2026-08-18 09:00")
        self.assertEqual(ticket.user_id, self.ana)

    def test_what_comes_on_saturday_goes_to_ana_on_monday(self):
        ticket = self._write_in("2026-08-15 12:00")
        self._route("2026-08-16 12:00")
        self.assertFalse(ticket.user_id)
        self._route("2026-08-17 09:00")
        self.assertEqual(ticket.user_id, self.ana)

    def test_while_ana_is_on_leave_it_waits_for_bea(self):
        self._holiday(
            "2026-08-17 00:00", "2026-08-17 23:59", resource_id=self.ana.resource_ids.id,
            calendar_id=self.ana.resource_ids.calendar_id.id,
        )  # fmt: skip
        ticket = self._write_in("2026-08-17 10:00")
        self.assertFalse(ticket.user_id)
        self.assertTrue(ticket.social_nobody_at)
        self._route("2026-08-17 14:00")
        self.assertEqual(ticket.user_id, self.bea)
        self.assertFalse(ticket.social_nobody_at)

    def test_on_a_holiday_of_the_team_nobody_is_looked_for(self):
        self._holiday("2026-08-17 00:00", "2026-08-17 23:59")
        ticket = self._write_in("2026-08-17 10:00")
        self.assertFalse(ticket.user_id)
        self._route("2026-08-18 09:00")
        self.assertEqual(ticket.user_id, self.ana)

    def test_who_has_no_hours_of_their_own_works_the_teams(self):
        self.team.user_ids = self._hire("Cleo")
        self.assertEqual(self._write_in("2026-08-17 19:59").user_id.name, "Cleo")

    def test_flexible_hours_are_around_noon(self):
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Flexible",
                "tz": "Europe/Madrid",
                "flexible_hours": True,
                "hours_per_day": 8,
                "full_time_required_hours": 40,
            }
        )
        self.ana.resource_ids.calendar_id = calendar
        self.team.user_ids = self.ana
        self.assertEqual(self._write_in("2026-08-17 12:00").user_id, self.ana)

    def test_the_day_summer_time_ends_shifts_begin_at_nine_by_the_clock(self):
        days = range(7)  # October 25th is a Sunday
        for hours, holder in (([(9, 20)], self.team), ([(9, 14)], self.ana.resource_ids)):
            calendar = self._create_calendar("Every day", "Europe/Madrid", hours, days)
            field = "resource_calendar_id" if holder == self.team else "calendar_id"
            holder[field] = calendar
        # 8:30 is 7:30 UTC that day; by summer time it would be 9:30 already.
        ticket = self._write_in("2026-10-25 08:30")
        self.assertFalse(ticket.user_id)
        self._route("2026-10-25 09:00")
        self.assertEqual(ticket.user_id, self.ana)
        # 14:30 is 13:30 UTC; she left at 14:00.
        self.assertFalse(self._write_in("2026-10-25 14:30", "2", who="dora").user_id)

    # -- Who may -------------------------------------------------------------------

    def test_who_was_archived_gets_nothing(self):
        self.ana.active = False
        self.assertFalse(self._write_in("2026-08-17 10:00").user_id)

    def test_who_has_not_the_role_gets_nothing(self):
        self.team.user_ids = self._hire("Cleo", groups="helpdesk_mgmt.group_helpdesk_user")
        self.assertFalse(self._write_in("2026-08-17 10:00").user_id)

    def test_who_does_not_work_for_the_tickets_company_gets_nothing(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.ana.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFalse(self._write_in("2026-08-17 10:00").user_id)

    def test_only_who_is_online_where_the_team_asks_for_it(self):
        self.team.social_ask_presence = True
        ticket = self._write_in("2026-08-17 10:00")
        self.assertFalse(ticket.user_id, "she has no Odoo open")
        presence = self.env["mail.presence"].create({"user_id": self.ana.id, "status": "online"})
        for status, manual, there in (
            ("away", False, False),
            ("online", "busy", False),
            ("online", "away", False),
            ("online", False, True),
        ):
            presence.status = status
            self.ana.manual_im_status = manual
            self._route("2026-08-17 10:01")
            self.assertEqual(bool(ticket.user_id), there, (status, manual))

    def _come_in(self, *local_times):
        """At nine nobody is online; five customers wrote in the night."""
        self.team.social_ask_presence = True
        for number in range(5):
            self._say("2026-08-17 06:00", str(number), who=f"c{number}")
        for local in local_times:
            self._route(local)

    def test_who_logs_in_at_five_past_gets_what_waits_and_nobody_is_alarmed(self):
        self._come_in("2026-08-17 09:00", "2026-08-17 09:04")
        self.env["mail.presence"].create({"user_id": self.ana.id, "status": "online"})
        self._route("2026-08-17 09:05")
        self.assertEqual(self._told(self.leader), [])
        self.assertEqual(
            self.env["helpdesk.ticket"].search_count([("user_id", "=", self.ana.id)]), 5
        )

    def test_where_nobody_comes_online_the_leader_is_told_once_after_ten_minutes(self):
        self._come_in("2026-08-17 09:00", "2026-08-17 09:09")
        self.assertEqual(self._told(self.leader), [])
        self._route("2026-08-17 09:10")
        self._route("2026-08-17 09:11")
        self.assertEqual(self._told(self.leader), ["Nobody took 5 conversations"])

    # -- How much ------------------------------------------------------------------

    def test_no_more_than_two_wait_for_one_person(self):
        self.team.social_capacity = 2
        mentions = [self._say("2026-08-17 10:00", str(n), who=f"c{n}") for n in range(3)]
        tickets = [mention.ticket_id for mention in mentions]
        self._route("2026-08-17 10:00")
        self.assertEqual([bool(ticket.user_id) for ticket in tickets], [True, True, False])
        self.assertFalse(tickets[2].social_nobody_at, "she is there, and busy")
        self._reply_at("2026-08-17 10:20", mentions[0])
        self._route("2026-08-17 10:21")
        self.assertEqual(tickets[2].user_id, self.ana)

    def test_a_persons_own_number_counts(self):
        self.ana.social_capacity = 1
        tickets = [self._write_in("2026-08-17 10:00", str(n), who=f"c{n}") for n in range(2)]
        self.assertEqual([ticket.user_id for ticket in tickets], [self.ana, self.ana.browse()])

    def test_zero_is_no_limit(self):
        self.team.social_capacity = 0
        for number in range(7):
            ticket = self._write_in("2026-08-17 10:00", str(number), who=f"c{number}")
            self.assertEqual(ticket.user_id, self.ana)

    def test_in_the_morning_the_first_deadline_goes_first(self):
        self.team.social_capacity = 1
        self.env["helpdesk.sla"].create(
            {
                "name": "Complaints 1 h",
                "social_target": "first_response",
                "hours": 1,
                "social_intent": "complaint",
            }
        )
        question = self._write_in("2026-08-15 10:00")
        complaint = self._write_in("2026-08-16 10:00", "2", who="dora")
        with freeze_time(at("2026-08-16 11:00")):
            complaint.social_intent = "complaint"
        self._route("2026-08-17 09:00")
        self.assertEqual(complaint.user_id, self.ana)
        self.assertFalse(question.user_id)

    # -- Whom ----------------------------------------------------------------------

    def _both_all_day(self):
        self.ana.resource_ids.unlink()
        self.bea.resource_ids.unlink()

    def _name(self, language, *people):
        lang = self.env["res.lang"].with_context(active_test=False)
        for user in people:
            user.social_lang_ids = lang.search([("code", "=", language)])

    def _had(self, user):
        """Carl had a ticket in July, and this person had it."""
        with freeze_time(at("2026-07-01 10:00")):
            ticket = self._say("2026-07-01 10:00", "0", who="carl").ticket_id
            ticket.write({"user_id": user.id, "stage_id": self.stage_done.id})

    def test_who_speaks_the_language_comes_first(self):
        self._both_all_day()
        self._name("es_ES", self.bea)
        self.assertEqual(self._write_in("2026-08-17 10:00", lang="es").user_id, self.bea)
        other = self._write_in("2026-08-17 10:01", "2", who="dora", lang="es_MX")
        self.assertEqual(other.user_id, self.bea, "a dialect is the same language")

    def test_without_languages_ones_interface_counts(self):
        self._both_all_day()
        self._name("es_ES", self.bea)
        self.assertEqual(self._write_in("2026-08-17 10:00", lang="en").user_id, self.ana)

    def test_what_nobody_speaks_is_given_to_somebody_all_the_same(self):
        self.assertEqual(self._write_in("2026-08-17 10:00", lang="fi").user_id, self.ana)

    def test_who_knows_the_customer_comes_before_whose_turn_it_is(self):
        self._both_all_day()
        self._had(self.bea)
        self.assertEqual(self._write_in("2026-08-17 10:00", who="carl").user_id, self.bea)
        other = self._write_in("2026-08-17 10:01", "2", who="dora")
        self.assertEqual(other.user_id, self.ana, "it was her turn before: she never had any")

    def test_the_language_counts_more_than_knowing_them(self):
        self._both_all_day()
        self._name("es_ES", self.ana)
        self._had(self.bea)
        self.assertEqual(self._write_in("2026-08-17 10:00", lang="es").user_id, self.ana)

    def test_in_turn_each_gets_as_many(self):
        self._both_all_day()
        self.team.write({"social_routing": "round_robin", "social_capacity": 0})
        self._hire("Cleo")
        self.team.social_ringing = "never"
        who = [
            self._write_in(f"2026-08-17 10:0{n}", str(n), who=f"c{n}").user_id.name
            for n in range(6)
        ]
        self.assertEqual(who, ["Ana", "Bea", "Cleo"] * 2)

    def test_in_turn_within_one_pass_too(self):
        self._both_all_day()
        self.team.social_routing = "round_robin"
        tickets = [self._say("2026-08-17 10:00", str(n), who=f"c{n}").ticket_id for n in range(4)]
        self._route("2026-08-17 10:00")
        self.assertEqual([t.user_id.name for t in tickets], ["Ana", "Bea", "Ana", "Bea"])

    def test_in_turn_also_who_has_more_to_do(self):
        self._both_all_day()
        self.team.social_routing = "round_robin"
        for number in range(3):
            self._say("2026-08-17 09:00", f"o{number}", who=f"o{number}")
        with freeze_time(at("2026-08-17 09:30")):
            self.env["helpdesk.ticket"].search(
                [("social_route_at", "!=", False)]
            ).user_id = self.ana
        with freeze_time(at("2026-08-17 09:40")):
            self._say("2026-08-17 09:40", "b", who="b").ticket_id.user_id = self.bea
        self.assertEqual(self._write_in("2026-08-17 10:00").user_id, self.ana, "Bea was last")

    def test_whoever_has_least_to_do(self):
        self._both_all_day()
        mentions = [self._say("2026-08-17 09:30", str(n), who=f"c{n}") for n in range(3)]
        for mention, user in zip(mentions, (self.bea, self.bea, self.ana), strict=True):
            mention.ticket_id.user_id = user
        self.assertEqual(self._write_in("2026-08-17 10:00", "9").user_id, self.ana)
        self._reply_at("2026-08-17 10:10", mentions[0])
        self._reply_at("2026-08-17 10:10", mentions[1])
        ticket = self._write_in("2026-08-17 10:20", "10", who="dora")
        self.assertEqual(ticket.user_id, self.bea, "nobody waits for her any more")

    def test_among_equals_whoever_was_given_one_longest_ago(self):
        self._both_all_day()
        for number, user, local in ((1, self.ana, "09:40"), (2, self.bea, "09:20")):
            with freeze_time(at(f"2026-08-17 {local}")):
                mention = self._say(f"2026-08-17 {local}", str(number), who=f"c{number}")
                mention.ticket_id.user_id = user
        self.assertEqual(self._write_in("2026-08-17 10:00", "9").user_id, self.bea)

    # -- What ----------------------------------------------------------------------

    def test_a_team_that_chooses_by_hand_is_left_alone(self):
        self.team.social_routing = "manual"
        ticket = self._write_in("2026-08-17 10:00")
        self.assertFalse(ticket.user_id)
        self.assertFalse(ticket.social_route_at)

    def test_switched_on_it_takes_what_waits_switched_off_it_forgets(self):
        self.team.social_routing = "manual"
        ticket = self._write_in("2026-08-16 10:00")
        self.team.social_routing = "round_robin"
        self.assertTrue(ticket.social_route_at)
        self.team.social_routing = "manual"
        self.assertFalse(ticket.social_route_at)

    def test_thanks_and_history_are_nobodys(self):
        thanks = self._write_in("2026-08-17 10:00", body="Thank you!")
        history = self._say("2025-08-15 10:00", "2", who="dora").ticket_id
        self._route("2026-08-17 10:00")
        self.assertFalse(thanks.user_id)
        self.assertFalse(history.user_id)

    def test_what_arrives_more_than_a_day_late_is_not_handed_out(self):
        with freeze_time(at("2026-08-19 10:00")):
            mention = self._receive(self._mention(posted_at=at("2026-08-17 10:00")))
            self.assertFalse(mention.ticket_id.social_route_at)

    def test_tickets_of_other_channels_are_left_alone(self):
        with freeze_time(at("2026-08-17 10:00")):
            ticket = self.env["helpdesk.ticket"].create(
                {
                    "name": "Mail",
                    "description": "x",
                    "team_id": self.team.id,
                    "user_id": self.ana.id,
                }
            )
            ticket.user_id = False
        self._route("2026-08-17 10:00")
        self.assertFalse(ticket.user_id)
        self.assertFalse(ticket.social_route_at)

    def test_all_that_odoo_does_on_assignment_happens(self):
        self.ana.notification_type = "inbox"
        ticket = self._write_in("2026-08-17 10:00")
        self.assertIn(self.ana.partner_id, ticket.message_partner_ids)
        self.assertEqual(ticket.assigned_date, at("2026-08-17 10:00"))
        self.assertIn(ticket.name, self._told(self.ana)[-1])
        tracked = ticket.message_ids.tracking_value_ids.field_id.mapped("name")
        self.assertIn("user_id", tracked)

    def test_another_team_finds_somebody_of_its_own(self):
        cleo = self._hire("Cleo")
        other = self.env["helpdesk.ticket.team"].create(
            {"name": "Other", "resource_calendar_id": self.calendar.id, "user_ids": cleo.ids}
        )
        self.team.user_ids -= cleo
        ticket = self._write_in("2026-08-17 10:00")
        with freeze_time(at("2026-08-17 10:10")):
            ticket.team_id = other
        self._route("2026-08-17 10:10")
        self.assertEqual(ticket.user_id, cleo)

    def test_who_gives_it_back_does_not_get_it_again_in_this_shift(self):
        ticket = self._write_in("2026-08-17 13:50")
        with freeze_time(at("2026-08-17 13:55")):
            ticket.with_user(self.ana).user_id = False
        self._route("2026-08-17 13:56")
        self.assertFalse(ticket.user_id)
        self._route("2026-08-17 14:00")
        self.assertEqual(ticket.user_id, self.bea)

    def test_who_is_alone_gets_what_they_gave_back_in_the_next_shift(self):
        self.team.user_ids = self.ana
        ticket = self._write_in("2026-08-17 13:50")
        with freeze_time(at("2026-08-17 13:55")):
            ticket.with_user(self.ana).user_id = False
        self._route("2026-08-17 13:56")
        self._route("2026-08-18 09:00")
        self.assertEqual(ticket.user_id, self.ana)

    def test_answered_closed_or_archived_it_looks_for_nobody(self):
        for number, end in enumerate(
            (
                lambda mention: self._reply_at("2026-08-16 12:00", mention),
                lambda mention: mention.ticket_id.write({"stage_id": self.stage_done.id}),
                lambda mention: mention.ticket_id.write({"active": False}),
            )
        ):
            mention = self._say("2026-08-16 10:00", str(number), who=f"c{number}")
            self.assertTrue(mention.ticket_id.social_route_at)
            with freeze_time(at("2026-08-16 12:00")):
                end(mention)
            self.assertFalse(mention.ticket_id.social_route_at, number)

    def test_reopened_by_hand_it_looks_for_somebody(self):
        ticket = self._say("2026-08-17 10:00").ticket_id
        with freeze_time(at("2026-08-17 10:10")):
            ticket.stage_id = self.stage_done
            self.assertFalse(ticket.social_route_at)
            ticket.stage_id = self.stage_progress
        self.assertTrue(ticket.social_waiting_since)
        self.assertTrue(ticket.social_route_at)

    def test_reopened_before_its_answer_went_out_it_looks_for_somebody(self):
        """Closed with an answer on its way, the customer waits all the while."""
        mention = self._say("2026-08-17 10:00")
        self.env["social.care.reply"].create(
            {"mention_id": mention.id, "body": "Answer", "state": "queued"}
        )
        with freeze_time(at("2026-08-17 10:10")):
            mention.ticket_id.write({"user_id": False, "stage_id": self.stage_done.id})
            self.assertTrue(mention.ticket_id.social_waiting_since)
            self.assertFalse(mention.ticket_id.social_route_at)
            mention.ticket_id.stage_id = self.stage_progress
        self.assertTrue(mention.ticket_id.social_route_at)

    def test_a_ticket_whose_assignee_is_away_goes_to_a_colleague(self):
        ticket = self._write_in("2026-08-17 10:00")
        with freeze_time(at("2026-08-17 14:30")):
            ticket._social_care_want_routing()
        self._route("2026-08-17 14:30")
        self.assertEqual(ticket.user_id, self.bea)

    def test_who_is_back_keeps_it(self):
        ticket = self._write_in("2026-08-17 10:00")
        with freeze_time(at("2026-08-17 21:00")):
            ticket._social_care_want_routing()
        self._route("2026-08-18 09:00")
        self.assertEqual(ticket.user_id, self.ana)
        self.assertFalse(ticket.social_route_at)

    def test_nobody_puts_a_ticket_into_the_queue_by_writing(self):
        ticket = self._write_in("2026-08-17 10:00")
        with self.assertRaises(AccessError):
            ticket.with_user(self.ana).social_route_at = at("2026-08-17 10:00")

    def test_the_number_of_tickets_does_not_matter_to_finding_their_people(self):
        self._both_all_day()
        self.team.social_capacity = 1
        moment = at("2026-08-17 10:00")
        items = [
            self._mention(str(n), who=f"c{n}", posted_at=moment - timedelta(minutes=n))
            for n in range(100)
        ]
        with freeze_time(moment):
            self._receive(*items)
        with freeze_time(at("2026-08-17 10:05")):
            tickets = self.env["helpdesk.ticket"].search([("social_route_at", "!=", False)])
            self.assertEqual(len(tickets), 100)
            for name in ("c99", "c98"):  # the oldest two
                ticket = tickets.filtered(
                    lambda item, who=name: item.social_author_id.handle == who
                )
                ticket.user_id = self.ana if name == "c99" else self.bea
            self.env.flush_all()
            self.env.invalidate_all()
            # Both are busy: 98 tickets are read, and left in the queue.
            with self.assertQueryCount(40):
                tickets._social_care_find_agents()
