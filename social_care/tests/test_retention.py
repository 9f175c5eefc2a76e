from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.tools import SQL, mute_logger

from odoo.addons.base.models import ir_cron
from odoo.addons.social_care import networks

from .common import SocialCareCommon

AUGUST_17 = datetime(2026, 8, 17, 8, 0)
DAY = timedelta(days=1)


class TestRetention(SocialCareCommon):
    """What is kept goes again after its time; that it was, when, and what was decided stays."""

    def setUp(self):
        super().setUp()
        self.account.write({"retention_days": 30, "ignored_retention_days": 60})

    def _ignored(self, external_id="1", who="ana", **values):
        """A message that was ignored on 17 August."""
        with freeze_time(AUGUST_17):
            mention = self._receive(self._mention(external_id, who=who, addressed=False, **values))
            mention._decide_ignored("spam")
            mention.write({"decided_by_id": self.agent.id, "decision_note": "sells watches"})
        return mention

    def _retain(self, days):
        with freeze_time(AUGUST_17 + days * DAY):
            self._run_cron("ir_cron_retain")

    def test_where_time_is_up_it_goes_on_soon_and_not_tomorrow(self):
        with freeze_time(AUGUST_17):
            self._receive(self._mention("1", raw={"id": "1"}))
        cron = self.env.ref("social_care.ir_cron_retain")
        triggers = self.env["ir.cron.trigger"]
        with patch.multiple(ir_cron, MIN_TIME_PER_JOB=0, MIN_RUNS_PER_JOB=1):
            self._retain(31)
        soon = triggers.search([("cron_id", "=", cron.id)])
        self.assertTrue(soon)
        soon.unlink()
        self._retain(31)
        self.assertFalse(triggers.search([("cron_id", "=", cron.id)]), "nothing is left")

    def test_raw_data_and_surroundings_go_after_30_days_and_the_words_stay(self):
        post = {"root": {"external_id": "9", "text": "New routes"}}
        with freeze_time(AUGUST_17):
            mention = self._receive(self._mention("1", raw={"id": "1"}, context=post))
        self._retain(29)
        self.assertEqual((mention.raw, mention.context), ({"id": "1"}, post))
        self._retain(31)
        self.assertEqual((mention.raw, mention.context), (False, False))
        self.assertEqual(mention.body, "My suitcase is lost")
        self.assertFalse(mention.blanked_at)

    def test_an_ignored_message_loses_its_words_and_author_after_60_days(self):
        picture = networks.Media(url="https://fake.example/p.png")
        mention = self._ignored(url="https://fake.example/1", media=(picture,))
        self._retain(59)
        self.assertEqual((mention.body, mention.author_id.name), ("My suitcase is lost", "Ana"))
        self._retain(61)
        self.assertEqual(
            (mention.body, mention.url, mention.media, mention.author_id.id),
            (False, False, False, False),
        )
        self.assertEqual(mention.blanked_because, "retention")
        self.assertEqual((mention.external_id, mention.posted_at), ("1", AUGUST_17))
        self.assertEqual(
            (mention.state, mention.reason_id.code, mention.decided_by_id, mention.decision_note),
            ("ignored", "spam", self.agent, "sells watches"),
        )

    def test_the_network_sends_it_again_and_nothing_returns(self):
        mention = self._ignored()
        self._retain(61)
        authors = self.env["social.care.author"].search_count([])
        later = AUGUST_17 + 62 * DAY
        self._receive(self._mention("1", body="My suitcase is STILL lost", edited_at=later))
        self.assertFalse(mention.body)
        self.assertEqual(self.env["social.care.author"].search_count([]), authors)

    def test_a_profile_goes_with_its_last_message_unless_somebody_knows_it(self):
        forgotten, rated, linked, speaking = (
            self._ignored(str(number), who=f"person{number}").author_id for number in range(4)
        )
        rated.standing = "press"
        linked.partner_id = self.env["res.partner"].create({"name": "Person 2"})
        with freeze_time(AUGUST_17):
            self._receive(self._mention("9", who="person3"))
        self._retain(61)
        self.assertFalse(forgotten.exists())
        self.assertEqual((rated | linked | speaking).exists(), rated | linked | speaking)

    def test_zero_keeps_for_ever(self):
        self.account.write({"retention_days": 0, "ignored_retention_days": 0})
        mention = self._ignored(raw={"id": "1"})
        self._retain(9999)
        self.assertEqual((mention.body, mention.raw), ("My suitcase is lost", {"id": "1"}))

    def test_days_are_never_negative(self):
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.account.retention_days = -1
            self.env.flush_all()

    def test_tickets_and_undecided_messages_keep_their_words(self):
        with freeze_time(AUGUST_17):
            ticket = self._receive(self._mention("1"))
            undecided = self._receive(self._mention("2", who="bo", addressed=False))
        self._retain(9999)
        self.assertEqual((ticket | undecided).mapped("body"), ["My suitcase is lost"] * 2)

    def test_a_call_that_was_not_understood_loses_its_body_and_keeps_its_digest(self):
        problem = networks.types.Problem(code="bad_json", body=b"{...")
        with freeze_time(AUGUST_17):
            delivery = self.env["social.care.delivery"]._keep_problems(self.account, [problem])
        digest = delivery.digest
        self._retain(29)
        self.assertEqual(delivery.body_text, "{...")
        self._retain(31)
        self.assertEqual(
            (delivery.body, delivery.digest, delivery.state), (False, digest, "failed")
        )

    def test_a_call_for_no_account_stays_as_long_as_the_longest_of_its_app(self):
        app = self.env["social.care.app"].create({"name": "App", "network": "facebook"})
        delivery = self.env["social.care.delivery"].create(
            {
                "app_id": app.id,
                "digest": "d",
                "body": "e30=",
                "state": "failed",
                "received_at": AUGUST_17,
            }
        )
        self.account.app_id = app
        self._create_account(
            external_id="other", base_url="https://o.example", app_id=app.id, retention_days=40
        )
        self._retain(39)
        self.assertTrue(delivery.body)
        self._retain(41)
        self.assertFalse(delivery.body)

    def test_one_bad_row_does_not_keep_the_others(self):
        bad, good = self._ignored("1", who="ana"), self._ignored("2", who="bo")
        mention_class = self.env.registry["social.care.mention"]
        blank = mention_class._blank_ignored

        def fail(records):
            if bad in records:
                raise ValueError("a bad row")
            return blank(records)

        with (
            patch.object(mention_class, "_blank_ignored", fail),
            self.assertLogs("odoo.addons.social_care", "ERROR"),
        ):
            self._retain(61)
        self.assertEqual((bad.body, good.body), ("My suitcase is lost", False))

    def test_an_idle_pass_costs_one_query_a_kind(self):
        account = self.env["social.care.account"]
        kinds = (
            account._is_deleted(),
            account._is_ignored_long_enough(),
            account._is_raw_long_enough(),
        )
        self.env.flush_all()
        with self.assertQueryCount(3):
            for condition in kinds:
                self.assertFalse(account._find_due(self.env["social.care.mention"], condition, []))

    def test_each_kind_is_found_by_an_index_of_its_own(self):
        account = self.env["social.care.account"]
        mentions, deliveries = self.env["social.care.mention"], self.env["social.care.delivery"]
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        for records, condition, index in (
            (mentions, account._is_deleted(), "deleted_words"),
            (mentions, account._is_ignored_long_enough(), "ignored_words"),
            (mentions, account._is_raw_long_enough(), "raw_kept"),
            (deliveries, account._is_failed_long_enough(), "failed_kept"),
        ):
            query = SQL("EXPLAIN %s", account._get_due_query(records, condition, []))
            plan = "\n".join(row[0] for row in self.env.execute_query(query))
            self.assertIn(index, plan)
