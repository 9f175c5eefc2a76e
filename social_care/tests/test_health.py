from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.social_care import networks

from .common import SocialCareCommon

POLL = "odoo.addons.social_care.models.social_care_account_poll"


class HealthCommon(SocialCareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.responsible = new_test_user(
            cls.env,
            "care_responsible",
            email="responsible@example.com",
            groups="social_care.social_care_group_manager",
        )
        cls.deputy = new_test_user(
            cls.env,
            "care_deputy",
            email="deputy@example.com",
            groups="social_care.social_care_group_manager",
        )
        cls.account.write({"responsible_id": cls.responsible.id, "deputy_id": cls.deputy.id})

    def _poll(self):
        self.account.next_poll_at = fields.Datetime.now() - timedelta(seconds=1)
        self._run_cron("ir_cron_poll")

    def _check(self):
        self._run_cron("ir_cron_health")

    def _told(self, user, words):
        """How many messages with these words reached a person, by inbox or mail."""
        return self.env["mail.notification"].search_count(
            [
                ("res_partner_id", "=", user.partner_id.id),
                ("mail_message_id.subject", "ilike", words),
            ]
        )


class TestStates(HealthCommon):
    @mute_logger(POLL)
    def test_failures_wait_longer_and_longer_with_jitter(self):
        self.network.failure = networks.TransientError("server_error")
        for failures, minutes in [(0, 2), (1, 4), (4, 32), (5, 60), (40, 60)]:
            self.account.write({"state": "connected", "failure_count": failures})
            for low_or_high in (0.8, 1.2):
                with patch(f"{POLL}.random.uniform", side_effect=[low_or_high]) as jitter:
                    self.account._record_failure(self.network.failure)
                jitter.assert_called_once_with(0.8, 1.2)
                wait = (self.account.next_poll_at - fields.Datetime.now()) / timedelta(minutes=1)
                self.assertAlmostEqual(wait, minutes * low_or_high, delta=0.1)
                self.account.failure_count = failures

    @mute_logger(POLL)
    def test_a_wait_of_three_hours_is_honoured(self):
        self.network.failure = networks.RateLimited(retry_after=3 * 3600)
        self._poll()
        wait = (self.account.next_poll_at - fields.Datetime.now()).total_seconds()
        self.assertGreater(wait, 3 * 3600 - 10)
        self.assertLess(wait, 3 * 3600 + 30)

    @mute_logger(POLL)
    def test_a_dead_login_is_told_once_to_two_people_by_activity_and_message(self):
        self.network.failure = networks.AuthenticationError(status=401)
        self._poll()
        self.account._record_failure(self.network.failure)
        self.assertEqual(self.account.activity_ids.user_id, self.responsible | self.deputy)
        self.assertEqual(len(self.account.activity_ids), 2)
        for user in (self.responsible, self.deputy):
            self.assertEqual(self._told(user, "Renew the connection of Aurora Air"), 1)
        self.network.failure = None
        self.account.action_test_connection()
        self.assertFalse(self.account.activity_ids)
        self.network.failure = networks.AuthenticationError(status=401)
        self._poll()
        self.assertEqual(self._told(self.responsible, "Renew the connection"), 2, "it died again")

    @mute_logger(POLL)
    def test_people_are_told_in_their_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.deputy.lang = "es_ES"
        described = []
        describe = type(self.account)._describe_error

        def watch(account, code):
            described.append(account.env.lang)
            return describe(account, code)

        self.patch(type(self.account), "_describe_error", watch)
        self.account._record_failure(networks.AuthenticationError(status=401))
        self.assertEqual(described, ["en_US", "es_ES"])


class TestExpiry(HealthCommon):
    def test_told_14_3_and_1_days_before_once_each(self):
        end = datetime(2026, 12, 31, 12)
        self.account.token_expires_at = end
        told = []
        for days in (20, 15, 14, 13, 4, 3, 2, 1, 0.5, -1):
            with freeze_time(end - timedelta(days=days)):
                before = self._told(self.responsible, "log in again by 12/31/2026")
                self._check()
                self._check()
                if self._told(self.responsible, "log in again by 12/31/2026") > before:
                    told.append(days)
                    self.assertIn("log in again", self.account.health_warning)
        self.assertEqual(told, [14, 3, 1])
        self.assertEqual(self._told(self.deputy, "log in again"), 3)
        self.assertEqual(len(self.account.activity_ids), 6)

    def test_who_has_left_is_not_told(self):
        self.responsible.active = False
        self.account.token_expires_at = fields.Datetime.now() + timedelta(days=2)
        self._check()
        self.assertEqual(self._told(self.responsible, "log in again"), 0)
        self.assertEqual(self._told(self.deputy, "log in again"), 1)
        self.assertEqual(self.account.activity_ids.user_id, self.deputy)

    def test_where_both_have_left_the_teams_leader_is_told(self):
        (self.responsible | self.deputy).active = False
        self.team.user_id = self.agent
        self.account.token_expires_at = fields.Datetime.now() + timedelta(days=2)
        self._check()
        self.assertEqual(self.account.activity_ids.user_id, self.agent)

    def test_a_renewed_login_clears_it(self):
        now = fields.Datetime.now()
        self.account.token_expires_at = now + timedelta(days=2)
        self._check()
        self.assertTrue(self.account.activity_ids)
        self.account.token_expires_at = now + timedelta(days=60)
        self._check()
        self.assertFalse(self.account.activity_ids or self.account.health_warning)
        self.assertEqual(self.account.expiry_told, 0)


class TestSilence(HealthCommon):
    """One message an hour from Monday to Friday, 9 to 17 UTC, for four weeks; then none."""

    FRIDAY_16 = datetime(2026, 8, 14, 16)

    def _traffic(self, hours):
        self.account._ingest(
            [self._mention(f"t{number}", posted_at=moment) for number, moment in enumerate(hours)]
        )
        self.account.last_received_at = max(hours)

    def _office_hours(self):
        last = self.FRIDAY_16
        hours = (last - timedelta(hours=number) for number in range(4 * 168))
        return [hour for hour in hours if hour.weekday() < 5 and 9 <= hour.hour < 17]

    def _first_told(self, begin, hours):
        """The first full hour after ``begin`` at which people are told."""
        for number in range(hours):
            with freeze_time(begin + timedelta(hours=number)):
                self.account._check_health()
                if self.account.silent_since:
                    return begin + timedelta(hours=number)
        return None

    def test_nights_and_weekends_do_not_count(self):
        self._traffic(self._office_hours())
        self.account.silence_hours = 6
        # Friday 16 h, then Monday 9 to 14 h: the sixth hour of usual traffic ends at 14 h.
        self.assertEqual(self._first_told(self.FRIDAY_16, 24 * 7), datetime(2026, 8, 17, 14))

    def test_told_once_and_cleared_by_an_arrival(self):
        self._traffic(self._office_hours())
        self.account.silence_hours = 6
        with freeze_time("2026-08-17 18:00:00"):
            self._check()
            self._check()
            self.assertEqual(self._told(self.responsible, "is unusually silent"), 1)
            self.assertIn("No message has come since", self.account.health_warning)
            self._receive(self._mention("at last", posted_at=datetime(2026, 8, 17, 17, 59)))
            self.assertFalse(self.account.silent_since or self.account.health_warning)

    def test_a_trickle_is_not_silent_before_five_messages_are_missing(self):
        # One message every eight hours: in 24 hours three are missing, which may be chance.
        last = self.FRIDAY_16
        self._traffic([last - timedelta(hours=8 * number) for number in range(3 * 28)])
        self.account.silence_hours = 2
        told = self._first_told(last, 24 * 7)
        self.assertEqual(told, last + timedelta(hours=33))

    def test_with_little_history_plain_hours_count(self):
        self._traffic([self.FRIDAY_16])
        self.account.silence_hours = 12
        self.assertEqual(self._first_told(self.FRIDAY_16, 48), self.FRIDAY_16 + timedelta(hours=12))

    def test_never_where_nobody_asked_or_the_account_rests(self):
        self._traffic([self.FRIDAY_16])
        for values in ({"silence_hours": 0}, {"silence_hours": 1, "state": "paused"}):
            self.account.write(values)
            self.assertIsNone(self._first_told(self.FRIDAY_16, 48))


class TestGap(HealthCommon):
    """Nobody could look from 8 to 12; three people wrote."""

    BEGIN, END = datetime(2026, 8, 17, 8), datetime(2026, 8, 17, 12)

    def _catch_up(self):
        self.account.last_success_at = self.BEGIN
        self.network.pages = [
            [self._mention("1", posted_at=self.BEGIN + timedelta(hours=1))],
            [
                self._mention("2", posted_at=self.BEGIN + timedelta(hours=3), who="bo"),
                self._mention("3", posted_at=self.BEGIN + timedelta(minutes=210), who="cy"),
            ],
        ]
        with freeze_time(self.END):
            self._poll()

    def test_one_notice_tells_the_team_how_many_and_how_long(self):
        self._catch_up()
        with freeze_time(self.END + timedelta(minutes=5)):
            self._poll()
        for user in (self.agent, self.responsible, self.deputy):
            self.assertEqual(self._told(user, "messages were missed"), 1)
        notice = self.account.message_ids.filtered(lambda item: "missed" in (item.subject or ""))
        self.assertIn("Missed messages: 3.", notice.body)
        self.assertIn("longest 03:00", notice.body)
        self.assertIn("typically 01:00", notice.body)

    def test_what_was_missed_is_late_and_what_comes_then_is_not(self):
        self._catch_up()
        with freeze_time(self.END + timedelta(minutes=5)):
            fresh = self._receive(self._mention("4", posted_at=self.END + timedelta(minutes=1)))
            pushed = self._receive(self._mention("5", posted_at=self.END - timedelta(minutes=1)))
        missed = self.env["social.care.mention"].search(
            [("account_id", "=", self.account.id), ("late", "=", True)]
        )
        self.assertEqual(set(missed.mapped("external_id")), {"1", "2", "3", "5"})
        self.assertTrue(pushed._is_late())
        self.assertFalse(fresh._is_late())

    def test_an_hour_of_quiet_is_no_gap(self):
        self.account.last_success_at = self.END - timedelta(minutes=59)
        self.network.pages = [[self._mention("1", posted_at=self.END - timedelta(minutes=50))]]
        with freeze_time(self.END):
            self._poll()
        self.assertFalse(self.account.gap_until)
        self.assertEqual(self._told(self.agent, "missed"), 0)

    def test_an_outage_in_which_nobody_wrote_is_not_worth_a_notice(self):
        self.account.last_success_at = self.BEGIN
        self.network.pages = [[]]
        with freeze_time(self.END):
            self._poll()
        self.assertEqual(self._told(self.agent, "missed"), 0)

    @mute_logger(POLL)
    def test_a_reconnect_does_not_hide_what_was_missed(self):
        self.account.write({"state": "reconnect", "last_success_at": self.BEGIN})
        with freeze_time(self.END):
            self.account.action_test_connection()
        self._catch_up()
        self.assertEqual(self._told(self.agent, "messages were missed"), 1)

    def test_more_than_a_day_late_is_late_without_an_outage(self):
        with freeze_time(self.END):
            old, new = self._receive(
                self._mention("1", posted_at=self.END - timedelta(hours=25)),
                self._mention("2", posted_at=self.END - timedelta(hours=23), who="bo"),
            )
        self.assertEqual((old.late, new.late), (True, False))

    def test_from_before_the_start_is_late(self):
        mention = self._receive(self._mention("1", history=True, posted_at=datetime.now()))
        self.assertTrue(mention._is_late())

    def test_what_the_network_shows_no_more_is_told_and_stays_until_somebody_looked(self):
        page = networks.types.Page(
            cursor={"own": {"high": "2026-08-10T08:00:00", "gap": "2026-08-12T09:00:00"}}
        )
        self.network.fetch = lambda adapter, cursor, since: page
        self._poll()
        self._poll()
        self.assertEqual(self._told(self.agent, "messages are out of reach"), 1)
        self.assertEqual(self.account.lost_from, datetime(2026, 8, 10, 8))
        self.assertIn("cannot be read any more", self.account.health_warning)
        self.account.with_user(self.responsible).action_forget_lost()
        self.assertFalse(self.account.health_warning)
        with self.assertRaises(AccessError):
            self.account.with_user(self.agent).action_forget_lost()


class TestUsage(HealthCommon):
    def setUp(self):
        super().setUp()
        self.reads_a_page = 0
        self.headers = {}
        case, fetch = self, self.network.fetch

        def fetch_and_count(adapter, cursor, since):
            adapter.transport.last_headers = case.headers
            adapter.reads += case.reads_a_page
            return fetch(adapter, cursor, since)

        self.network.fetch = fetch_and_count
        self.network.charges_reads = True
        self.network.pages = [[self._mention("1")], [self._mention("2", who="bo")], []]

    def test_calls_left_at_most_once_a_minute(self):
        self._poll()
        self.assertFalse(self.account.calls_left_at, "the network said nothing")
        for minute, said, shown in [(0, "42", 42), (0.5, "41", 42), (2, "0", 0)]:
            self.headers = {"x-rate-limit-remaining": said}
            with freeze_time(datetime(2026, 8, 17, 8) + timedelta(minutes=minute)):
                self._poll()
            self.assertEqual(self.account.calls_left, shown, minute)
        self.assertIn("0 calls left", self.account.usage_text)
        self.network.calls_in_percent = True
        self.account.invalidate_recordset()
        self.assertIn("0 % of the calls left", self.account.usage_text)

    def test_reads_are_counted_by_month(self):
        self.reads_a_page = 30
        with freeze_time("2026-08-17 08:00:00"):
            self._poll()
            self.assertIn("90 reads this month", self.account.usage_text)
        with freeze_time("2026-09-01 00:00:01"):
            self.account.invalidate_recordset()
            self.assertIn("0 reads this month", self.account.usage_text)
            self._poll()
            self.assertEqual(self.account.reads_month, 30)

    @mute_logger(POLL)
    def test_reads_of_a_look_that_failed_are_counted_too(self):
        self.reads_a_page = 30

        def fail_on_the_second(adapter, cursor, since):
            adapter.reads += 30
            if cursor:
                raise networks.TransientError("timeout")
            return networks.types.Page(cursor={"high": 1}, more=True)

        self.network.fetch = fail_on_the_second
        self._poll()
        self.assertEqual((self.account.state, self.account.reads_month), ("degraded", 60))

    def test_used_up_reads_wait_for_the_next_month_and_are_told_at_80_and_100(self):
        self.account.read_limit = 100
        self.reads_a_page = 40
        with freeze_time("2026-08-17 08:00:00"):
            self._poll()
            self.assertEqual(self.account.reads_month, 120, "the third page put it over")
            self.assertEqual(self.account.state, "connected")
            self.assertEqual(self.account.next_poll_at, datetime(2026, 9, 1))
            self.assertIn("used up", self.account.health_warning)
            self.assertIn("120 of 100 reads", self.account.usage_text)
            self.assertEqual(self._told(self.responsible, "100 % of this month"), 1)
            self._poll()
            self.assertEqual(self.account.reads_month, 120, "looking by hand reads nothing")
            self.assertEqual(self.account.next_poll_at, datetime(2026, 9, 1))
        with freeze_time("2026-09-01 00:00:01"):
            self._run_cron("ir_cron_poll")
            self.assertEqual((self.account.reads_month, self.account.error_code), (40, False))

    def test_nobody_reads_on_before_what_was_read_is_counted(self):
        """Time is up after the first page; of the second look, the reads as well."""
        self.account.read_limit = 80
        self.reads_a_page = 40
        account_class, due = self.env.registry["social.care.account"], []
        run_unit = account_class._run_unit

        def run_and_look(account, work, processed=1):
            result = run_unit(account, work, processed)
            due.extend(account._search_due().mapped("reads_month"))
            return result

        self.patch(account_class, "_run_unit", run_and_look)
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *_args, **_more: 0)
        self._poll()
        self.assertEqual(set(due), {40}, "due with all that was read")
        due.clear()
        self._poll()
        self.assertEqual((due, self.account.reads_month), ([], 80))

    def test_told_once_at_80_per_cent(self):
        self.account.read_limit = 100
        self.reads_a_page = 27
        self._poll()
        self.reads_a_page = 1
        self._poll()
        self.assertEqual(self._told(self.responsible, "80 % of this month"), 1)
        self.assertEqual(self.account.mention_count, 2)

    def test_a_raised_limit_goes_on_at_once(self):
        self.account.read_limit = 40
        self.reads_a_page = 40
        self._poll()
        self.assertEqual(self.account.mention_count, 1, "the second page was not paid for")
        self.account.with_user(self.responsible).read_limit = 1000
        self.assertLessEqual(self.account.next_poll_at, fields.Datetime.now())
        self._run_cron("ir_cron_poll")
        self.assertEqual(self.account.mention_count, 2)

    def test_agents_set_no_limit(self):
        with self.assertRaises(AccessError):
            self.account.with_user(self.agent).read_limit = 5


