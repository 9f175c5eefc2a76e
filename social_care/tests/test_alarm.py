from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user

from .common import MONDAY_10, SocialCareCommon

# The promise is two hours: a post on Monday at 10:00 is due at 12:00, the warning at 11:30.
AT_1129, AT_1130 = "2026-08-17 09:29:00", "2026-08-17 09:30:00"
AT_1200, AT_1201 = "2026-08-17 10:00:00", "2026-08-17 10:01:00"


class TestAlarm(SocialCareCommon):
    """Who holds a ticket is warned at three quarters of the time, the leader told of a breach."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader = new_test_user(
            cls.env,
            login="leader",
            name="Lola Leader",
            groups="social_care.social_care_group_manager",
        )
        cls.team.write({"user_id": cls.leader.id, "user_ids": [Command.link(cls.leader.id)]})
        (cls.agent | cls.leader).notification_type = "inbox"

    def _ticket(self, external_id="1", who="ana", assigned=True, **values):
        with freeze_time("2026-08-17 08:00:00"):
            ticket = self._receive(self._mention(external_id, who, **values)).ticket_id
            if assigned:
                # Odoo's own notice of the assignment is another matter.
                ticket.with_context(mail_auto_subscribe_no_notify=True).user_id = self.agent
            self.env.flush_all()
        return ticket

    def _watch(self, at):
        with freeze_time(at):
            return self.env["helpdesk.ticket.sla"]._social_care_watch()

    def _told(self, user):
        """Subjects of what somebody was told, oldest first."""
        return (
            self.env["mail.notification"]
            .search([("res_partner_id", "=", user.partner_id.id)], order="id")
            .mail_message_id.mapped("subject")
        )

    def _activities(self, user):
        return self.team.activity_search(
            ["social_care.mail_activity_type_late"], user_id=user.id
        ).mapped("summary")

    def test_the_warning_is_planned_with_the_deadline(self):
        row = self._ticket().ticket_sla_ids
        self.assertEqual(row.social_alarm_at, datetime(2026, 8, 17, 9, 30))

    def test_the_warning_of_a_post_on_friday_1650_comes_on_monday_1020(self):
        # Ten minutes on Friday, an hour and fifty on Monday from 9:00; a quarter is half an hour.
        row = self._ticket(posted_at=datetime(2026, 8, 14, 14, 50)).ticket_sla_ids
        self.assertEqual(row.deadline, datetime(2026, 8, 17, 8, 50))
        self.assertEqual(row.social_alarm_at, datetime(2026, 8, 17, 8, 20))

    def test_a_minute_before_the_warning_nobody_is_told(self):
        self._ticket()
        self._watch(AT_1129)
        self.assertEqual(self._told(self.agent), [])

    def test_at_three_quarters_the_assignee_alone_is_told(self):
        self._ticket()
        self._watch(AT_1130)
        self.assertEqual(self._told(self.agent), ["1 due within 30 minutes"])
        self.assertEqual(self._told(self.leader), [])
        self.assertEqual(self._activities(self.agent), [], "activities only at the breach")

    def test_each_moment_is_told_once(self):
        self._ticket()
        for at in (AT_1130, AT_1130, AT_1200, AT_1201, "2026-08-17 12:00:00"):
            self._watch(at)
        self.assertEqual(self._told(self.agent), ["1 due within 30 minutes", "1 late"])

    def test_fourteen_due_are_one_notification_with_the_list(self):
        for number in range(14):
            self._ticket(str(number), f"customer{number}")
        self._watch(AT_1130)
        self.assertEqual(self._told(self.agent), ["14 due within 30 minutes"])
        message = self.env["mail.message"].search([("subject", "=", "14 due within 30 minutes")])
        self.assertEqual(message.body.count("<li>"), 14)

    def test_at_the_breach_the_leader_is_told_too_and_each_has_one_activity(self):
        self._ticket("1", "ana")
        self._ticket("2", "ben")
        self._watch(AT_1200)
        for user in (self.agent, self.leader):
            self.assertEqual(self._told(user), ["2 late"])
            self.assertEqual(self._activities(user), ["Late answers: 2"])

    def test_the_activity_is_updated_not_multiplied_and_goes_with_the_last_answer(self):
        first, second = (
            self._ticket("1", "ana"),
            self._ticket("2", "ben", posted_at=MONDAY_10 - timedelta(minutes=30)),
        )
        self._watch("2026-08-17 09:30:00")
        self.assertEqual(self._activities(self.agent), ["Late answers: 1"])
        self._watch(AT_1200)
        self.assertEqual(self._activities(self.agent), ["Late answers: 2"])
        for ticket, left in ((first, ["Late answers: 1"]), (second, [])):
            ticket.ticket_sla_ids._social_care_reach(datetime(2026, 8, 17, 10, 30))
            self.assertEqual(self._activities(self.agent), left)

    def test_handed_over_it_is_late_with_the_other(self):
        ticket = self._ticket()
        self._watch(AT_1200)
        with freeze_time(AT_1201):
            other = new_test_user(
                self.env, login="other", groups="social_care.social_care_group_agent"
            )
            self.team.user_ids |= other
            ticket.with_user(self.agent).user_id = other
        self.assertEqual(self._activities(self.agent), [])
        self.assertEqual(self._activities(other), ["Late answers: 1"])
        self.assertEqual(self._activities(self.leader), ["Late answers: 1"])

    def test_given_to_another_team_it_is_late_there(self):
        ticket = self._ticket()
        self._watch(AT_1200)
        with freeze_time(AT_1201):
            ticket.team_id = self.team.copy({"name": "Elsewhere"})
        self.assertEqual(self._activities(self.leader), [])

    def test_archived_it_is_not_to_do_until_it_is_back(self):
        ticket = self._ticket()
        self._watch(AT_1200)
        for active, left in ((False, []), (True, ["Late answers: 1"])):
            with freeze_time(AT_1201):
                ticket.active = active
            self.assertEqual(self._activities(self.agent), left)
            self.assertEqual(self._activities(self.leader), left)

    def test_a_deadline_moved_ahead_is_late_no_longer(self):
        row = self._ticket().ticket_sla_ids
        self._watch(AT_1200)
        with freeze_time(AT_1201):
            row.deadline = datetime(2026, 8, 17, 12, 0)
        self.assertFalse(row.social_breached_at)
        self.assertEqual(self._activities(self.agent) + self._activities(self.leader), [])

    def test_what_somebody_who_left_holds_is_told_to_the_leader(self):
        self._ticket()
        self.agent.active = False
        self._watch(AT_1130)
        self.assertEqual(self._told(self.agent), [])
        self.assertEqual(self._told(self.leader), ["1 due within 30 minutes"])

    def test_without_a_team_the_warning_comes_at_three_quarters_too(self):
        row = self._ticket().ticket_sla_ids
        with freeze_time(MONDAY_10):
            row.ticket_id.team_id = False
            row._social_care_set_alarms()
        self.assertEqual(row.social_alarm_at, row.deadline - timedelta(minutes=30))

    def test_a_breach_is_the_deadline_not_the_look_at_it(self):
        row = self._ticket().ticket_sla_ids
        self._watch("2026-08-17 13:37:00")
        self.assertEqual(row.social_breached_at, datetime(2026, 8, 17, 10, 0))
        self.assertTrue(row.ticket_id.sla_expired, "the helpdesk's own badge agrees")
        self.assertEqual(row.ticket_id.social_deadline, row.deadline, "it still shows, late")

    def test_a_due_clock_is_seen_whatever_the_stage(self):
        ticket = self._ticket()
        ticket.stage_id = self.stage_progress
        self._watch(AT_1130)
        self.assertEqual(self._told(self.agent), ["1 due within 30 minutes"])

    def test_what_was_answered_rings_no_bell(self):
        ticket = self._ticket()
        ticket.ticket_sla_ids._social_care_reach(datetime(2026, 8, 17, 9, 0))
        self.assertFalse(self._watch(AT_1200))

    def test_a_ticket_of_nobody_is_told_to_the_leader(self):
        self._ticket(assigned=False)
        self._watch(AT_1130)
        self.assertEqual(self._told(self.leader), ["1 due within 30 minutes"])

    def test_outside_their_shift_nobody_is_notified(self):
        self._give_shift(self.agent, [(13, 17)])
        self._ticket()
        self._watch(AT_1130)
        self.assertEqual(self._told(self.agent), [])
        self._watch(AT_1200)
        self.assertEqual(self._told(self.agent), [])
        self.assertEqual(self._activities(self.agent), ["Late answers: 1"], "it waits for them")
        self.assertEqual(self._told(self.leader), ["1 late"])

    def test_a_warning_waits_for_the_shift(self):
        # Three hours: due at 13:00, the warning at 12:15; the agent begins at 12:30.
        self.policy.hours = 3
        self._give_shift(self.agent, [(12.5, 17)])
        row = self._ticket().ticket_sla_ids
        self._watch("2026-08-17 10:15:00")
        self.assertEqual(row.social_alarm_at, datetime(2026, 8, 17, 10, 30))
        self._watch("2026-08-17 10:30:00")
        self.assertEqual(self._told(self.agent), ["1 due within 30 minutes"])

    def test_time_off_is_no_shift(self):
        resource = self._give_shift(self.agent, [(9, 17)])
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holidays",
                "resource_id": resource.id,
                "calendar_id": resource.calendar_id.id,
                "date_from": datetime(2026, 8, 16, 22, 0),
                "date_to": datetime(2026, 8, 21, 22, 0),
            }
        )
        self._ticket()
        self._watch(AT_1130)
        self.assertEqual(self._told(self.agent), [])

    def test_equal_deadlines_severe_first_then_reach(self):
        small, large, severe = (self._ticket(who, who) for who in ("small", "large", "severe"))
        large.social_reach, severe.social_severe = 5000, True
        self._watch(AT_1130)
        body = self.env["mail.message"].search([("subject", "=", "3 due within 30 minutes")]).body
        places = [body.index(f'data-oe-id="{ticket.id}"') for ticket in (severe, large, small)]
        self.assertEqual(places, sorted(places))

    def test_a_team_may_hand_over_and_raise_what_is_late(self):
        self.team.write({"social_breach_assign": "leader", "social_breach_raise": True})
        ticket = self._ticket()
        self._watch(AT_1200)
        self.assertEqual(ticket.user_id, self.leader)
        self.assertEqual(ticket.priority, "3")

    def test_what_came_a_day_late_rings_no_bell(self):
        ticket = self._ticket(posted_at=datetime(2026, 8, 10, 8, 0))
        self.assertTrue(ticket.social_mention_ids.late)
        self._watch(AT_1200)
        self.assertEqual(self._told(self.agent), [])
        self.assertTrue(ticket.ticket_sla_ids.social_breached_at, "it is missed all the same")

    def test_history_has_no_clock_and_no_alarm(self):
        ticket = self._ticket(history=True)
        self.assertFalse(ticket.ticket_sla_ids)

    def test_a_deadline_that_moves_moves_its_alarm(self):
        row = self._ticket().ticket_sla_ids
        self._watch(AT_1200)
        with freeze_time(AT_1201):
            row.deadline = datetime(2026, 8, 17, 14, 0)
        self.assertEqual(row.social_alarm_at, datetime(2026, 8, 17, 13, 30))
        self.assertFalse(row.social_breached_at, "the later promise is not missed yet")

    def test_an_idle_pass_costs_one_query(self):
        self._ticket()
        self.env.flush_all()
        with freeze_time(AT_1129), self.assertQueryCount(1):
            self.env["helpdesk.ticket.sla"]._social_care_watch()

    def test_the_pass_uses_its_index(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(
            """EXPLAIN SELECT id FROM helpdesk_ticket_sla
                WHERE state = 'in_progress' AND social_alarm_at <= now() AT TIME ZONE 'UTC'
             ORDER BY social_alarm_at, id LIMIT 500"""
        )
        plan = "\n".join(line for (line,) in self.env.cr.fetchall())
        self.assertIn("helpdesk_ticket_sla_social_alarm", plan)

    def test_a_clock_that_cannot_be_told_never_blocks_the_others(self):
        bad, good = self._ticket(), self._ticket("2", "bo")
        breached = self.env.registry["helpdesk.ticket"]._social_care_breached

        def refuse(tickets):
            if bad in tickets:
                raise ValueError("a broken ticket")
            return breached(tickets)

        self.patch(self.env.registry["helpdesk.ticket"], "_social_care_breached", refuse)
        with freeze_time(AT_1201), self.assertLogs("odoo.addons.social_care", "ERROR"):
            self._run_cron("ir_cron_watch")
        self.assertEqual(self._told(self.agent), ["1 late"])
        self.assertTrue(good.ticket_sla_ids.social_breached_at)
        self.assertFalse(bad.ticket_sla_ids.social_breached_at, "tried again a minute later")

    def test_the_cron_runs_it(self):
        self._ticket()
        with freeze_time(AT_1130):
            self._run_cron("ir_cron_watch")
        self.assertEqual(self._told(self.agent), ["1 due within 30 minutes"])
