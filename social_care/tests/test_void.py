from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .clock_common import at
from .shift_common import AGENT, ShiftCommon


class TestVoid(ShiftCommon):
    """Nobody writes into a void: where who has the ticket is not there in time, a colleague is found."""

    def _is_looked_for(self, ticket):
        return bool(ticket.social_route_at)

    def _banner(self, ticket, user, local):
        with freeze_time(at(local)):
            ticket.invalidate_recordset(["social_away_text"])
            return ticket.with_user(user).with_context(tz="Europe/Madrid").social_away_text

    # -- Off shift -------------------------------------------------------------

    def test_who_is_on_shift_reads_it(self):
        ticket = self._ticket_of(self.bea)
        self._say("2026-08-17 10:30", "2")
        self.assertFalse(self._is_looked_for(ticket))
        self.assertFalse(self._banner(ticket, self.leo, "2026-08-17 10:30"))

    def test_who_comes_back_after_the_deadline_is_away(self):
        """Monday 13:00, due at 15:00; Bea goes at 14:00 and comes back on Tuesday at 9:00."""
        ticket = self._ticket_of(self.bea, "2026-08-17 13:00")
        self._say("2026-08-17 14:10", "2")
        self.assertTrue(self._is_looked_for(ticket))
        self.assertEqual(ticket.user_id, self.bea, "hers, until somebody takes it")
        self.assertEqual(
            self._banner(ticket, self.leo, "2026-08-17 14:10"), "Bea is off until Tuesday 9:00."
        )
        self.assertFalse(self._banner(ticket, self.bea, "2026-08-17 14:10"), "she knows")

    def test_who_comes_back_before_the_deadline_is_there(self):
        """Monday 19:30, due on Tuesday at 10:30; Bea is back at 9:00."""
        ticket = self._ticket_of(self.bea, "2026-08-17 19:30")
        self._say("2026-08-17 19:40", "2")
        self.assertFalse(self._is_looked_for(ticket))
        self.assertFalse(self._banner(ticket, self.leo, "2026-08-17 19:40"))

    def test_who_begins_at_the_deadline_is_there(self):
        """Leo begins at 14:00; what is due at 14:00 is his, what is due at 13:59 is not."""
        in_time = self._ticket_of(self.leo, "2026-08-17 12:00")
        self._say("2026-08-17 12:30", "2")
        self.assertFalse(self._is_looked_for(in_time))
        late = self._ticket_of(self.leo, "2026-08-17 11:59", "3", who="bo")
        self._say("2026-08-17 12:30", "4", who="bo")
        self.assertTrue(self._is_looked_for(late))

    def test_without_a_promise_a_day_is_in_time(self):
        self.policy.active = False
        ticket = self._ticket_of(self.bea, "2026-08-17 15:00")
        self._say("2026-08-17 15:10", "2")
        self.assertFalse(self._is_looked_for(ticket), "back on Tuesday at 9:00")
        self._say("2026-08-21 15:10", "3", kind="direct", visibility="direct")
        self.assertTrue(self._is_looked_for(ticket), "Friday: back on Monday at 9:00")

    def test_the_clock_changes_over_the_weekend(self):
        """Friday in summer time; on Monday it is winter, and 9:00 is still 9:00."""
        ticket = self._ticket_of(self.bea, "2026-10-23 15:00")
        self._say("2026-10-23 15:10", "2")
        self.assertTrue(self._is_looked_for(ticket))
        self.assertEqual(
            self._banner(ticket, self.leo, "2026-10-23 15:10"), "Bea is off until Monday 9:00."
        )

    def test_at_night_it_is_looked_for_at_once_and_found_at_opening(self):
        """Monday 22:00, due on Tuesday at 11:00; Leo begins at 14:00."""
        ticket = self._ticket_of(self.leo, "2026-08-17 16:00")
        self._reply_at("2026-08-17 16:30", ticket.social_mention_ids)
        self._next_response(hours=2)
        self._say("2026-08-17 22:00", "2")
        self.assertTrue(self._is_looked_for(ticket))

    def _find(self, local):
        with freeze_time(at(local)):
            self._run_cron("ir_cron_route")

    def test_a_colleague_on_shift_is_rung(self):
        self.team.social_ringing = "always"
        ticket = self._ticket_of(self.bea, "2026-08-17 13:00")
        self._say("2026-08-17 14:10", "2")
        self._find("2026-08-17 14:10")
        ring = ticket.social_ring_ids
        self.assertEqual((ring.user_id, ring.result), (self.leo, False))
        self.assertEqual(ticket.user_id, self.bea)
        with freeze_time(at("2026-08-17 14:11")):
            ring.with_user(self.leo).action_take()
        self.assertEqual(ticket.user_id, self.leo)
        self.assertFalse(self._is_looked_for(ticket))

    def test_without_ringing_a_colleague_has_it_at_once(self):
        self.team.social_ringing = "never"
        ticket = self._ticket_of(self.bea, "2026-08-17 13:00")
        self._say("2026-08-17 14:10", "2")
        self._find("2026-08-17 14:10")
        self.assertEqual(ticket.user_id, self.leo)
        self.assertIn(self.bea, self._followers(ticket))

    # -- On leave, gone -----------------------------------------------------------

    def test_who_is_on_leave_is_away(self):
        self._time_off(self.bea_resource, "2026-08-17 00:00", "2026-08-19 23:59")
        ticket = self._ticket_of(self.bea, "2026-08-17 09:30")
        self._say("2026-08-17 10:00", "2")
        self.assertTrue(self._is_looked_for(ticket))
        self.assertEqual(
            self._banner(ticket, self.leo, "2026-08-17 10:00"), "Bea is off until Thursday 9:00."
        )

    def test_a_long_leave_has_no_end_in_sight(self):
        self._time_off(self.bea_resource, "2026-08-17 00:00", "2026-09-20 23:59")
        ticket = self._ticket_of(self.bea, "2026-08-17 09:30")
        self.assertEqual(
            self._banner(ticket, self.leo, "2026-08-17 10:00"),
            "Bea is off for two weeks at least.",
        )

    def test_a_return_in_more_than_a_week_has_a_date(self):
        self._time_off(self.bea_resource, "2026-08-17 00:00", "2026-08-25 23:59")
        ticket = self._ticket_of(self.bea, "2026-08-17 09:30")
        self.assertEqual(
            self._banner(ticket, self.leo, "2026-08-17 10:00"), "Bea is off until 26 August 9:00."
        )

    def test_a_leave_of_somebody_without_hours_of_their_own_counts(self):
        """Bea works whenever the team does, and is off until Monday noon."""
        self.bea_resource.calendar_id = False
        leave = self._time_off(self.bea_resource, "2026-08-17 00:00", "2026-08-17 12:00")
        ticket = self._ticket_of(self.bea, "2026-08-17 09:30")
        self.assertEqual(
            self._banner(ticket, self.leo, "2026-08-17 10:00"), "Bea is off until Monday 12:00."
        )
        leave.date_to = at("2026-08-17 11:00")
        self.assertFalse(self._banner(ticket, self.leo, "2026-08-17 10:00"), "due at 11:30")

    def test_time_elsewhere_that_counts_as_work_is_no_leave(self):
        """As a training: Bea works whenever the team does."""
        self.bea_resource.calendar_id = False
        training = self._time_off(self.bea_resource, "2026-08-17 00:00", "2026-08-17 12:00")
        training.time_type = "other"
        ticket = self._ticket_of(self.bea, "2026-08-17 09:30")
        self.assertFalse(self._banner(ticket, self.leo, "2026-08-17 10:00"))

    def test_a_leave_that_ends_before_the_deadline_changes_nothing(self):
        self._time_off(self.bea_resource, "2026-08-17 09:00", "2026-08-17 10:30")
        ticket = self._ticket_of(self.bea, "2026-08-17 09:30")
        self._say("2026-08-17 10:00", "2")
        self.assertFalse(self._is_looked_for(ticket))

    def test_who_was_archived_before_is_away(self):
        """As where the addon was installed later."""
        ticket = self._ticket_of(self.bea)
        self.env.cr.execute("UPDATE res_users SET active = FALSE WHERE id = %s", [self.bea.id])
        self.env.invalidate_all()
        self._say("2026-08-17 10:30", "2")
        self.assertTrue(self._is_looked_for(ticket))

    def test_who_is_not_of_the_team_is_away(self):
        stranger = new_test_user(self.env, login="stranger", name="Stranger", groups=AGENT)
        ticket = self._ticket_of(stranger)
        self._say("2026-08-17 10:30", "2")
        self.assertTrue(self._is_looked_for(ticket))
        self.assertEqual(
            self._banner(ticket, self.leo, "2026-08-17 10:30"),
            "Stranger does not answer for this team.",
        )

    def test_who_is_no_agent_is_away(self):
        helper = new_test_user(
            self.env, login="helper", groups="helpdesk_mgmt.group_helpdesk_user_team"
        )
        self.team.user_ids |= helper
        ticket = self._ticket_of(helper)
        self._say("2026-08-17 10:30", "2")
        self.assertTrue(self._is_looked_for(ticket))

    def test_the_leader_and_who_is_on_call_belong_to_the_team(self):
        on_call = new_test_user(self.env, login="on_call", groups=AGENT)
        self.env["social.care.on.call"].create({"team_id": self.team.id, "user_id": on_call.id})
        for number, user in enumerate((self.nora, on_call)):
            ticket = self._ticket_of(user, external_id=f"a{number}", who=f"c{number}")
            self._say("2026-08-17 10:30", f"b{number}", who=f"c{number}")
            self.assertFalse(self._is_looked_for(ticket), user.login)

    # -- What is none of it ---------------------------------------------------------

    def test_thanks_alone_look_for_nobody(self):
        ticket = self._ticket_of(self.bea, "2026-08-17 13:00")
        self._reply_at("2026-08-17 13:10", ticket.social_mention_ids)
        self._say("2026-08-17 15:10", "2", body="Thank you!")
        self.assertFalse(self._is_looked_for(ticket))
        self.assertFalse(self._banner(ticket, self.leo, "2026-08-17 15:10"))

    def test_what_came_a_day_late_looks_for_nobody(self):
        ticket = self._ticket_of(self.bea, "2026-08-17 13:00")
        with freeze_time(at("2026-08-18 15:00")):
            self._receive(self._mention("2", posted_at=at("2026-08-17 14:30")))
        self.assertEqual(len(ticket.social_mention_ids), 2)
        self.assertFalse(self._is_looked_for(ticket))

    def test_a_ticket_from_elsewhere_is_as_before(self):
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "By mail", "description": "x", "team_id": self.team.id, "user_id": self.bea.id}
        )
        ticket.message_unsubscribe(self.bea.partner_id.ids)
        self.assertFalse(self._banner(ticket, self.leo, "2026-08-22 10:00"), "a Saturday")
        ticket.user_id = self.leo
        self.assertNotIn(self.bea, self._followers(ticket))

    def test_a_closed_ticket_has_no_banner(self):
        ticket = self._ticket_of(self.bea, "2026-08-17 13:00")
        self._move("2026-08-17 13:30", ticket, self.stage_done)
        self.assertFalse(self._banner(ticket, self.leo, "2026-08-17 15:00"))

    # -- By hand ------------------------------------------------------------------

    def test_by_hand_the_leader_is_told_once_a_wait(self):
        self.team.social_routing = "manual"
        ticket = self._ticket_of(self.bea, "2026-08-17 13:00")
        self._say("2026-08-17 15:00", "2", body="Is anybody there?")
        self._say("2026-08-17 15:10", "3", body="Hello?")
        self.assertFalse(self._is_looked_for(ticket))
        notice = self._notices(self.nora)
        self.assertEqual(len(notice), 1)
        self.assertEqual(notice.subject, "Bea is off until Tuesday 9:00.")
        self.assertIn("Is anybody there?", notice.body)

        self._next_response()
        self._reply_at("2026-08-17 15:20", ticket.social_mention_ids[0])
        self._say("2026-08-17 15:30", "4", body="And now?")
        self.assertEqual(len(self._notices(self.nora)), 2, "a new wait")

    def test_by_hand_the_leader_is_told_of_the_next_who_is_away(self):
        self.team.social_routing = "manual"
        ticket = self._ticket_of(self.bea, "2026-08-17 13:00")
        self._say("2026-08-17 15:00", "2")
        self._time_off(self.leo_resource, "2026-08-17 00:00", "2026-08-19 00:00")
        with freeze_time(at("2026-08-17 15:05")):
            ticket.user_id = self.leo
        self._say("2026-08-17 15:10", "3")
        self.assertEqual(
            self._notices(self.nora).mapped("subject"),
            ["Leo is off until Wednesday 14:00.", "Bea is off until Tuesday 9:00."],
        )

    def test_by_hand_a_leader_who_has_it_is_not_told_of_themselves(self):
        self.team.social_routing = "manual"
        self._time_off(
            self._give_shift(self.nora, [(9, 14)]), "2026-08-17 00:00", "2026-08-20 00:00"
        )
        self._ticket_of(self.nora, "2026-08-17 13:00")
        before = self._notices(self.nora)
        self._say("2026-08-17 15:00", "2")
        self.assertEqual(self._notices(self.nora), before)

    # -- What a colleague is told, and does -------------------------------------------

    def test_the_ring_tells_why_and_the_last_lines(self):
        self._next_response()
        ticket = self._ticket_of(self.bea, "2026-08-17 13:00", body="My suitcase is lost")
        self._say("2026-08-17 13:05", "2", body="It is red")
        self._reply_at("2026-08-17 13:10", ticket.social_mention_ids[0], body="Which flight?")
        self._say("2026-08-17 15:00", "3", body="<b>AU 12</b> to Lisbon")
        with freeze_time(at("2026-08-17 15:00")):
            ring = self.env["social.care.ring"]._ring({ticket: self.leo})
            self.assertEqual(
                ticket.with_context(tz="Europe/Madrid")._social_care_ring_text().split("\n"),
                [
                    "Bea is off until Tuesday 9:00.",
                    "Ana: It is red",
                    "Bea: Which flight?",
                    "Ana: <b>AU 12</b> to Lisbon",
                ],
            )
        notice = self._notices(ring.user_id)[0]
        self.assertIn("Bea is off until Tuesday 9:00.<br>Ana: It is red<br>", notice.body)
        self.assertIn("&lt;b&gt;AU 12&lt;/b&gt;", notice.body)

    def test_one_message_rings_with_its_text_alone(self):
        ticket = self._say("2026-08-17 10:00", body="My suitcase is lost").ticket_id
        self.assertEqual(ticket._social_care_ring_text(), "My suitcase is lost")

    def test_deleted_words_leave_the_notices(self):
        ticket = self._ticket_of(self.bea, "2026-08-17 13:00", body="I live in Calle Mayor 1")
        with freeze_time(at("2026-08-17 15:00")):
            self.env["social.care.ring"]._ring({ticket: self.leo})
            notice = self._notices(self.leo)[0]
            self.assertIn("Calle Mayor", notice.body)
            ticket.social_mention_ids._blank("erased")
        self.assertNotIn("Calle Mayor", notice.body)
        self.assertIn("Erased on request", notice.body)

    def test_who_takes_the_ring_has_it_and_the_first_follows(self):
        ticket = self._ticket_of(self.bea, "2026-08-17 13:00")
        ticket.message_unsubscribe(self.bea.partner_id.ids)
        with freeze_time(at("2026-08-17 15:00")):
            ring = self.env["social.care.ring"]._ring({ticket: self.leo})
            ring.with_user(self.leo).action_take()
        self.assertEqual(ticket.user_id, self.leo)
        self.assertLessEqual(self.bea | self.leo, self._followers(ticket))

    def test_a_colleague_takes_over_by_the_banner(self):
        ticket = self._ticket_of(self.bea, "2026-08-17 13:00")
        ticket.message_unsubscribe(self.bea.partner_id.ids)
        ticket.with_user(self.leo).action_social_take_over()
        self.assertEqual(ticket.user_id, self.leo)
        self.assertIn(self.bea, self._followers(ticket))

    def test_who_left_does_not_follow(self):
        stranger = new_test_user(self.env, login="stranger", groups=AGENT)
        ticket = self._ticket_of(stranger)
        ticket.message_unsubscribe(stranger.partner_id.ids)
        ticket.with_user(self.leo).action_social_take_over()
        self.assertNotIn(stranger, self._followers(ticket))

    def test_only_agents_of_the_team_take_over(self):
        ticket = self._ticket_of(self.bea, "2026-08-17 13:00")
        helper = new_test_user(
            self.env, login="helper", groups="helpdesk_mgmt.group_helpdesk_user_team"
        )
        self.team.user_ids |= helper
        stranger = new_test_user(self.env, login="stranger", groups=AGENT)
        for user in (helper, stranger):
            with self.assertRaises(AccessError, msg=user.login):
                ticket.with_user(user).action_social_take_over()
        self.assertEqual(ticket.user_id, self.bea)

    def test_nobody_writes_when_the_leader_was_told(self):
        ticket = self._ticket_of(self.bea)
        with self.assertRaises(AccessError):
            ticket.with_user(self.leo).write({"social_away_told_at": at("2026-08-17 10:00")})

    # -- In batches -----------------------------------------------------------------

    def _many(self, number):
        with freeze_time(at("2026-08-17 13:00")):
            mentions = self._receive(
                *(
                    self._mention(f"m{index}", f"c{index}", posted_at=at("2026-08-17 13:00"))
                    for index in range(number)
                )
            )
            tickets = self.env["helpdesk.ticket"].browse(mentions.ticket_id.ids)
            tickets[::2].user_id = self.bea
            tickets[1::2].user_id = self.leo
            self.env.flush_all()
        return tickets

    def test_a_list_of_tickets_takes_a_few_queries_a_team(self):
        tickets = self._many(40)
        for few in (tickets[:4], tickets):
            self.env.invalidate_all()
            with freeze_time(at("2026-08-17 14:30")), self.assertQueryCount(22):
                texts = few.with_user(self.leo).mapped("social_away_text")
            self.assertEqual(len([text for text in texts if text]), len(few) / 2)

    def test_many_customers_write_and_the_shifts_are_read_once(self):
        tickets = self._many(40)
        tickets.social_route_at = False
        with freeze_time(at("2026-08-17 14:30")):
            self.env.flush_all()
            self.env.invalidate_all()
            with self.assertQueryCount(30):
                tickets._social_care_find_stand_in()
                self.env.flush_all()
        looked_for = tickets.filtered("social_route_at")
        self.assertEqual(looked_for, tickets.filtered(lambda ticket: ticket.user_id == self.bea))
