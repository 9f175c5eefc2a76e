from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import new_test_user
from odoo.tools import SQL

from odoo.addons.social_care.models import helpdesk_ticket_team_now
from odoo.addons.social_care.models.helpdesk_ticket_team_now import NOW

from .clock_common import ClockCommon, at

AGENT = "social_care.social_care_group_agent"
NOON = "2026-08-17 12:30"  # a Monday; the team is there from 9 to 18, a promise is 2 hours
HOURS = 6 * 3600  # in seconds


class TestNow(ClockCommon):
    """The figures of the Now screen, at half past twelve."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.teams = cls.env["helpdesk.ticket.team"]

    def _now(self, local=NOON, user=None):
        self.env.flush_all()
        with freeze_time(at(local)):
            return self.teams.with_user(user or self.agent).get_now()

    def _team(self, team=None, **options):
        teams = {row["id"]: row for row in self._now(**options)["teams"]}
        return teams[(team or self.team).id]

    def _figures(self, **options):
        row = self._team(**options)
        return row["waiting"], row["late"], row["due"]

    def _people(self, **options):
        return [
            (person["name"], person["on_shift"], person["available"], person["load"])
            for person in self._team(**options)["agents"]
        ]

    def _hire(self, name, **values):
        user = new_test_user(self.env, login=f"now_{name.lower()}", name=name, groups=AGENT)
        user.write(values)
        self.team.user_ids |= user
        return user

    def _three(self):
        """Ana is due at 12:00, Bo at 13:00, Carl at 14:00."""
        return (
            self._say("2026-08-17 10:00", "1", who="ana").ticket_id,
            self._say("2026-08-17 11:00", "2", who="bo").ticket_id,
            self._say("2026-08-17 12:00", "3", who="carl").ticket_id,
        )

    # -- Teams -----------------------------------------------------------------------

    def test_who_waits_who_is_late_and_who_is_due_next(self):
        self._three()
        self.assertEqual(self._figures(), (3, 1, 1))
        self.assertEqual(self._team()["oldest"], at("2026-08-17 10:00"))

    def test_who_leads_a_team_sees_it_without_being_a_member(self):
        leader = new_test_user(self.env, login="now_leader", groups=AGENT)
        self._three()
        self.assertEqual(self._now(user=leader)["teams"], [])
        self.team.user_id = leader
        self.assertEqual(self._figures(user=leader), (3, 1, 1))

    def test_a_quiet_team_is_shown_with_zeros(self):
        self.assertEqual(self._figures(), (0, 0, 0))
        self.assertFalse(self._team()["oldest"])

    def test_who_was_answered_waits_no_longer(self):
        ana, _bo, _carl = self._three()
        self._reply_at("2026-08-17 12:10", ana.social_mention_ids)
        self.assertEqual(self._figures(), (2, 0, 1))

    def test_closed_and_archived_tickets_do_not_count(self):
        ana, bo, _carl = self._three()
        self._move("2026-08-17 12:10", ana, self.stage_done)
        bo.active = False
        self.assertEqual(self._figures(), (1, 0, 0))

    def test_practice_is_left_out(self):
        practice = self._create_account(
            practice=True, base_url="https://other.example", external_id="practice"
        )
        with freeze_time(at("2026-08-17 10:00")):
            mention = self._mention("1", posted_at=at("2026-08-17 10:00"))
            self._receive(mention, account=practice)
        self.assertEqual(self._figures(), (0, 0, 0))

    def test_the_figures_change_by_themselves_when_a_promise_comes_within_the_hour(self):
        self._three()
        # Bo is late from 13:00 on, and Carl due within the hour.
        self.assertEqual(self._now()["next_at"], at("2026-08-17 13:00"))
        # Later only the end of the shift.
        self.assertEqual(self._now("2026-08-17 15:00")["next_at"], at("2026-08-17 18:00"))

    def test_tickets_without_a_team_have_a_row_of_their_own(self):
        ana, _bo, _carl = self._three()
        ana.team_id = False
        rows = [(row["name"], row["waiting"]) for row in self._now()["teams"]]
        self.assertEqual(rows, [("Care", 2), ("No team", 1)])

    def test_every_figure_opens_what_it_counts(self):
        ana, bo, carl = self._three()
        expected = {"waiting": ana | bo | carl, "late": ana, "due": bo}
        with freeze_time(at(NOON)):
            for figure, tickets in expected.items():
                action = self.teams.with_user(self.agent).get_now_rows(self.team.id, figure)
                found = self.env["helpdesk.ticket"].search(action["domain"])
                self.assertEqual(found, tickets, figure)
                self.assertEqual(action["name"], "Care")

    def test_the_longest_wait_opens_its_ticket(self):
        ana, _bo, _carl = self._three()
        longest = self.teams.with_user(self.agent).get_now_rows(self.team.id, "oldest")
        self.assertEqual((longest["res_model"], longest["res_id"]), ("helpdesk.ticket", ana.id))

    def test_a_load_opens_who_waits_for_them_and_what_rings(self):
        ana, bo, carl = self._three()
        ana.user_id = self.agent
        self._hire("Noa")
        with freeze_time(at(NOON)):
            self.env["social.care.ring"]._ring({bo: self.agent})
            other = self.env["social.care.ring"]._ring({carl: self.agent})
        other._end("passed")
        self.assertEqual(self._people()[0][3], 2)
        action = self.teams.with_user(self.agent).get_now_rows(self.team.id, "load", self.agent.id)
        found = self.env["helpdesk.ticket"].with_user(self.agent).search(action["domain"])
        self.assertEqual(found, ana | bo)
        self.assertEqual(action["name"], "Marta Cano")

    # -- People ------------------------------------------------------------------------

    def test_load_and_room_of_who_is_on_shift(self):
        self.agent.social_capacity = 2
        ana, bo, _carl = self._three()
        ana.user_id = self.agent
        self.assertEqual(self._people(), [("Marta Cano", True, True, 1)])
        bo.user_id = self.agent
        self.assertEqual(self._people(), [("Marta Cano", True, False, 2)])
        self.assertEqual(self._team()["agents"][0]["capacity"], 2)

    def test_a_ring_is_load_as_well(self):
        ana, _bo, _carl = self._three()
        with freeze_time(at(NOON)):
            self.env["social.care.ring"]._ring({ana: self.agent})
        self.assertEqual(self._people(), [("Marta Cano", True, True, 1)])

    def test_practice_is_no_load(self):
        practice = self._create_account(
            practice=True, base_url="https://other.example", external_id="practice"
        )
        with freeze_time(at("2026-08-17 10:00")):
            item = self._mention("1", posted_at=at("2026-08-17 10:00"))
            self._receive(item, account=practice).ticket_id.user_id = self.agent
        self.agent.social_capacity = 1
        self.assertEqual(self._people(), [("Marta Cano", True, True, 0)])
        action = self.teams.with_user(self.agent).get_now_rows(self.team.id, "load", self.agent.id)
        self.assertFalse(self.env["helpdesk.ticket"].search(action["domain"]))

    def test_who_is_off_shift_is_shown_while_somebody_waits_for_them(self):
        late = self._hire("Noa")
        self._give_shift(late, [(14, 18)])
        self.assertEqual(self._people(), [("Marta Cano", True, True, 0)])
        self._three()[0].user_id = late
        self.assertEqual(self._people(), [("Marta Cano", True, True, 0), ("Noa", False, False, 1)])

    def test_after_hours_nobody_is_there(self):
        self.assertEqual(self._people(local="2026-08-17 20:00"), [])

    def test_columns_for_the_agents_on_shift_also_without_a_ticket(self):
        self._hire("Noa")
        ana, _bo, _carl = self._three()
        ana.user_id = self.agent
        tickets = self.env["helpdesk.ticket"].with_user(self.agent)
        domain = [("team_id", "=", self.team.id)]

        def columns(**context):
            with freeze_time(at(NOON)):
                groups = tickets.with_context(read_group_expand=True, **context).web_read_group(
                    domain, ["user_id"], ["__count"]
                )["groups"]
            return [
                (group["user_id"] and group["user_id"][1], group["__count"]) for group in groups
            ]

        expected = [("Marta Cano", 1), ("Noa", 0), (False, 2)]
        self.assertEqual(columns(social_care_now=True), expected)
        self.assertEqual(columns(), [("Marta Cano", 1), (False, 2)], "elsewhere as always")

    def test_the_column_of_nobodys_tickets_begins_open(self):
        ana, bo, _carl = self._three()
        ana.user_id = self.agent
        tickets = self.env["helpdesk.ticket"].with_user(self.agent)

        def open_columns(opening_info=None, **context):
            groups = tickets.with_context(**context).web_read_group(
                [("id", "in", (ana + bo).ids)],
                ["user_id"],
                ["__count"],
                auto_unfold=True,
                opening_info=opening_info,
                unfold_read_specification={"id": {}},
            )["groups"]
            opened = [group["user_id"] for group in groups if "__records" in group]
            return [user and user[0] for user in opened]

        self.assertEqual(open_columns(social_care_now=True), [self.agent.id, False])
        self.assertEqual(open_columns(), [self.agent.id], "elsewhere as always")
        closed = [{"value": False, "folded": True}]
        self.assertEqual(open_columns(closed, social_care_now=True), [self.agent.id])

    def test_dragged_to_a_colleague_it_is_theirs(self):
        noa = self._hire("Noa")
        ticket = self._three()[0]
        ticket.with_user(self.agent).with_context(social_care_now=True).user_id = noa
        self.assertEqual(ticket.user_id, noa)

    def test_dragged_to_somebody_who_does_not_answer_for_the_team_is_refused(self):
        stranger = new_test_user(self.env, login="now_stranger", name="Olga", groups=AGENT)
        ticket = self._three()[0]
        with self.assertRaisesRegex(UserError, "Olga does not answer for Care"):
            ticket.with_user(self.agent).with_context(social_care_now=True).user_id = stranger

    # -- Answers and accounts --------------------------------------------------------------

    def test_answers_that_wait_for_an_approval_and_for_their_account(self):
        ana, bo, _carl = self._three()
        self._answer(bo.social_mention_ids)
        ana.social_severe = True
        self._answer(ana.social_mention_ids)
        row = self._team()
        self.assertEqual((row["to_approve"], row["held"]), (1, 0))
        self.account.state = "reconnect"
        row = self._team()
        self.assertEqual((row["to_approve"], row["held"]), (1, 1))

    def test_accounts_that_are_unwell(self):
        self.assertEqual(self._now()["accounts"], [])
        self.account.state = "reconnect"
        (account,) = self._now()["accounts"]
        self.assertEqual((account["id"], account["text"]), (self.account.id, "Reconnect"))
        self.account.state = "paused"
        self.assertEqual(self._now()["accounts"], [], "that was meant")

    def test_an_account_that_is_unwell_tells_what_happened(self):
        self.account.write({"state": "reconnect", "error_code": "token_expired"})
        (account,) = self._now()["accounts"]
        self.assertEqual(
            account["text"],
            "The network no longer accepts the login. Connect the account again.",
        )
        self.account.write({"state": "degraded", "error_code": "reads_used_up"})
        (account,) = self._now()["accounts"]
        self.assertEqual(len(account["text"].split("\n")), 1, "not told twice")

    # -- Access ----------------------------------------------------------------------------

    def test_an_agent_sees_their_own_teams_and_a_manager_all(self):
        other = self.env["helpdesk.ticket.team"].create({"name": "Sales"})
        self._create_account(
            base_url="https://other.example",
            external_id="sales",
            state="reconnect",
            team_line_ids=[Command.create({"team_id": other.id})],
        )
        manager = new_test_user(
            self.env, login="now_manager", groups="social_care.social_care_group_manager"
        )
        mine, everything = self._now(), self._now(user=manager)
        self.assertEqual([row["name"] for row in mine["teams"]], ["Care"])
        self.assertEqual(mine["accounts"], [])
        names = {row["name"] for row in everything["teams"]}
        self.assertLessEqual({"Care", "Sales"}, names)
        self.assertEqual(len(everything["accounts"]), 1)

    def test_another_company_is_not_seen(self):
        company = self.env["res.company"].create({"name": "Borealis"})
        self._three()
        manager = new_test_user(
            self.env,
            login="now_borealis",
            groups="social_care.social_care_group_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        now = self._now(user=manager)
        self.assertNotIn(self.team.id, [row["id"] for row in now["teams"]])
        self.assertEqual(sum(row["waiting"] for row in now["teams"]), 0)

    def test_without_the_agent_role_there_is_nothing_to_see(self):
        helper = new_test_user(
            self.env, login="now_helper", groups="helpdesk_mgmt.group_helpdesk_manager"
        )
        teams = self.teams.with_user(helper)
        with self.assertRaises(AccessError):
            teams.get_now()
        with self.assertRaises(AccessError):
            teams.get_now_rows(self.team.id, "late")


class TestNowFresh(ClockCommon):
    """Who looks at the Now screen is told to look again: no data, and seldom."""

    def setUp(self):
        super().setUp()
        # Hours in place of seconds: however slow the machine, a test takes no "moment".
        self.patch(helpdesk_ticket_team_now, "EVERY_SECONDS", HOURS)
        self.ticket = self._say("2026-08-17 10:00").ticket_id
        self._told()

    def _told(self):
        """What was told since the last call: a list of channels."""
        self.env.cr.flush()
        found = self.env["bus.bus"].search([("message", "like", f'"{NOW}"')])
        channels = found.mapped("channel")
        self.assertFalse(
            [row for row in found if '"payload":{}' not in row.message.replace(" ", "")]
        )
        found.unlink()
        return channels

    def _channel(self, team):
        return f'["{self.env.cr.dbname}","helpdesk.ticket.team",{team.id},"{NOW}"]'

    def test_what_changes_a_figure_is_told_to_the_team(self):
        mine = [self._channel(self.team)]
        self.ticket.user_id = self.agent
        self.assertEqual(self._told(), mine, "somebody has it")
        self._say("2026-08-17 10:30", "2", who="bo")
        self.assertEqual(self._told(), mine, "a customer wrote")
        self.env["social.care.ring"]._ring({self.ticket: self.agent})
        self.assertEqual(self._told(), mine, "it rings")
        reply = self._answer(self.ticket.social_mention_ids[:1])
        self.assertEqual(self._told(), mine, "an answer is queued")
        reply.with_user(self.agent).action_cancel()
        self.assertEqual(self._told(), mine, "it is called off")
        self.account.state = "reconnect"
        self.assertEqual(self._told(), mine, "the account is unwell")

    def test_a_ticket_that_moves_is_told_to_both_teams(self):
        other = self.env["helpdesk.ticket.team"].create({"name": "Sales"})
        self.ticket.team_id = other
        self.assertEqual(set(self._told()), {self._channel(self.team), self._channel(other)})

    def test_many_changes_in_one_transaction_are_told_once(self):
        for number in range(3):
            self._say("2026-08-17 11:00", f"more-{number}", who=f"who-{number}")
        self.assertEqual(len(self._told()), 1)

    def test_nothing_is_told_that_was_told_a_moment_ago(self):
        self.ticket.user_id = self.agent
        self.env.cr.flush()
        told = self.env["bus.bus"].search([("channel", "=", self._channel(self.team))])
        for seconds, count in ((HOURS - 3600, 1), (HOURS + 1, 2)):
            self.env.cr.execute(
                SQL(
                    "UPDATE bus_bus SET create_date = CLOCK_TIMESTAMP() AT TIME ZONE 'UTC' - %s",
                    timedelta(seconds=seconds),
                )
            )
            self.ticket.user_id = False
            self.env.cr.flush()
            found = self.env["bus.bus"].search_count([("channel", "=", told.channel)])
            self.assertEqual(found, count)

    def test_other_tickets_tell_nothing(self):
        other = self.env["helpdesk.ticket"].create(
            {"name": "By mail", "description": "Hello", "team_id": self.team.id}
        )
        other.user_id = self.agent
        self.assertEqual(self._told(), [])

    def test_only_agents_listen_and_only_to_their_teams(self):
        def heard(user):
            session = type("Session", (), {"uid": user.id})
            request = type("Request", (), {"session": session})
            with patch("odoo.addons.bus.models.ir_websocket.wsrequest", request):
                built = self.env["ir.websocket"].with_user(user)._build_bus_channel_list([NOW])
            return [item if isinstance(item, str) else item[0] for item in built if NOW in item]

        self.env["helpdesk.ticket.team"].create({"name": "Sales"})
        helper = new_test_user(
            self.env, login="now_helper", groups="helpdesk_mgmt.group_helpdesk_manager"
        )
        self.assertEqual(heard(self.agent), [NOW, self.team])
        self.assertEqual(heard(helper), [])


class TestNowSpeed(ClockCommon):
    """Ten teams, fifty agents, five thousand customers who wait, and a long history."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = [f"Team {number}" for number in range(9)]
        cls.all_teams = cls.team | cls.env["helpdesk.ticket.team"].create(
            [{"name": name, "resource_calendar_id": cls.calendar.id} for name in names]
        )
        cls.account.team_line_ids = [
            Command.create({"team_id": team.id}) for team in cls.all_teams - cls.team
        ]
        cls.group = cls.env.ref(AGENT)
        cls.people = cls.env["res.users"].create(
            [
                {
                    "name": f"Agent {number:02}",
                    "login": f"speed_{number}",
                    "group_ids": [Command.set(cls.group.ids)],
                }
                for number in range(50)
            ]
        )
        for number, team in enumerate(cls.all_teams):
            team.user_ids = cls.people[number * 5 : number * 5 + 5]
        cls.manager = new_test_user(
            cls.env, login="speed_manager", groups="social_care.social_care_group_manager"
        )

    def _fill(self, count, closed=False):
        """Copies of one ticket, spread over the teams and their people."""
        ticket = self.env["helpdesk.ticket"].search(
            [("social_account_id", "=", self.account.id)], limit=1
        )
        self.env.flush_all()
        changed = {
            "id": SQL("nextval('helpdesk_ticket_id_seq')"),
            "number": SQL("'S' || %s || g", str(closed)),
            "team_id": SQL("(%s::int[])[1 + g %% 10]", self.all_teams.ids),
            "user_id": SQL("(%s::int[])[1 + (g %% 10) * 5 + (g / 10) %% 5]", self.people.ids),
        }
        if closed:
            changed["social_waiting_since"] = SQL("NULL")
            changed["social_deadline"] = SQL("NULL")
        columns = [
            name for name, field in ticket._fields.items() if field.store and field.column_type
        ]
        values = [changed.get(name, SQL.identifier("t", name)) for name in columns]
        self.env.cr.execute(
            SQL(
                "INSERT INTO helpdesk_ticket (%s) SELECT %s FROM helpdesk_ticket t,"
                " generate_series(1, %s) g WHERE t.id = %s",
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(values),
                count,
                ticket.id,
            )
        )
        self.env.invalidate_all()

    def _read(self, expected):
        self.env.invalidate_all()
        with freeze_time(at(NOON)):
            now = self.env["helpdesk.ticket.team"].with_user(self.manager).get_now()
        rows = [row for row in now["teams"] if row["id"] in self.all_teams.ids]
        self.assertEqual(sum(row["waiting"] for row in rows), expected)
        self.assertEqual(sum(len(row["agents"]) for row in rows), 50)

    def test_the_queries_do_not_grow_with_the_tickets_and_use_the_index(self):
        self._say("2026-08-17 10:00")
        self._read(1)
        self._fill(500)
        before = self.env.cr.sql_log_count
        self._read(501)
        few = self.env.cr.sql_log_count - before
        self._fill(4500)
        self._fill(20000, closed=True)
        self.env.cr.execute("ANALYZE helpdesk_ticket")
        before = self.env.cr.sql_log_count
        self._read(5001)
        self.assertEqual(self.env.cr.sql_log_count - before, few)
        self.assertLessEqual(few, 120)

        domains = self.env["helpdesk.ticket.team"]._social_care_now_domains(at(NOON))
        domain = domains["late"] & Domain("team_id", "in", self.team.ids)
        query = self.env["helpdesk.ticket"].sudo()._search(domain)
        plan = self.env.execute_query(SQL("EXPLAIN %s", query.select(SQL("COUNT(*)"))))
        self.assertIn("social_now", "\n".join(line for (line,) in plan))

    def test_the_next_ticket_and_the_loads_of_people_are_found_by_their_indexes(self):
        self._say("2026-08-17 10:00")
        self._fill(200)
        self._fill(2000, closed=True)
        self.env.cr.execute("ANALYZE helpdesk_ticket")
        tickets = self.env["helpdesk.ticket"].sudo()
        waits = Domain("social_waiting_since", "!=", False)
        social = Domain("social_account_id", "!=", False)
        for index, query in (
            (
                "social_waits_for",
                tickets._search(waits & Domain("user_id", "in", self.people[:1].ids)),
            ),
            ("social_next", tickets._search(social, order="social_deadline, id", limit=1)),
        ):
            plan = self.env.execute_query(SQL("EXPLAIN %s", query.select()))
            self.assertIn(index, "\n".join(line for (line,) in plan))
