import json
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import MONDAY_10, SocialCareCommon

MONDAY_20 = MONDAY_10 + timedelta(hours=10)


class HoursCommon(SocialCareCommon):
    """Madrid, Monday to Friday, 9 to 14 and 16 to 19, unless a test says otherwise."""

    def setUp(self):
        super().setUp()
        self.team.resource_calendar_id = self._create_calendar(
            "Split", "Europe/Madrid", [(9, 14), (16, 19)]
        )

    def _holiday(self, first, last, **values):
        """A holiday of whole days of August in Madrid."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "A feast nobody need know of",
                "calendar_id": self.team.resource_calendar_id.id,
                "date_from": datetime(2026, 8, first) - timedelta(hours=2),
                "date_to": datetime(2026, 8, last, 21, 59, 59),
                **values,
            }
        )

    def _second_team(self, tz, hours):
        calendar = self._create_calendar(tz, tz, hours)
        team = self.env["helpdesk.ticket.team"].create(
            {"name": tz, "resource_calendar_id": calendar.id}
        )
        self.account.team_line_ids = [Command.create({"team_id": team.id, "sequence": 20})]
        return team


class TestPublicHours(HoursCommon):
    """What is told to everybody, before it is put in words."""

    def _read(self, now=MONDAY_10):
        self.env.registry.clear_cache()
        return self.account._get_public_hours(now)

    def test_open_until_two_and_again_at_four(self):
        data = self._read()
        self.assertTrue(data["open"])
        self.assertEqual(data["closes_at"], "2026-08-17T14:00:00+02:00")
        self.assertEqual(data["opens_at"], "2026-08-17T16:00:00+02:00")

    def test_the_week_begins_on_monday_and_its_weekend_is_empty(self):
        week = self._read()["week"]
        self.assertEqual(week[:5], [[["09:00", "14:00"], ["16:00", "19:00"]]] * 5)
        self.assertEqual(week[5:], [[], []])

    def test_a_fortnight_of_holidays_is_one_entry_over_the_weekend(self):
        self._holiday(20, 31)
        self.assertEqual(
            self._read()["holidays"], [{"from": "2026-08-20", "to": "2026-08-31", "hours": []}]
        )

    def test_two_holidays_with_work_between_are_two(self):
        self._holiday(20, 20)
        self._holiday(24, 24)
        self.assertEqual(
            [day["from"] for day in self._read()["holidays"]], ["2026-08-20", "2026-08-24"]
        )

    def test_a_holiday_on_a_weekend_is_none(self):
        self._holiday(22, 23)
        self.assertFalse(self._read()["holidays"])

    def test_half_a_holiday_tells_the_hours_that_remain(self):
        self._holiday(20, 20, date_from=datetime(2026, 8, 20, 12, 0))  # from 14:00 on
        self.assertEqual(
            self._read()["holidays"],
            [{"from": "2026-08-20", "to": "2026-08-20", "hours": [["09:00", "14:00"]]}],
        )

    def test_an_employees_leave_and_a_holidays_reason_stay_inside(self):
        resource = self.env["resource.resource"].create({"name": "Ana"})
        self._holiday(19, 19, resource_id=resource.id, name="Operation")
        self._holiday(20, 20)
        data = self._read()
        self.assertEqual(len(data["holidays"]), 1)
        self.assertNotIn("feast", json.dumps(data))

    def test_two_teams_are_open_when_either_is_in_the_zone_of_the_first(self):
        self._second_team("America/Mexico_City", [(9, 17)])  # 17:00 to 1:00 in Madrid
        self.assertEqual(
            self._read()["week"][1],
            [["00:00", "01:00"], ["09:00", "14:00"], ["16:00", "24:00"]],
        )
        self.assertTrue(self._read(MONDAY_20)["open"])

    def test_a_holiday_of_one_team_only_shortens_the_day(self):
        self._second_team("Europe/Lisbon", [(9, 12)])  # 10 to 13 in Madrid
        self._holiday(20, 20)
        self.assertEqual(self._read()["holidays"][0]["hours"], [["10:00", "13:00"]])

    def test_around_the_clock_never_closes(self):
        self.team.resource_calendar_id = self._create_calendar(
            "Always", "Europe/Madrid", [(0, 24)], days=range(7)
        )
        data = self._read()
        self.assertEqual((data["open"], data["closes_at"], data["opens_at"]), (True, None, None))
        self.assertEqual(data["week"], [[["00:00", "24:00"]]] * 7)

    def test_over_the_day_the_clocks_go_back_the_hours_stay(self):
        data = self._read(datetime(2026, 10, 24, 10, 0))
        self.assertEqual(data["opens_at"], "2026-10-26T09:00:00+01:00")
        self.assertFalse(data["holidays"])

    def test_an_account_without_a_team_is_closed(self):
        self.account.team_line_ids = [Command.clear()]
        data = self._read()
        self.assertEqual((data["open"], data["opens_at"]), (False, None))

    def test_where_care_is_given_elsewhere_no_hours_are_told(self):
        self.account.write({"care": "elsewhere", "care_where": "@aurora_help"})
        data = self._read()
        self.assertEqual(data["where"], "@aurora_help")
        self.assertNotIn("week", data)

    def test_asked_again_within_five_minutes_it_takes_no_query(self):
        self._read(MONDAY_10)
        with self.assertQueryCount(0):
            self.account._get_public_hours(MONDAY_10 + timedelta(minutes=4, seconds=59))


class TestProfileHours(HoursCommon):
    """The line for the brand's profile, and whether it is still true."""

    def _bio(self, **values):
        self.account.write(values)
        with freeze_time(MONDAY_10):
            return self.account.hours_bio

    def test_it_is_short(self):
        self.assertEqual(self._bio(), "Mon–Fri 9–14, 16–19 CET. Closed on public holidays.")

    def test_at_a_weeks_end_it_says_the_same(self):
        # Monday 00:30 where the brand is, still Sunday in UTC; then the other way round.
        for tz, moment in (
            ("Europe/Madrid", "2026-08-16 22:30"),
            ("America/Lima", "2026-08-17 03:00"),
        ):
            self.team.resource_calendar_id.tz = tz
            self.account.invalidate_recordset(["hours_bio"])
            with self.subTest(tz), freeze_time(moment):
                self.assertTrue(self.account.hours_bio.startswith("Mon–Fri 9–14, 16–19 "))
                self.assertNotIn("every other week", self.account.hours_bio)

    def test_days_that_differ_are_told_apart_and_half_hours_too(self):
        calendar = self.team.resource_calendar_id
        calendar.attendance_ids.filtered(
            lambda line: line.dayofweek == "4" and line.hour_from == 16
        ).unlink()
        calendar.attendance_ids.filtered(lambda line: line.hour_from == 9).hour_from = 9.5
        self.assertEqual(
            self._bio(), "Mon–Thu 9:30–14, 16–19, Fri 9:30–14 CET. Closed on public holidays."
        )

    def test_every_other_week_is_told(self):
        calendar = self.team.resource_calendar_id
        calendar.switch_calendar_type()
        calendar.attendance_ids.filtered(
            lambda line: line.week_type == "0" and line.dayofweek == "4"
        ).unlink()
        self.assertIn("every other week", self._bio())

    def test_a_zone_without_a_name_is_told_by_its_hours(self):
        self.team.resource_calendar_id.tz = "America/Sao_Paulo"
        self.assertIn(" UTC-03.", self._bio())

    def test_in_the_language_of_the_profile(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.assertIn("lun–vie 9–14, 16–19 CET", self._bio(hours_bio_lang="es_ES"))

    def test_where_care_is_given_elsewhere_it_says_where(self):
        self.assertEqual(
            self._bio(care="elsewhere", care_where="@aurora_help"), "Customer care: @aurora_help"
        )
        self.assertEqual(self._bio(care="none"), "No customer care here.")

    def test_it_warns_once_the_hours_changed_after_a_person_put_it_there(self):
        line = self.team.resource_calendar_id.attendance_ids[0]
        line.hour_from = 8
        self.account.invalidate_recordset()
        self.assertFalse(self.account.hours_bio_warning, "nobody put it there")
        self.account.action_bio_placed()
        self.assertFalse(self.account.hours_bio_warning)
        line.hour_from = 10
        self.account.invalidate_recordset()
        self.assertIn("still tells the old hours", self.account.hours_bio_warning)
        self.account.action_bio_placed()
        self.assertFalse(self.account.hours_bio_warning)

    def test_a_holiday_does_not_make_it_untrue(self):
        self.account.action_bio_placed()
        self._holiday(20, 20)
        self.account.invalidate_recordset()
        self.assertFalse(self.account.hours_bio_warning)

    def test_an_agent_reads_it_and_changes_nothing(self):
        account = self.account.with_user(self.agent)
        self.assertTrue(account.hours_bio)
        self.assertFalse(account.hours_bio_warning)
        with self.assertRaises(AccessError):
            account.hours_published = True
        for action in (account.action_bio_placed, account.action_renew_hours_address):
            with self.assertRaises(AccessError):
                action()


@tagged("-at_install", "post_install")
class TestHoursPage(HoursCommon, HttpCase):
    """The public address: a page for people, JSON for programs."""

    def setUp(self):
        super().setUp()
        self.account.hours_published = True
        self.env.registry.clear_cache()

    def _get(self, address=None, now=MONDAY_10, **headers):
        address = address or f"/social_care/hours/{self.account.hours_token}"
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        with freeze_time(now):
            return self.url_open(address, headers=headers)

    def test_the_page_says_open_until_when_to_anybody(self):
        page = self._get()
        self.assertEqual(page.status_code, 200)
        self.assertIn("Open now", page.text)
        self.assertIn("Until: today, 2:00\u202fPM", page.text)
        self.assertIn('<html lang="en-US"', page.text)
        self.assertTrue(page.text.lstrip().startswith("<!DOCTYPE html>"))

    def test_when_closed_it_says_when_it_opens(self):
        page = self._get(now=MONDAY_20)
        self.assertIn("Closed now", page.text)
        self.assertIn("Tuesday 18 August, 9:00\u202fAM", page.text)

    def test_in_the_visitors_language_or_the_one_in_the_address(self):
        self.env["res.lang"]._activate_lang("es_ES")
        spanish = self._get(Accept_Language="fi, es-MX;q=0.8, en;q=0.5")
        self.assertIn('<html lang="es-ES"', spanish.text)
        self.assertIn("Lunes", spanish.text)
        token = self.account.hours_token
        asked = self._get(f"/social_care/hours/{token}?lang=es", Accept_Language="en")
        self.assertIn("Lunes", asked.text)
        strange = self._get(f"/social_care/hours/{token}?lang=xx'--", Accept_Language="fi")
        self.assertIn('<html lang="en-US"', strange.text)

    def test_programs_get_json_by_the_address_or_by_asking(self):
        token = self.account.hours_token
        by_address = self._get(f"/social_care/hours/{token}.json")
        by_asking = self._get(Accept="application/json")
        self.assertEqual(by_address.json(), by_asking.json())
        self.assertEqual(by_address.headers["Access-Control-Allow-Origin"], "*")
        self.assertEqual(by_address.json()["closes_at"], "2026-08-17T14:00:00+02:00")
        self.assertEqual(
            set(by_address.json()),
            set("name network handle url care where timezone open closes_at opens_at".split())
            | {"week", "holidays"},
        )

    def test_it_may_be_kept_for_five_minutes_and_sets_no_cookie(self):
        page = self._get()
        self.assertEqual(page.headers["Cache-Control"], "public, max-age=300")
        self.assertEqual(page.headers["Vary"], "Accept, Accept-Language")
        self.assertNotIn("Set-Cookie", page.headers)

    def test_nothing_is_there_unless_it_is_published(self):
        address = f"/social_care/hours/{self.account.hours_token}"
        self.account.hours_published = False
        self.assertEqual(self._get(address).status_code, 404)
        self.account.hours_published = True
        self.assertEqual(self._get(address).status_code, 200, "the address stayed")
        self.account.active = False
        self.assertEqual(self._get(address).status_code, 404)

    def test_nothing_is_at_a_guessed_or_an_old_address(self):
        old = f"/social_care/hours/{self.account.hours_token}"
        self.account.action_renew_hours_address()
        self.assertEqual(self._get(old).status_code, 404)
        self.assertEqual(self._get().status_code, 200)
        for guess in ("1", "False", "%00", "a" * 43, "%25"):
            self.assertEqual(self._get(f"/social_care/hours/{guess}").status_code, 404)

    def test_it_takes_nothing_but_questions(self):
        address = f"/social_care/hours/{self.account.hours_token}"
        self.assertEqual(self.url_open(address, data={"name": "x"}).status_code, 405)

    def test_where_care_is_elsewhere_a_link_leads_there_and_words_are_words(self):
        self.account.write({"care": "elsewhere", "care_where": "https://help.example/care"})
        self.env.registry.clear_cache()
        self.assertIn(' href="https://help.example/care">', self._get().text)
        self.account.care_where = "javascript:alert(1)<b>"
        self.env.registry.clear_cache()
        page = self._get().text
        self.assertNotIn('href="javascript', page)
        self.assertIn("javascript:alert(1)&lt;b&gt;", page)

    def test_an_account_has_no_address_until_it_is_published(self):
        other = self._create_account(external_id="other@fake.example", handle="other")
        self.assertFalse(other.hours_token)
        other.hours_published = True
        self.assertGreaterEqual(len(other.hours_token), 43)
        self.assertEqual(other.copy({"external_id": "copy"}).hours_token, False)
