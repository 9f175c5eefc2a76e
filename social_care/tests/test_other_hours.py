from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from ..models import other_hours
from ..wizards import social_care_other_hours
from .clock_common import ClockCommon, at, words

HOURS = ("today", "earlier", "later", "weekend", "always")


class TestOtherHours(ClockCommon):
    """The team works Monday to Friday, 9 to 18, in Madrid; a first response is promised in 2 hours.

    The clocks go back in the night to Sunday 25 October 2026.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            login="hours_manager",
            tz="Europe/Madrid",
            groups="social_care.social_care_group_manager",
        )

    def setUp(self):
        super().setUp()
        self.patch(social_care_other_hours, "ENOUGH", 1)

    def _weekend(self):
        """Four customers around the weekend when the clocks go back."""
        # Ana, Friday 17:00, answered Monday 10:30 after 1 + 1.5 hours: promised Monday 10:00.
        ana = self._say("2026-10-23 17:00", "1", who="ana")
        self._reply_at("2026-10-26 10:30", ana)
        # Bo, Saturday 9:00, answered Monday 10:00 after 1 hour: promised Monday 11:00.
        bo = self._say("2026-10-24 09:00", "2", who="bo")
        self._reply_at("2026-10-26 10:00", bo)
        # Carl, Sunday 12:00, answered Monday 12:15 after 3.25 hours: promised Monday 11:00.
        carl = self._say("2026-10-25 12:00", "3", who="carl")
        self._reply_at("2026-10-26 12:15", carl)
        # Dora, Monday 16:00, answered Monday 20:00, when nobody is there: promised 18:00.
        dora = self._say("2026-10-26 16:00", "4", who="dora")
        self._reply_at("2026-10-26 20:00", dora)
        return [mention.ticket_id for mention in (ana, bo, carl, dora)]

    def _work_out(self, user=None, companies=None, **values):
        wizard = self.env["social.care.other.hours"].with_user(user or self.manager)
        if companies:
            wizard = wizard.with_context(allowed_company_ids=companies.ids)
        wizard = wizard.create(
            {"date_from": date(2026, 10, 19), "date_to": date(2026, 10, 28), **values}
        )
        with freeze_time(at("2026-10-28 12:00")):
            wizard.action_work_out()
        return wizard

    def _lines(self, wizard):
        return {line.hours: line for line in wizard.line_ids}

    def _kept(self, wizard):
        return {name: line.kept_count for name, line in self._lines(wizard).items()}

    def test_kept_with_each_of_the_hours(self):
        self._weekend()
        wizard = self._work_out()
        self.assertEqual(wizard.case_count, 4)
        self.assertEqual(
            self._kept(wizard),
            {
                "today": 1,  # Bo
                "earlier": 2,  # Ana: 1 hour on Friday, from 8:00 on Monday 1.5: 9:30; not Carl: 11:15
                "later": 2,  # Ana: 2 hours on Friday, on Monday half an hour: 9:30
                "weekend": 3,  # Ana: on Saturday at 11:30; Carl: 2 on Sunday, 1.25 on Monday: 10:15
                "always": 3,  # Carl on Sunday at 15:15; Dora's came while nobody was there
            },
        )
        shares = [self._lines(wizard)[name].kept_share for name in HOURS]
        self.assertEqual(shares, [25, 50, 50, 75, 75])

    def test_typical_wait_counts_the_hour_that_came_twice(self):
        self._weekend()
        lines = self._lines(self._work_out())
        # Ana: Friday 17:00 to Monday 10:30 are 65.5 hours by the clocks, and 66.5 by the customer's
        # watch. Bo 50, Carl 24.25, Dora 4.
        self.assertAlmostEqual(lines["today"].wait_median, (24.25 + 50) / 2, 4)
        # Ana: to Saturday 11:30 18.5. Bo: to 11:00 2. Carl: to Monday 10:15 22.25. Dora 4.
        self.assertAlmostEqual(lines["weekend"].wait_median, (4 + 18.5) / 2, 4)
        # Ana 2.5, Bo 1, Carl 3.25, Dora 4.
        self.assertAlmostEqual(lines["always"].wait_median, (2.5 + 3.25) / 2, 4)

    def test_the_hours_of_today_give_what_happened(self):
        self._weekend()
        lines = self._lines(self._work_out(calendar_id=self.calendar.id))
        self.assertEqual(lines["chosen"].kept_count, 1)
        self.assertEqual(lines["chosen"].wait_median, lines["today"].wait_median)
        self.assertFalse(lines["chosen"].gained_count + lines["chosen"].lost_count)
        found = self.env["social.care.report"].search([("account_id", "=", self.account.id)])
        self.assertEqual(sum(found.mapped("kept_count")), 1)
        self.assertEqual(sum(found.mapped("missed_count")), 3)

    def test_hours_of_free_choice_may_lose(self):
        self._weekend()
        late = self._create_calendar("Madrid 14-18", "Europe/Madrid", [(14, 18)])
        line = self._lines(self._work_out(calendar_id=late.id))["chosen"]
        # Ana: 1 hour on Friday, on Monday until 15:30; Bo: Monday 15:00. Both too late.
        self.assertEqual((line.kept_count, line.gained_count, line.lost_count), (0, 0, 1))

    def test_a_holiday_stays_a_holiday(self):
        self._holiday("2026-10-24 00:00", "2026-10-24 23:59")
        self._weekend()
        # Ana: 1 hour on Friday, on Sunday until 11:30; Bo and Carl as ever.
        line = self._lines(self._work_out())["weekend"]
        self.assertEqual(line.kept_count, 3)
        # Bo on Sunday at 11:00: 25 hours later and the one that came twice.
        self.assertAlmostEqual(line.wait_median, (22.25 + 27) / 2, 4)

    def test_hours_that_stay_the_same_plan_the_same(self):
        siesta = self._create_calendar(
            "With a break", "Europe/Madrid", [(0, 2.5), (9, 13), (16, 24)]
        )
        self._holiday("2026-10-26 10:00", "2026-10-27 12:00", calendar_id=siesta.id)
        pairs = [
            (at("2026-10-20 07:10") + timedelta(hours=7 * number), number % 50 / 3)
            for number in range(60)
        ]
        same = siesta._plan_hours_batch(pairs, change=lambda hours, *_args: hours)
        self.assertEqual(same, siesta._plan_hours_batch(pairs))

    def test_an_hour_more_is_at_the_ends_of_the_day_only(self):
        siesta = self._create_calendar("With a break", "Europe/Madrid", [(9, 13), (16, 20)])

        def plan(change, hours):
            start = at("2026-10-20 21:30")  # Tuesday
            return words(siesta._plan_hours_batch([(start, hours)], change=change)[0])

        self.assertEqual(plan(other_hours.open_earlier, 5.5), "Wednesday 16:30")  # 8 to 13
        self.assertEqual(plan(other_hours.close_later, 8.5), "Wednesday 20:30")
        self.assertEqual(plan(other_hours.open_weekends, 8 * 3 + 1), "Saturday 11:00")

    def test_each_figure_leads_to_its_tickets(self):
        ana, bo, carl, dora = self._weekend()
        wizard = self._work_out()
        lines = self._lines(wizard)

        def tickets(action):
            found = self.env["helpdesk.ticket"].with_user(self.manager).search(action["domain"])
            return set(found.ids)

        missed = tickets(lines["today"].action_view_tickets())
        self.assertEqual(missed, {ana.id, carl.id, dora.id})
        self.assertEqual(tickets(lines["weekend"].action_view_tickets()), {ana.id, carl.id})
        everything = {ana.id, bo.id, carl.id, dora.id}
        self.assertEqual(tickets(wizard.action_view_cases()), everything)

    def test_who_was_never_answered_is_missed_with_all_hours(self):
        self._weekend()
        self._say("2026-10-27 10:00", "5", who="eva")
        self._say("2026-10-28 11:00", "6", who="finn")  # still has time: neither kept nor missed
        with freeze_time(at("2026-10-28 12:00")):
            self._run_cron("ir_cron_watch")
        wizard = self._work_out()
        self.assertEqual((wizard.case_count, wizard.unanswered_count), (5, 1))
        self.assertEqual(self._kept(wizard)["always"], 3)
        self.assertEqual(wizard.outside_count, 1)

    def test_the_time_is_that_of_the_promises_start(self):
        self._weekend()
        wizard = self._work_out(date_from=date(2026, 10, 24), date_to=date(2026, 10, 25))
        self.assertEqual(wizard.case_count, 2)

    def test_of_few_promises_nothing_is_concluded(self):
        self.patch(social_care_other_hours, "ENOUGH", 5)
        self._weekend()
        wizard = self._work_out()
        self.assertEqual(wizard.case_count, 4)
        self.assertFalse(wizard.is_enough)
        self.assertFalse(wizard.line_ids)

    def test_by_account_and_by_team(self):
        self._weekend()
        other = self.team.copy({"name": "Other", "user_ids": [Command.clear()]})
        self.assertEqual(self._work_out(team_id=other.id).case_count, 0)
        self.assertEqual(self._work_out(team_id=self.team.id).case_count, 4)
        self.assertEqual(self._work_out(account_id=self.account.id).case_count, 4)

    def test_practice_is_left_out(self):
        self.account = self._create_account(
            practice=True, base_url="https://other.example", external_id="practice"
        )
        self._weekend()
        self.assertEqual(self._work_out().case_count, 0)

    def test_a_policy_that_is_archived_still_counts(self):
        self._weekend()
        self.policy.active = False
        self.assertEqual(self._work_out().case_count, 4)

    def test_another_company_has_its_own(self):
        self._weekend()
        other = self.env["res.company"].create({"name": "Borealis"})
        stranger = new_test_user(
            self.env,
            login="borealis",
            groups="social_care.social_care_group_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertEqual(self._work_out(user=stranger).case_count, 0)

    def test_two_companies_together_each_with_its_own_hours(self):
        self._weekend()
        borealis = self.env["res.company"].create({"name": "Borealis"})
        always = self._create_calendar("Always", "Europe/Madrid", [(0, 24)], days=range(7))
        team = self.env["helpdesk.ticket.team"].create(
            {
                "name": "North",
                "use_sla": True,
                "company_id": borealis.id,
                "resource_calendar_id": always.id,
            }
        )
        self.policy.company_id = False
        self.account = self._create_account(
            company_id=borealis.id,
            external_id="borealis",
            base_url="https://north.example",
            team_line_ids=[Command.create({"team_id": team.id})],
        )
        # On Saturday at 10:00, answered at 11:00.
        self._reply_at("2026-10-24 11:00", self._say("2026-10-24 10:00", "n1", who="nils"))
        self.manager.company_ids |= borealis
        wizard = self._work_out(companies=self.env.company | borealis)
        self.assertEqual(wizard.case_count, 5)
        self.assertEqual(self._kept(wizard)["today"], 2)
        self.assertEqual(self._kept(wizard)["weekend"], 4)
        self.assertEqual(self._work_out(companies=self.env.company).case_count, 4)

    def test_managers_only(self):
        self._weekend()
        with self.assertRaises(AccessError):
            self._work_out(user=self.agent)
        line = self._work_out().line_ids[:1]
        with self.assertRaises(AccessError):
            line.with_user(self.agent).action_view_tickets()
        with self.assertRaises(AccessError):
            line.with_user(self.manager).write({"kept_count": 9})

    def test_one_manager_does_not_see_anothers(self):
        self._weekend()
        wizard = self._work_out()
        other = new_test_user(
            self.env, login="manager_2", groups="social_care.social_care_group_manager"
        )
        with self.assertRaises(AccessError):
            wizard.line_ids.with_user(other).read(["shown_ids"])

    def test_the_calendar_is_read_once_for_each_of_the_hours(self):
        def count():
            wizard = self.env["social.care.other.hours"].with_user(self.manager)
            wizard = wizard.create({"date_from": date(2026, 10, 19), "date_to": date(2026, 10, 28)})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            wizard.action_work_out()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self._weekend()
        count()
        few = count()
        for number in range(20):
            mention = self._say("2026-10-27 10:00", f"more {number}", who=f"more{number}")
            self._reply_at("2026-10-27 11:00", mention)
        self.assertLessEqual(count(), few)