class TestQueues(HealthCommon):
    def _problems(self):
        return self.env["social.care.queue"]._get_queue_problems()

    def setUp(self):
        super().setUp()
        self.now = fields.Datetime.now()
        self.account.next_poll_at = self.now

    def test_a_moving_queue_has_no_problem(self):
        self.account._ingest([self._mention("1")])
        self.assertFalse(self._problems())

    def test_the_oldest_row_of_each_queue(self):
        late = self.now - timedelta(minutes=7)
        self.account.next_poll_at = late
        self.assertIn(
            "look for new messages” is behind: 1 are waiting, the oldest for 7 minutes",
            self._problems()[0],
        )
        self.account.next_poll_at = self.now
        mention = self._receive(self._mention("1"))
        waiting = self.account._ingest([self._mention("2", who="bo")])
        waiting.received_at = late
        self.assertIn("turn messages into tickets” is behind", self._problems()[0])
        waiting._triage()
        reply = self._answer(mention)
        self.env["helpdesk.ticket.sla"].search([]).social_alarm_at = False
        reply.next_try_at = late
        self.assertIn("send answers” is behind", self._problems()[0])
        self.account.state = "reconnect"
        self.assertFalse(self._problems(), "held on purpose")

    def test_an_alarm_that_nobody_gave(self):
        row = self._receive(self._mention("1")).ticket_id.ticket_sla_ids
        row.social_alarm_at = self.now - timedelta(minutes=7)
        [problem] = self._problems()
        self.assertIn("watch the deadlines” is behind: 1 are waiting", problem)

    def test_each_of_the_scheduled_actions_may_not_be_off(self):
        known = self.env["ir.model.data"].search(
            [("module", "=", "social_care"), ("model", "=", "ir.cron")]
        )
        crons = self.env["ir.cron"].browse(known.mapped("res_id"))
        crons.active = False
        self.assertEqual(len(crons), 14)
        self.assertEqual(len(self._problems()), 14)

    def test_a_cron_that_is_off(self):
        self.env.ref("social_care.ir_cron_publish").active = False
        [problem] = self._problems()
        self.assertIn("send answers” is switched off", problem)
        with self.assertLogs("odoo.addons.social_care", "WARNING") as logs:
            self._check()
        self.assertIn("switched off", logs.output[0])

    def test_managers_read_it_agents_do_not(self):
        self.env.ref("social_care.ir_cron_publish").active = False
        account = self.account.with_user(self.responsible)
        self.assertIn("switched off", account.queue_problems)
        self.assertIsInstance(account.usage_text or "", str)
        with self.assertRaises(AccessError):
            self.account.with_user(self.agent).read(["queue_problems"])
