from datetime import datetime

from freezegun import freeze_time

from odoo import Command

from .common import SocialCareCommon


class TestFollowingTheSun(SocialCareCommon):
    """Madrid works 9 to 17 there, Mexico 9 to 17 there: 17:00 to 01:00 in Madrid in August."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mexico = cls._team("Mexico", "America/Mexico_City", (9, 17))
        cls.account.team_line_ids = [
            Command.create({"team_id": cls.mexico.id, "sequence": 20}),
        ]

    @classmethod
    def _team(cls, name, tz, hours):
        calendar = cls._create_calendar(name, tz, [hours])
        return cls.env["helpdesk.ticket.team"].create(
            {"name": name, "use_sla": True, "resource_calendar_id": calendar.id}
        )

    def _team_at(self, at, **values):
        with freeze_time(at):
            return self._receive(
                self._mention(posted_at=datetime.fromisoformat(at), **values)
            ).ticket_id.team_id

    def test_at_ten_in_madrid_the_first_team_takes_it(self):
        self.assertEqual(self._team_at("2026-08-17 08:00:00"), self.team)

    def test_at_eight_in_the_evening_the_team_that_is_there_takes_it(self):
        # 20:00 in Madrid is 12:00 in Mexico.
        self.assertEqual(self._team_at("2026-08-17 18:00:00"), self.mexico)

    def test_at_four_in_the_night_whoever_opens_first_takes_it(self):
        # 04:00 in Madrid: Madrid opens in five hours, Mexico in thirteen.
        self.assertEqual(self._team_at("2026-08-18 02:00:00"), self.team)

    def test_on_saturday_madrid_opens_first(self):
        self.assertEqual(self._team_at("2026-08-22 12:00:00"), self.team)

    def test_on_a_holiday_in_madrid_mexico_opens_first(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "company_id": self.env.company.id,
                "date_from": datetime(2026, 8, 17, 22, 0),
                "date_to": datetime(2026, 8, 18, 21, 59),
            }
        )
        self.assertEqual(self._team_at("2026-08-18 02:00:00"), self.mexico)

    def test_where_several_are_there_the_language_decides(self):
        english = self._team("English", "Europe/Madrid", (9, 17))
        self.account.team_line_ids = [Command.create({"team_id": english.id, "sequence": 30})]
        english.social_lang_ids = (
            self.env["res.lang"].with_context(active_test=False).search([("code", "=", "en_US")])
        )
        self.assertEqual(self._team_at("2026-08-17 08:00:00", lang="en_GB"), english)
        self.assertEqual(
            self._team_at("2026-08-17 08:00:00", external_id="2", who="ben", lang="fr"), self.team
        )

    def test_the_language_alone_opens_no_closed_team(self):
        self.mexico.social_lang_ids = (
            self.env["res.lang"].with_context(active_test=False).search([("code", "=", "es_MX")])
        )
        self.assertEqual(self._team_at("2026-08-17 08:00:00", lang="es"), self.team)

    def test_a_hand_over_keeps_the_clock_running_from_the_post(self):
        with freeze_time("2026-08-17 08:00:00"):
            ticket = self._receive(self._mention()).ticket_id
        started = ticket.ticket_sla_ids.social_started_at
        ticket.team_id = self.mexico
        self.assertEqual(ticket.ticket_sla_ids.social_started_at, started)
        self.assertEqual(ticket.social_waiting_since, started)

    def test_a_hundred_new_tickets_ask_for_the_hours_once(self):
        items = [self._mention(str(number), f"customer{number}") for number in range(3)]
        self.account._ingest(items)
        mentions = self.env["social.care.mention"].search([("account_id", "=", self.account.id)])
        calls = []
        is_open = type(self.team)._social_care_is_open

        def count(team, at):
            calls.append(team)
            return is_open(team, at)

        self.patch(self.env.registry["helpdesk.ticket.team"], "_social_care_is_open", count)
        mentions._triage()
        self.assertEqual(len(mentions.ticket_id), 3)
        self.assertEqual(len(calls), 2, "two teams, asked once each")
