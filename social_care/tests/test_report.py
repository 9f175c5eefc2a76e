from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .clock_common import MADRID, ClockCommon, at

COSTA_RICA = "America/Costa_Rica"  # UTC−6 all year


class TestReport(ClockCommon):
    """A week of events, and the figures a person counts on paper.

    Team Care, Monday to Friday 9 to 18, first response within 2 h, every next one within 1 h.
    August 2026, Madrid time (UTC+2). First response: working time / time waited.

    =====  ===========  =====  ===================================================================
    what   posted       who    what becomes of it
    =====  ===========  =====  ===================================================================
    Aurora Air, team Care
    T1     Mon 10:00    ana    answered 10:10: 0:10 / 0:10, kept. Ana wrote 3 times: one ticket
           Mon 10:05    ana
           Mon 10:07    ana
    T2     Mon 17:30    bo     answered Tue 09:45: 1:15 / 16:15, kept
    T3     Tue 11:00    cleo   answered 14:00: 3:00 / 3:00, missed
           Tue 15:00    cleo   the next one answered 15:30, kept
    T4     Tue 12:00    dan    waits, the promise is missed
    T5     Wed 09:15    eva    closed without an answer: its promise is called off
           Wed 10:00    eva    reopens it; answered 10:30: 0:30 / 0:30, kept
    T6     Mon 01:30    fay    waits; in Costa Rica it is Sunday 17:30
    –      Thu 10:00    gus    no answer needed (spam)
    –      Thu 10:05    gus    the same again, no answer needed (spam)
    –      Thu 11:00    hal    kept an eye on
    –      Thu 12:00    ian    to decide
    T7     Thu 13:00    jo     deleted by the customer
    T8     Fri 10:00    kim    waits, acknowledged
           Fri 10:10    lea    a ticket of its own, merged into T8
    T9     Fri 11:00    max    answered 11:10: 0:10 / 0:10, kept; archived afterwards
    T10    Fri 12:00    nil    imported history, no clock
    Aurora Cargo, team Cargo
    T11    Mon 12:00    oz     answered 12:05: 0:05 / 0:05, kept
    T12    Wed 12:00    pia    closed without an answer: its promise is called off
    –      Wed 12:05    quin   no answer needed (not for us)
    Boreal, another company
    T13    Mon 10:00    rob    answered 10:30, kept
    T14    Mon 11:00    sue    waits
    –      Mon 12:00    tom    to decide
    A practice account
    T15    Mon 10:00    una    is no work
    =====  ===========  =====  ===================================================================
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.other_company = cls.env["res.company"].create({"name": "Boreal"})
        cls.cargo_team = cls.team.copy({"name": "Cargo", "user_ids": False})
        cls.boreal_team = cls.team.copy(
            {"name": "Boreal", "user_ids": False, "company_id": cls.other_company.id}
        )
        cls.cargo = cls._account("Aurora Cargo", cls.cargo_team)
        cls.boreal = cls._account("Boreal", cls.boreal_team, company_id=cls.other_company.id)
        cls.practice = cls._account("Practice", cls.team, practice=True)
        cls.manager = new_test_user(
            cls.env,
            login="care_manager",
            groups="social_care.social_care_group_manager",
            company_ids=[Command.set((cls.company | cls.other_company).ids)],
        )
        cls._next_response(cls)
        cls._week()
        cls._cargo_and_boreal()
        cls.env.flush_all()

    @classmethod
    def _account(cls, name, team, **values):
        return cls._create_account(
            name=name,
            external_id=f"{name}@fake.example",
            team_line_ids=[Command.create({"team_id": team.id})],
            **values,
        )

    @classmethod
    def _says(cls, day, time, who, account=None, **values):
        moment = at(f"2026-08-{day} {time}")
        item = cls._mention(cls, f"{who} {day} {time}", who=who, posted_at=moment, **values)
        with freeze_time(moment):
            return cls._receive(cls, item, account=account)

    @classmethod
    def _decided(cls, mention, state, **values):
        mention._decide({"state": state, **values})

    @classmethod
    def _week(cls):
        spam = cls.env.ref("social_care.reason_spam")
        ana = cls._says(17, "10:00", "ana", lang="es", intent="complaint")
        cls._says(17, "10:05", "ana", lang="es")
        cls._says(17, "10:07", "ana", lang="es")
        ana.ticket_id.user_id = cls.agent
        cls._reply_at(cls, "2026-08-17 10:10", ana)
        cls._reply_at(cls, "2026-08-18 09:45", cls._says(17, "17:30", "bo", lang="es_MX"))
        cls._reply_at(cls, "2026-08-18 14:00", cls._says(18, "11:00", "cleo", lang="en"))
        cls._reply_at(cls, "2026-08-18 15:30", cls._says(18, "15:00", "cleo", lang="en"))
        clock = cls._says(18, "12:00", "dan").ticket_id.ticket_sla_ids
        clock.social_breached_at = clock.deadline
        eva = cls._says(19, "09:15", "eva")
        cls._move(cls, "2026-08-19 09:30", eva.ticket_id, cls.stage_done)
        cls._reply_at(cls, "2026-08-19 10:30", cls._says(19, "10:00", "eva"))
        cls._says(17, "01:30", "fay")
        for time in ("10:00", "10:05"):
            gus = cls._says(20, time, "gus", addressed=False)
            cls._decided(gus, "ignored", reason_id=spam.id)
        hal = cls._says(20, "11:00", "hal", addressed=False)
        cls._decided(hal, "watch", watch_until=at("2026-08-22 11:00"))
        cls._says(20, "12:00", "ian", addressed=False)
        jo = cls._says(20, "13:00", "jo")
        cls.account._ingest([cls._mention(cls, jo.external_id, who="jo", deleted_at=jo.posted_at)])
        kim, lea = cls._says(21, "10:00", "kim"), cls._says(21, "10:10", "lea")
        kim.ticket_id.social_acknowledged_at = at("2026-08-21 10:01")
        lea.ticket_id._social_care_merge_into(kim.ticket_id)
        max_ = cls._says(21, "11:00", "max")
        cls._reply_at(cls, "2026-08-21 11:10", max_)
        max_.ticket_id.active = False
        cls._says(21, "12:00", "nil", history=True)

    @classmethod
    def _cargo_and_boreal(cls):
        oz = cls._says(17, "12:00", "oz", cls.cargo)
        cls._reply_at(cls, "2026-08-17 12:05", oz)
        pia = cls._says(19, "12:00", "pia", cls.cargo).ticket_id
        with freeze_time(at("2026-08-19 12:02")):
            pia.stage_id = cls.stage_done
        quin = cls._says(19, "12:05", "quin", cls.cargo, addressed=False)
        cls._decided(quin, "ignored", reason_id=cls.env.ref("social_care.reason_not_for_us").id)
        cls._reply_at(cls, "2026-08-17 10:30", cls._says(17, "10:00", "rob", cls.boreal))
        cls._says(17, "11:00", "sue", cls.boreal)
        cls._says(17, "12:00", "tom", cls.boreal, addressed=False)
        cls._says(17, "10:00", "una", cls.practice)

    def _report(self, user=None, tz=MADRID, companies=None):
        companies = companies or self.company
        report = self.env["social.care.report"].with_user(user or self.manager)
        return report.with_context(tz=tz, allowed_company_ids=companies.ids)

    def _count(self, group, measure, **reader):
        """Value of a group → figure, as a pivot asks for it."""
        rows = self._report(**reader)._read_group([], [group], [measure])
        return {getattr(key, "name", key): figure for key, figure in rows}

    def _total(self, *measures, **reader):
        [row] = self._report(**reader)._read_group([], [], [f"{name}:sum" for name in measures])
        return row

    def test_messages_and_what_was_decided(self):
        counts = ("mention_count", "decided_count", "ignored_count", "watched_count")
        self.assertEqual(self._total(*counts), (22, 21, 3, 1))

    def test_a_ticket_counts_once_however_many_messages_it_has(self):
        counts = ("ticket_count", "answered_count", "acknowledged_count", "reopened_count")
        self.assertEqual(self._total(*counts), (12, 6, 1, 1))
        self.assertEqual(self._count("weekday", "ticket_count:sum")["1"], 4)  # T1 T2 T6 T11

    def test_the_response_rate_is_right_under_any_grouping_and_leaves_history_out(self):
        by_account = self._count("account_id", "response_rate:avg")
        self.assertEqual(by_account, {"Aurora Air": 5 / 9, "Aurora Cargo": 1 / 2})
        self.assertAlmostEqual(
            self._count("company_id", "response_rate:avg")[self.company.name], 6 / 11
        )

    def test_first_response_in_working_hours_and_in_hours_waited(self):
        [(hours, waited)] = self._report()._read_group(
            [], [], ["first_response_hours:avg", "first_response_wait_hours:avg"]
        )
        # 0:10 + 1:15 + 3:00 + 0:30 + 0:10 + 0:05 = 5:10 of six; waited 20:10
        self.assertAlmostEqual(hours, (5 + 1 / 6) / 6, 4)
        self.assertAlmostEqual(waited, (20 + 1 / 6) / 6, 4)

    def test_first_responses_by_how_long_they_took(self):
        none = {False: 6}
        self.assertEqual(
            self._count("first_response_bucket", "ticket_count:sum"),
            {"1_15m": 3, "2_1h": 1, "3_2h": 1, "4_8h": 1, **none},
        )
        self.assertEqual(
            self._count("first_response_wait_bucket", "ticket_count:sum"),
            {"1_15m": 3, "2_1h": 1, "4_8h": 1, "5_24h": 1, **none},
        )

    def test_promises_are_counted_one_by_one(self):
        self.assertEqual(self._total("kept_count", "missed_count"), (6, 2))
        self.assertEqual(
            self._count("account_id", "kept_share:avg"),
            {"Aurora Air": 5 / 7, "Aurora Cargo": 1},
        )
        [(share,)] = self._report()._read_group([], [], ["kept_share:avg"])
        self.assertEqual(share, 6 / 8)  # not the mean of the tickets' shares, 5.5 / 7

    def test_reasons_of_messages_and_of_tickets(self):
        by_reason = self._count("reason_id.code", "mention_count:sum")
        self.assertEqual(by_reason, {"spam": 2, "not_for_us": 1, "unanswered": 1, False: 18})

    def test_languages_without_their_country(self):
        self.assertEqual(self._count("lang", "mention_count:sum"), {"es": 4, "en": 2, False: 16})

    def test_the_agent_and_the_type_are_those_of_the_ticket(self):
        self.assertEqual(self._count("user_id", "mention_count:sum"), {"Marta Cano": 3, False: 19})
        by_type = self._count("intent", "mention_count:sum")
        self.assertEqual(by_type, {"complaint": 3, False: 19})

    def test_weekday_hour_and_day_are_by_the_readers_clock(self):
        madrid = self._count("weekday", "mention_count:sum")
        self.assertEqual(madrid, {"1": 6, "2": 3, "3": 4, "4": 5, "5": 4})
        there = self._count("weekday", "mention_count:sum", tz=COSTA_RICA)
        self.assertEqual(there, {"1": 5, "2": 3, "3": 4, "4": 5, "5": 4, "7": 1})
        self.assertEqual(self._count("hour", "ticket_count:sum")["01"], 1)
        self.assertEqual(self._count("hour", "ticket_count:sum", tz=COSTA_RICA)["17"], 1)
        days = self._count("posted_at:day", "mention_count:sum", tz=COSTA_RICA)
        self.assertEqual([days[day] for day in sorted(days)], [1, 5, 3, 4, 5, 4])

    def test_every_figure_leads_to_its_rows(self):
        report = self._report(tz=COSTA_RICA)
        groups = report.formatted_read_group(
            [], ["weekday", "network", "posted_at:week"], ["mention_count:sum"]
        )
        self.assertEqual(sum(group["mention_count:sum"] for group in groups), 22)
        for group in groups:
            rows = report.search(group["__extra_domain"])
            self.assertEqual(len(rows), group["mention_count:sum"])
        row = report.search([("weekday", "=", "7")])
        self.assertEqual((row.weekday, row.hour), ("7", "17"))
        self.assertEqual(row.action_open()["res_id"], row.ticket_id.id)
        undecided = report.search([("state", "=", "new")])
        self.assertEqual(undecided.action_open()["res_model"], "social.care.mention")

    def test_every_grouping_leads_to_its_rows(self):
        """Whatever the rows are grouped by, a group's figures are those of the rows it opens."""
        report = self._report()
        figures = [
            name
            for name, field in report._fields.items()
            if field.type == "integer" and field.aggregator == "sum" and name != "id"
        ]
        self.assertIn("answered_count", figures)
        groupings = [
            name
            for name, field in report._fields.items()
            if field.store and field.type in ("many2one", "selection", "boolean", "char")
        ]
        self.assertIn("first_response_wait_bucket", groupings)
        for grouping in (*groupings, "posted_at:day", "posted_at:week", "posted_at:month"):
            for group in report.formatted_read_group(
                [], [grouping], ["__count", *(f"{figure}:sum" for figure in figures)]
            ):
                rows = report.search(group["__extra_domain"])
                self.assertEqual(len(rows), group["__count"], (grouping, group[grouping]))
                for figure in figures:
                    total = group[f"{figure}:sum"] or 0
                    self.assertEqual(sum(rows.mapped(figure)), total, (grouping, figure))

    def test_who_sees_what(self):
        both = self.company | self.other_company
        self.assertEqual(self._total("mention_count", "ticket_count", companies=both), (25, 14))
        only_boreal = self._total("mention_count", "ticket_count", companies=self.other_company)
        self.assertEqual(only_boreal, (3, 2))
        # The agent is in team Care.
        self.assertEqual(self._total("mention_count", "ticket_count", user=self.agent), (19, 10))
        helpdesk = new_test_user(
            self.env, login="helpdesk", groups="helpdesk_mgmt.group_helpdesk_user"
        )
        with self.assertRaises(AccessError):
            self._total("mention_count", user=helpdesk)

    def test_a_row_sees_what_its_message_sees(self):
        leader = new_test_user(
            self.env, login="leader", groups="social_care.social_care_group_agent"
        )
        self.team.user_id = leader  # and no member
        for user in (self.agent, leader, self.manager):
            mentions = self.env["social.care.mention"].with_user(user)
            mentions = mentions.with_context(allowed_company_ids=self.company.ids)
            expected = mentions.search([("account_id", "!=", self.practice.id)])
            self.assertEqual(self._report(user=user).search([]).mention_id, expected)

    def test_practice_that_is_over_stays_left_out(self):
        before = self._total("mention_count")
        self.practice.active = False
        self.assertEqual(self._total("mention_count"), before)

    def test_a_ticket_without_its_first_message_is_counted_by_the_next(self):
        ticket = (
            self.env["social.care.mention"].search([("author_id.handle", "=", "ana")]).ticket_id
        )
        first = ticket.social_mention_ids.filtered("first_of_ticket")
        self.assertEqual(first.posted_at, at("2026-08-17 10:00"))
        first.write({"ticket_id": False, "state": "new"})
        self.assertEqual(self._total("ticket_count"), (12,))

    def test_an_exported_name_is_no_formula(self):
        ana = self.env["social.care.author"].search([("handle", "=", "ana")])
        ana.name = "=HYPERLINK(1)"
        self.manager.group_ids += self.env.ref("base.group_allow_export")
        row = self._report().search([("author_id", "=", ana.id)], limit=1)
        [[name]] = row.export_data(["author_id/name"])["datas"]
        self.assertEqual(name, "'=HYPERLINK(1)")
