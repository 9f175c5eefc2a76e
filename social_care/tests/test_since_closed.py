from datetime import datetime

from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user

from .common import SocialCareCommon

# 17 August 2026 is a Monday; Madrid is two hours ahead of UTC, Mexico City six behind.
SUNDAY_NIGHT = datetime(2026, 8, 16, 21, 0)  # Sunday 23:00 in Madrid
MONDAY_0930 = datetime(2026, 8, 17, 7, 30)  # Monday 9:30 in Madrid, half an hour after opening


class TestSinceClosed(SocialCareCommon):
    """Since you closed: the last closed hours of each of one's teams, in groups."""

    def _arrive(self, external_id, at, who=None, account=None, **values):
        with freeze_time(at):
            item = self._mention(external_id, who=who or f"w{external_id}", posted_at=at, **values)
            return self._receive(item, account=account)

    def _seen(self, user, at=MONDAY_0930):
        """The ids on their network of what a user sees under Since you closed."""
        self.env.cr.cache.clear()  # a request is a transaction of its own
        with freeze_time(at):
            found = (
                self.env["social.care.mention"]
                .with_user(user)
                .search([("since_closed", "=", True)])
            )
        return sorted(found.mapped("external_id"))

    def test_the_weekend_from_fridays_closing_to_mondays_opening(self):
        self._arrive("friday 16:59", datetime(2026, 8, 14, 14, 59))
        self._arrive("friday 17:00", datetime(2026, 8, 14, 15, 0))
        self._arrive("sunday", SUNDAY_NIGHT)
        self._arrive("monday 8:59", datetime(2026, 8, 17, 6, 59))
        self._arrive("monday 9:00", datetime(2026, 8, 17, 7, 0))
        self.assertEqual(self._seen(self.agent), ["friday 17:00", "monday 8:59", "sunday"])

    def test_while_it_is_closed_what_came_until_now(self):
        self._arrive("sunday", SUNDAY_NIGHT)
        self.assertEqual(self._seen(self.agent, at=datetime(2026, 8, 16, 22, 0)), ["sunday"])

    def test_history_did_not_arrive(self):
        self._arrive("old", SUNDAY_NIGHT, history=True)
        self.assertEqual(self._seen(self.agent), [])

    def test_two_teams_with_different_hours(self):
        """Monday 9:30 in Madrid is 1:30 in Mexico: Mexico closed on Friday at 17:00 there."""
        mexico = self.env["helpdesk.ticket.team"].create(
            {
                "name": "Mexico",
                "resource_calendar_id": self._create_calendar(
                    "Mexico 9-17", "America/Mexico_City", [(9, 17)]
                ).id,
            }
        )
        there = self._create_account(
            external_id="mx@fake.example",
            team_line_ids=[Command.create({"team_id": mexico.id})],
        )
        friday_evening = datetime(2026, 8, 14, 20, 0)  # Madrid 22:00: closed; Mexico 14:00: open
        monday_now = datetime(2026, 8, 17, 7, 15)  # Madrid 9:15: open; Mexico 1:15: closed
        self._arrive("es friday", friday_evening)
        self._arrive("es monday", monday_now)
        self._arrive("mx friday", friday_evening, account=there)
        self._arrive("mx monday", monday_now, account=there)
        lupe = new_test_user(self.env, "lupe", groups="social_care.social_care_group_agent")
        mexico.user_ids = lupe
        self.assertEqual(self._seen(self.agent), ["es friday"])
        self.assertEqual(self._seen(lupe), ["mx monday"])
        mexico.user_ids |= self.agent
        self.assertEqual(self._seen(self.agent), ["es friday", "mx monday"])
        boss = new_test_user(self.env, "boss", groups="social_care.social_care_group_manager")
        self.assertEqual(self._seen(boss), ["es friday", "mx monday"])

    def test_one_works_in_the_team_one_leads(self):
        self._arrive("sunday", SUNDAY_NIGHT)
        other = self.env["helpdesk.ticket.team"].create(
            {"name": "Other", "resource_calendar_id": self.calendar.id}
        )
        self._create_account(
            external_id="other@fake.example", team_line_ids=[Command.create({"team_id": other.id})]
        )
        leader = new_test_user(self.env, "leader", groups="social_care.social_care_group_agent")
        other.user_ids = leader
        self.assertEqual(self._seen(leader), [])
        self.team.user_id = leader
        self.assertEqual(self._seen(leader), ["sunday"])

    def test_a_ticket_counts_for_the_team_that_has_it(self):
        other = self.env["helpdesk.ticket.team"].create(
            {"name": "Other", "user_ids": [Command.link(self.agent.id)]}
        )
        mention = self._arrive("sunday", SUNDAY_NIGHT)
        self.assertEqual(self._seen(self.agent), ["sunday"])
        mention.ticket_id.team_id = other
        self.assertEqual(self._seen(self.agent), [])

    def test_a_team_without_working_hours_never_closed(self):
        self.team.resource_calendar_id = self._create_calendar("Empty", "Europe/Madrid", [])
        self._arrive("sunday", SUNDAY_NIGHT)
        self.assertEqual(self._seen(self.agent), [])

    def test_groups_each_message_once_in_the_order_of_what_it_takes(self):
        arrivals = {
            "severe": self._arrive("1", SUNDAY_NIGHT, intent="complaint"),
            "complaint": self._arrive("2", SUNDAY_NIGHT, intent="complaint"),
            "repeated": self._arrive("3", SUNDAY_NIGHT, who="bo"),
            "deleted": self._arrive("5", SUNDAY_NIGHT, intent="complaint"),
            "answered": self._arrive("6", SUNDAY_NIGHT, intent="complaint"),
            "praise": self._arrive("7", SUNDAY_NIGHT, intent="praise"),
            "other": self._arrive("8", SUNDAY_NIGHT, intent="question"),
        }
        self._arrive("4", SUNDAY_NIGHT, who="bo")
        # Not a second time since closing: the first was in Thursday's hours.
        self._arrive("0", datetime(2026, 8, 13, 9, 0), who="w8")
        arrivals["severe"].severe = True
        arrivals["deleted"].deleted_at = SUNDAY_NIGHT
        self._answer(arrivals["answered"])
        self._run_cron("ir_cron_publish")
        with freeze_time(MONDAY_0930):
            model = self.env["social.care.mention"].with_user(self.agent)
            groups = model.with_context(read_group_expand=True).web_read_group(
                [("since_closed", "=", True)], ["arrival"], ["__count"]
            )
            self.assertEqual(
                [(group["arrival"], group["__count"]) for group in groups["groups"]],
                [
                    ("severe", 1),
                    ("complaint", 1),
                    ("repeated", 2),
                    ("deleted", 1),
                    ("answered", 1),
                    ("praise", 1),
                    ("other", 1),
                ],
            )
            for name, mention in arrivals.items():
                self.assertEqual(mention.with_user(self.agent).arrival, name)
                rows = model.search([("since_closed", "=", True), ("arrival", "=", name)])
                self.assertIn(mention, rows)

    def test_rows_of_other_teams_stay_out_of_the_groups(self):
        self._arrive("sunday", SUNDAY_NIGHT)
        stranger = new_test_user(
            self.env, "night_stranger", groups="social_care.social_care_group_agent"
        )
        with freeze_time(MONDAY_0930):
            groups = (
                self.env["social.care.mention"]
                .with_user(stranger)
                .web_read_group([("since_closed", "=", True)], ["arrival"], ["__count"])
            )
        self.assertFalse(sum(group["__count"] for group in groups["groups"]))
