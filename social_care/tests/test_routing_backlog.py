from datetime import timedelta

from freezegun import freeze_time

from odoo.fields import Domain
from odoo.tools import SQL

from .clock_common import at
from .routing_common import RoutingCommon

NOON = "2026-08-17 12:00"


class TestRoutingBacklog(RoutingCommon):
    """Far more customers wait than Ana and Bea may have; Cleo's team has room. Nobody is rung."""

    def setUp(self):
        super().setUp()
        self.ana, self.bea = self._hire("Ana"), self._hire("Bea")
        self.team.write({"social_capacity": 1, "social_ringing": "never"})

    def _come_in(self, number, who="c"):
        """So many customers write, a minute apart; gives their tickets, the first deadline first."""
        items = [
            self._mention(
                f"{who}{n}",
                who=f"{who}{n}",
                posted_at=at(NOON) - (number - n) * timedelta(minutes=1),
            )
            for n in range(number)
        ]
        with freeze_time(at(NOON)):
            self._receive(*items)
        tickets = self.env["helpdesk.ticket"].search([("social_author_id.handle", "like", who)])
        return tickets.sorted(lambda ticket: int(ticket.social_author_id.handle[1:]))

    def _find(self, local=NOON):
        with freeze_time(at(local)):
            return self.env["helpdesk.ticket.team"]._social_care_find_to_route()

    def _make_other_team(self):
        cleo = self._hire("Cleo")
        self.team.user_ids -= cleo
        return self.env["helpdesk.ticket.team"].create(
            {"name": "Other", "resource_calendar_id": self.calendar.id, "user_ids": cleo.ids}
        )

    def test_as_many_are_looked_at_as_there_is_room_for_the_first_deadlines_first(self):
        tickets = self._come_in(5)
        self.assertEqual(self._find(), tickets[:2])

    def test_what_nobody_has_room_for_is_not_looked_at(self):
        self._come_in(5)
        self._route(NOON)
        self.assertFalse(self._find())

    def test_a_full_team_keeps_no_other_team_waiting(self):
        mine = self._come_in(5)
        self._route(NOON)
        theirs = self._come_in(1, who="d")
        with freeze_time(at(NOON)):
            theirs.team_id = self._make_other_team()
        self.assertEqual(
            (all(mine.mapped("social_deadline")), theirs.social_deadline),
            (True, False),
            "theirs is the last in order",
        )
        self.assertEqual(self._find(), theirs)

    def test_the_number_that_waits_costs_nothing(self):
        self._come_in(3)
        self._route(NOON)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._find()
        few = self.env.cr.sql_log_count - before
        self._come_in(60, who="d")
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(few):
            self._find()

    def test_without_a_limit_all_are_found(self):
        self.team.social_capacity = 0
        tickets = self._come_in(5)
        self.assertEqual(self._find(), tickets)

    def test_who_refused_the_first_is_found_for_the_next(self):
        first, second, third = self._come_in(3)
        with freeze_time(at(NOON)):
            third.user_id = self.bea
            first.user_id = self.ana
            first.user_id = False
        self.assertEqual(self._find(), second, "Ana gave the first one back, Bea is busy")

    def test_what_all_refused_is_found_once_for_the_leader_to_be_told(self):
        [ticket] = self._come_in(1)
        self.team.user_ids = self.ana
        with freeze_time(at(NOON)):
            ticket.user_id = self.ana
            ticket.user_id = False
        self.assertEqual(self._find(), ticket)
        self._route(NOON)
        self.assertEqual(len(self._told(self.leader)), 1)
        self.assertFalse(self._find())

    def test_what_its_assignee_kept_is_found_though_nobody_has_room(self):
        tickets = self._come_in(3)
        self._route(NOON)
        kept = tickets[0]
        with freeze_time(at(NOON)):
            kept._social_care_want_routing()
        self.assertEqual(self._find(), kept)

    def test_who_let_a_ring_pass_is_rung_for_the_next_in_the_same_minute(self):
        self.team.write({"social_ringing": "always", "user_ids": [(6, 0, self.ana.ids)]})
        first, second = self._come_in(2)
        self._route(NOON)
        self.assertEqual(self._rings(first), [("Ana", False)])
        self._route("2026-08-17 12:10")
        with freeze_time(at("2026-08-17 12:10")):
            woken = self.env["ir.cron.trigger"].search(
                [("cron_id", "=", self.env.ref("social_care.ir_cron_route").id)]
            )
        self.assertTrue(woken, "its time is up: she is there for the other one")
        self._route("2026-08-17 12:10")
        self.assertEqual(self._rings(second), [("Ana", False)])

    def test_a_teams_queue_is_read_by_its_index(self):
        [ticket] = self._come_in(1)
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        query = ticket.sudo()._search(
            Domain("social_route_at", "!=", False) & Domain("team_id", "=", self.team.id),
            order="social_deadline, id",
            limit=2,
        )
        plan = self.env.execute_query(SQL("EXPLAIN %s", query.select()))
        self.assertIn("social_route", "\n".join(line for (line,) in plan))
