import json
from pathlib import Path

from freezegun import freeze_time

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.social_care.tests.clock_common import MADRID, ClockCommon, at

COSTA_RICA = "America/Costa_Rica"  # UTC−6 all year
SPAM = "Spam or advertising"
# What runs in the browser.
CHECK = Path(__file__).with_name("check_dashboard.js").read_text()


@tagged("post_install", "-at_install")
class TestDashboard(ClockCommon, HttpCase):
    """A week of events, and the figures a person counts on paper: the same wherever they are shown.

    Teams Care and Cargo, Monday to Friday 9 to 18 in Madrid; first response within 2 h. August 2026.

    ====  ==========  ====  =====================================================================
    what  posted      who   what becomes of it
    ====  ==========  ====  =====================================================================
    Aurora Air on Mastodon, team Care
    T1    Mon 10:00   ana   wrote 3 times, one ticket; answered 10:30: 0:30, kept
          Mon 10:05   ana
          Mon 10:07   ana
    T2    Tue 11:00   bo    answered 14:30: 3:30, missed
    T3    Wed 12:00   cleo  waits; the promise is missed
    –     Thu 10:00   eva   no answer needed (spam)
    –     Sat 12:00   fay   to decide; came while closed
    T4    Sun 20:00   dan   waits until Monday 11:00 at most; came while closed
    Aurora Cargo on Bluesky, team Cargo
    T5    Mon 03:30   hal   answered 9:30: 0:30, kept; came while closed; Sunday 19:30 at UTC−6
    T6    Mon 12:00   gil   answered 12:30: 0:30, kept
    T7    Fri 12:00   nil   imported history, left out
    Boreal, another company
    T8    Mon 10:00   rob   answered 10:15: 0:15, kept
    A practice account
    T9    Mon 10:00   una   left out
    ====  ==========  ====  =====================================================================

    So Aurora has 10 messages and 6 tickets, 4 of them answered: 66.7 %. 3 promises kept, 2 missed,
    one still runs: 60 %. First response on average (0:30 + 3:30 + 0:30 + 0:30) / 4 = 1:15.
    """

    browser_size = "1400x2600"  # all of it: what is out of sight is not there to be clicked

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.lang_en").week_start = "1"
        cls.company = cls.env.company
        cls.boreal_company = cls.env["res.company"].create({"name": "Boreal"})
        cargo_team = cls.team.copy({"name": "Cargo", "user_ids": False})
        boreal_team = cls.team.copy(
            {"name": "Boreal", "user_ids": False, "company_id": cls.boreal_company.id}
        )
        cls.cargo = cls._account("Aurora Cargo", cargo_team, network="bluesky")
        cls.boreal = cls._account("Boreal", boreal_team, company_id=cls.boreal_company.id)
        cls.practice = cls._account("Practice", cls.team, practice=True)
        cls.manager = cls._user("manager", "manager")
        cls.dashboard = cls.env.ref(
            "spreadsheet_dashboard_social_care.spreadsheet_dashboard_social_care"
        )

    def setUp(self):
        super().setUp()
        bluesky = type("FakeBluesky", (self.network,), {"code": "bluesky", "name": "Bluesky"})
        networks = {"mastodon": self.network, "bluesky": bluesky}
        account_class = self.env.registry["social.care.account"]
        self.patch(account_class, "_get_network_classes", lambda _self: networks)

    @classmethod
    def _account(cls, name, team, **values):
        return cls._create_account(
            name=name,
            external_id=f"{name}@fake.example",
            team_line_ids=[Command.create({"team_id": team.id})],
            **values,
        )

    @classmethod
    def _user(cls, login, role, **values):
        companies = cls.company | cls.boreal_company
        return new_test_user(
            cls.env,
            login=f"dashboard_{login}",
            groups=f"social_care.social_care_group_{role}",
            **{"tz": MADRID, "company_ids": [Command.set(companies.ids)], **values},
        )

    def _says(self, day, time, who, account=None, **values):
        moment = at(f"2026-08-{day} {time}")
        item = self._mention(f"{who} {day} {time}", who=who, posted_at=moment, **values)
        with freeze_time(moment):
            return self._receive(item, account=account)

    def _week(self):
        hal = self._says(17, "03:30", "hal", self.cargo)
        self._reply_at("2026-08-17 09:30", hal)
        ana = self._says(17, "10:00", "ana")
        self._says(17, "10:05", "ana")
        self._says(17, "10:07", "ana")
        self._reply_at("2026-08-17 10:15", self._says(17, "10:00", "rob", self.boreal))
        self._says(17, "10:00", "una", self.practice)
        self._reply_at("2026-08-17 10:30", ana)
        self._reply_at("2026-08-17 12:30", self._says(17, "12:00", "gil", self.cargo))
        self._reply_at("2026-08-18 14:30", self._says(18, "11:00", "bo"))
        clock = self._says(19, "12:00", "cleo").ticket_id.ticket_sla_ids
        clock.social_breached_at = clock.deadline
        spam = self.env.ref("social_care.reason_spam")
        eva = self._says(20, "10:00", "eva", addressed=False)
        eva._decide({"state": "ignored", "reason_id": spam.id})
        self._says(21, "12:00", "nil", self.cargo, history=True)
        self._says(22, "12:00", "fay", addressed=False)
        self._says(23, "20:00", "dan")
        self.env["social.care.crisis"].create(
            {
                "account_id": self.account.id,
                "trigger": "volume",
                "owner_id": self.manager.id,
                "opened_at": at("2026-08-20 10:00"),
            }
        )
        self.env.flush_all()

    # -- In the dashboard, as a browser computes it ---------------------------------

    def _check(self, cells, charts=None, user=None, companies=None, first="2026-08-17", **expected):
        period = {"type": "range", "from": first, "to": "2026-08-23"}
        expected |= {"period": period, "cells": cells, "charts": charts or {}}
        self._look(expected, user, companies)

    def _look(self, expected, user=None, companies=None):
        ids = (companies or self.company).ids
        self.browser_js(
            f"/odoo/dashboards?dashboard_id={self.dashboard.id}",
            CHECK.replace("EXPECTED", json.dumps(expected)),
            login=(user or self.manager).login,
            cookies={"cids": "-".join(map(str, ids))},
            timeout=120,
        )

    def test_the_dashboard(self):
        self._week()
        self._check(
            {
                "Data!B2": 10,
                "Data!B3": 4 / 6,
                "Data!B4": 3 / 5,
                "Data!B5": 1.25,
                "Data!B6": 2,
                "Data!B8": 1,
                "Data!B9": 1,
                # The week: tickets, answered, rate, kept, missed, share, first response
                "Dashboard!A14": "W34 2026",
                "Dashboard!B14": 6,
                "Dashboard!C14": 4,
                "Dashboard!D14": 4 / 6,
                "Dashboard!E14": 3,
                "Dashboard!F14": 2,
                "Dashboard!G14": 3 / 5,
                "Dashboard!H14": 1.25,
                "Dashboard!A15": "",
                # Networks: messages, tickets, rate, share, missed, first response, promised
                "Dashboard!A32": "Bluesky",
                "Dashboard!B32": 2,
                "Dashboard!C32": 2,
                "Dashboard!D32": 1,
                "Dashboard!E32": 1,
                "Dashboard!F32": 0,
                "Dashboard!G32": 0.5,
                "Dashboard!H32": 2,
                "Dashboard!A33": "Mastodon",
                "Dashboard!B33": 8,
                "Dashboard!C33": 4,
                "Dashboard!D33": 2 / 4,
                "Dashboard!E33": 1 / 3,
                "Dashboard!F33": 2,
                "Dashboard!G33": 2,
                "Dashboard!H33": 2,
                "Dashboard!A34": "",
                # Monday 3 to 4, 10 to 11 and 12 to 13, Sunday 20 to 21
                "Dashboard!B48": 1,
                "Dashboard!B55": 3,
                "Dashboard!B57": 1,
                "Dashboard!H65": 1,
                # All day, and while closed
                "Dashboard!B69": 5,
                "Dashboard!C69": 1,
                "Dashboard!H69": 1,
                "Dashboard!B70": 1,
                "Dashboard!C70": "",
                "Dashboard!H70": 1,
                "Dashboard!A75": "Cleo (@cleo)",
                "Dashboard!A76": "Dan (@dan)",
                "Dashboard!J87": "Aurora Air",
                "Dashboard!A77": "",
            },
            {
                "weeks": [["W34 2026", 4 / 6, 3 / 5]],
                "networks": [["Bluesky", 0.5, 2], ["Mastodon", 2, 2]],
                "weekday": [["Monday", 1], ["Saturday", 1], ["Sunday", 1]],
                "hour": [["03:00", 1], ["12:00", 1], ["20:00", 1]],
                "waiting": [["Care", 2]],
                "reasons": [[SPAM, 1]],
            },
        )

    def test_the_dashboard_for_a_reader_at_utc_minus_6(self):
        self._week()
        reader = self._user("costa_rica", "manager", tz=COSTA_RICA)
        self._check(
            {
                # hal wrote on the Sunday before, in another week
                "Data!B2": 10,
                "Dashboard!A14": "W34 2026",
                "Dashboard!B14": 5,
                "Dashboard!A15": "W33 2026",
                "Dashboard!B15": 1,
                "Dashboard!C15": 1,
                # Monday 2 to 3; Sunday 12 to 13 and 19 to 20
                "Dashboard!B47": 3,
                "Dashboard!H57": 1,
                "Dashboard!H64": 1,
                "Dashboard!B69": 4,
                "Dashboard!H69": 2,
                "Dashboard!B70": "",
                "Dashboard!H70": 2,
            },
            {"weekday": [["Saturday", 1], ["Sunday", 2]]},
            user=reader,
            first="2026-08-10",
        )

    def test_the_dashboard_of_two_companies(self):
        self._week()
        self._check(
            {
                # One more message, ticket, answer and promise kept; (4 × 1:15 + 0:15) / 5 = 1:03
                "Data!B2": 11,
                "Data!B3": 5 / 7,
                "Data!B4": 4 / 6,
                "Data!B5": 1.05,
            },
            companies=self.company | self.boreal_company,
        )

    def test_every_figure_leads_to_its_rows(self):
        """As the dashboard is filtered: not to the messages of other weeks, accounts and networks."""
        self._week()
        report, ticket, crisis = "social.care.report", "helpdesk.ticket", "social.care.crisis"
        with freeze_time(at("2026-08-03 10:00")):
            self._receive(self._mention("before", who="old", posted_at=at("2026-08-03 10:00")))
        records = {
            # Messages, their response rate, promises and first response
            **{f"card{place}": (report, 10) for place in range(4)},
            "card4": (ticket, 3),  # of whatever period: T3, T4 and the one of old
            "card6": (report, 1),
            "card7": (crisis, 1),
            "weeks 0": (report, 10),
            "weeks 0 of 1": (report, 10),
            "networks 0": (report, 2),
            "networks 1 of 1": (report, 8),
            "weekday 0": (report, 1),
            "hour 2": (report, 1),
            "waiting 0": (ticket, 3),
            "late 0": (ticket, 3),
            "reasons 0": (report, 1),
            "Dashboard!B14": (report, 10),
            "Dashboard!H33": (report, 8),
            "Dashboard!B55": (report, 3),
            "Dashboard!B69": (report, 5),
            "Dashboard!H70": (report, 1),
            "Dashboard!A75": (ticket, 1),
            "Dashboard!J87": (crisis, 1),
        }
        self._check({"Data!B2": 10, "Data!B6": 3, "Dashboard!J87": "Aurora Air"}, records=records)

    def test_without_messages_there_is_a_sample_without_errors(self):
        says = "Sample figures. Your own stand here from the first message on."
        cells = {"Data!B2": 1240, "Dashboard!A32": "Bluesky", "Dashboard!A11": says}
        self._look({"cells": cells, "charts": {}})

    # -- In its sources, the pivot and the digest -----------------------------------

    def _ask(self, kind, number):
        """The only figure of a pivot or chart, as Odoo asks for it."""
        data = json.loads(self.dashboard.spreadsheet_data)
        source = data["pivots"][number]
        model = self.env[source["model"]].with_user(self.manager)
        [row] = model.with_context(allowed_company_ids=self.company.ids).formatted_read_group(
            source["domain"], [], [measure["id"] for measure in source["measures"]]
        )
        return row[kind]

    def test_late_is_what_the_clock_says(self):
        self._week()
        with freeze_time(at("2026-08-24 09:00")):
            self.assertEqual(self._ask("__count", "4"), 2)  # who waits
            self.assertEqual(self._ask("__count", "5"), 1)  # cleo
        with freeze_time(at("2026-08-24 11:01")):
            self.assertEqual(self._ask("__count", "5"), 2)  # and dan

    def test_the_pivot(self):
        self._week()
        report = self.env["social.care.report"].with_user(self.manager)
        report = report.with_context(tz=MADRID, allowed_company_ids=self.company.ids)
        measures = (
            *("mention_count:sum", "ticket_count:sum", "answered_count:sum", "response_rate:avg"),
            *("kept_count:sum", "missed_count:sum", "kept_share:avg", "first_response_hours:avg"),
        )
        [figures] = report._read_group([("history", "=", False)], [], measures)
        for figure, by_hand in zip(figures, (10, 6, 4, 4 / 6, 3, 2, 3 / 5, 1.25), strict=True):
            self.assertAlmostEqual(figure, by_hand, 4)
        closed = report._read_group([("opening", "=", "out")], ["weekday"], ["mention_count:sum"])
        self.assertEqual(closed, [("1", 1), ("6", 1), ("7", 1)])

    def test_the_digest(self):
        self._week()
        names = ("mentions", "response_rate", "promises_kept", "first_response")
        digest = self.env["digest.digest"].create(
            {
                "name": "Care",
                "company_id": self.company.id,
                **{f"kpi_social_{name}": True for name in names},
            }
        )
        digest = digest.with_user(self.manager).with_context(
            start_datetime=at("2026-08-17 00:00"), end_datetime=at("2026-08-24 00:00")
        )
        figures = [digest[f"kpi_social_{name}_value"] for name in names]
        for figure, by_hand in zip(figures, (10, 66.67, 60, 1.25), strict=True):
            self.assertAlmostEqual(figure, by_hand, 2)

    # -- Who sees it -------------------------------------------------------------------

    def test_managers_see_it_and_nobody_else(self):
        for role, seen in (("manager", 1), ("reviewer", 0), ("agent", 0)):
            user = self._user(f"seeing_{role}", role)
            found = self.env["spreadsheet.dashboard"].with_user(user)
            self.assertEqual(found.search_count([("id", "=", self.dashboard.id)]), seen, role)

    def test_it_holds_what_odoo_demands_of_a_spreadsheet(self):
        """That its models, fields and menus are there; Odoo looks at this in tests alone."""
        self.dashboard._check_spreadsheet_data()

    def test_figures_of_cells_have_no_menu_which_would_know_no_filters(self):
        data = json.loads(self.dashboard.spreadsheet_data)
        figures = data["sheets"][0]["figures"]
        of_odoo = {item["id"] for item in figures if item["data"]["type"].startswith("odoo_")}
        self.assertEqual(set(data["chartOdooMenusReferences"]), of_odoo)
        self.assertEqual(len(figures) - len(of_odoo), 10)  # eight scorecards and two charts
