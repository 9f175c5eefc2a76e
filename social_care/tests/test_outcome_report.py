from freezegun import freeze_time

from odoo.tests import new_test_user

from .clock_common import at
from .outcome_common import OutcomeCommon

SHARES = (
    "satisfied_share:avg",
    "silent_share:avg",
    "came_back_share:avg",
    "went_elsewhere_share:avg",
    "deleted_share:avg",
)


class TestOutcomeReport(OutcomeCommon):
    """Shares of outcomes in the analysis: of enough cases, or not at all.

    ====  ===========  ======================
    team  tickets      outcome
    ====  ===========  ======================
    Care  3            satisfied
    Care  1            came back
    Sea   1            silent
    Care  1 (Ana's)    answered, not known yet
    Care  1            not answered
    ====  ===========  ======================
    """

    def setUp(self):
        super().setUp()
        self.sea = self.team.copy({"name": "Sea", "user_ids": False})
        for number, value in enumerate(("satisfied",) * 3 + ("came_back", "silent")):
            mention = self._say("2026-08-17 10:00", f"m{number}", who=f"w{number}")
            self._reply_at("2026-08-17 10:30", mention)
            mention.ticket_id.social_outcome = value
        mention.ticket_id.team_id = self.sea
        # A second message of a ticket does not count it twice.
        self._say("2026-08-17 11:00", "again", who="w0", body="And where is it now?")
        self._say("2026-08-17 10:00", "unanswered", who="zoe")
        self.manager = new_test_user(
            self.env, login="care_manager", groups="social_care.social_care_group_manager"
        )
        self.company = self.env.company
        self.env.flush_all()

    def _read(self, groups, measures, user=None):
        report = self.env["social.care.report"].with_user(user or self.manager)
        return report._read_group([], groups, list(measures))

    def test_tickets_with_an_outcome_are_counted_once(self):
        self.assertEqual(self._read([], ["outcome_count:sum", "answered_count:sum"]), [(5, 6)])
        by_outcome = dict(self._read(["outcome"], ["ticket_count:sum"]))
        self.assertEqual(by_outcome, {"satisfied": 3, "came_back": 1, "silent": 1, False: 2})

    def test_shares_are_of_the_tickets_with_an_outcome(self):
        self.company.social_outcome_cases = 5
        self.assertEqual(self._read([], SHARES), [(3 / 5, 1 / 5, 1 / 5, 0, 0)])

    def test_from_fewer_cases_than_the_company_asks_for_no_share_is_shown(self):
        self.company.social_outcome_cases = 6
        self.assertEqual(self._read([], SHARES), [(False,) * 5])
        self.company.social_outcome_cases = 4
        by_team = {team: shares for team, *shares in self._read(["team_id"], SHARES)}
        self.assertEqual(by_team[self.team], [3 / 4, 0, 1 / 4, 0, 0])
        self.assertEqual(by_team[self.sea], [False] * 5, "one case tells nothing")

    def test_twenty_cases_unless_somebody_decides_otherwise(self):
        self.assertEqual(self.env["res.company"].create({"name": "x"}).social_outcome_cases, 20)
        self.assertEqual(self._read([], ["satisfied_share:avg"]), [(False,)])

    def test_the_pivots_way_of_asking_hides_small_groups_too(self):
        self.company.social_outcome_cases = 4
        report = self.env["social.care.report"].with_user(self.manager)
        totals, teams = report.formatted_read_grouping_sets(
            [], [[], ["team_id"]], ["satisfied_share:avg"], order="satisfied_share:avg desc"
        )
        self.assertEqual(totals[0]["satisfied_share:avg"], 3 / 5)
        shares = {row["team_id"][0]: row["satisfied_share:avg"] for row in teams}
        self.assertEqual(shares, {self.team.id: 3 / 4, self.sea.id: False})

    def test_a_share_leads_to_its_tickets(self):
        report = self.env["social.care.report"].with_user(self.manager)
        rows = report.search([("outcome", "=", "satisfied"), ("ticket_count", ">", 0)])
        self.assertEqual(len(rows), 3)
        self.assertEqual(set(rows.ticket_id.mapped("social_outcome")), {"satisfied"})

    def test_an_agent_counts_the_own_teams_alone(self):
        self.assertEqual(self._read([], ["outcome_count:sum"], self.agent), [(4,)])

    def test_practice_is_no_case(self):
        practice = self._create_account(name="Practice", external_id="practice", practice=True)
        with freeze_time(at("2026-08-17 10:00")):
            mention = self._receive(self._mention("p", who="una"), account=practice)
        self._reply_at("2026-08-17 10:30", mention)
        mention.ticket_id.social_outcome = "satisfied"
        self.assertEqual(self._read([], ["outcome_count:sum"]), [(5,)])

    def test_the_settings_are_the_companys(self):
        settings = self.env["res.config.settings"].create(
            {"social_outcome_cases": 50, "social_silence_days": 14}
        )
        settings.execute()
        self.assertEqual(
            (self.company.social_outcome_cases, self.company.social_silence_days), (50, 14)
        )
        self._derive("2026-08-31 10:29")
        self.assertFalse(self.ticket.social_outcome)
        self.assertEqual(self._derive("2026-08-31 10:30"), "silent")
        self.assertEqual(self.ticket.social_first_response_at, at("2026-08-17 10:30"))
