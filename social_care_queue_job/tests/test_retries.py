import time
from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.social_care import networks

from ..models import social_care_queue_work as work
from .common import JobsCommon


@tagged("post_install", "-at_install")
class TestRetries(JobsCommon):
    """A job comes back when there is something to do for it."""

    def _perform_postponed(self, method, record):
        """Run a job that comes back; gives when, in seconds, and why."""
        with self.assertRaises(RetryableJobError) as caught:
            self._perform(method, record)
        self.assertTrue(caught.exception.ignore_retry, "its rows count the attempts")
        return caught.exception.seconds, str(caught.exception)

    def test_a_rate_limit_brings_the_poll_back_at_its_time(self):
        self.account.next_poll_at = fields.Datetime.now() - timedelta(minutes=1)
        self.network.failure = networks.RateLimited(retry_after=600)
        self._run_cron("ir_cron_poll")
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            seconds, why = self._perform_postponed("_job_poll", self.account)
        self.assertAlmostEqual(seconds, 610, delta=15)
        self.assertIn("Too many calls", why)

    def test_a_rate_limit_brings_the_answer_back_at_its_time(self):
        reply = self._answer(self.ours)
        self.network.failure = networks.RateLimited(status=429, retry_after=600)
        self._run_cron("ir_cron_publish")
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            seconds, why = self._perform_postponed("_job_publish", self.account)
        self.assertAlmostEqual(seconds, 600, delta=15)
        self.assertIn("Too many calls", why)
        self.assertEqual(reply.state, "queued")

    def test_a_dead_login_does_not_bring_it_back(self):
        reply = self._answer(self.ours)
        self.network.failure = networks.AuthenticationError(status=401)
        self._run_cron("ir_cron_publish")
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._perform("_job_publish", self.account)
        self.assertEqual((reply.state, self.account.state), ("queued", "reconnect"))

    def test_one_that_waits_comes_at_once_when_there_is_something_to_do(self):
        reply = self._answer(self.ours)
        self._run_cron("ir_cron_publish")
        [job] = self._jobs("_job_publish")
        job.eta = fields.Datetime.now() + timedelta(hours=1)
        reply.next_try_at = fields.Datetime.now() + timedelta(hours=1)
        self._run_cron("ir_cron_publish")
        self.assertTrue(job.eta, "nothing is due")
        reply.next_try_at = fields.Datetime.now()
        self._run_cron("ir_cron_publish")
        self.assertEqual(self._jobs("_job_publish"), job)
        self.assertFalse(job.eta)

    def test_a_second_job_of_an_account_waits_for_the_first(self):
        self._answer(self.ours)
        self._answer(self.theirs)
        self._run_cron("ir_cron_publish")
        share = [("account_id", "=", self.account.id)]
        key = f"social.care.reply._cron_publish.{share}"
        with self.registry.cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (work.LOCK_CLASS, key))
            seconds, why = self._perform_postponed("_job_publish", self.account)
            self.assertEqual((seconds, why), (2, "Another job is busy with it."))
            self.assertFalse(self.network.ledger)
            self._perform("_job_publish", self.shop)
        self.assertEqual(len(self.network.ledger), 1, "the other account's")

    def test_a_job_whose_time_is_up_goes_on_in_another(self):
        self._answer(self.ours)
        more = self._answer(self._receive(self._mention("3", "cy")))
        self._run_cron("ir_cron_publish")
        with patch.object(work, "JOB_SECONDS", 0.3):
            self.network.on_publish = lambda _adapter, _reply: time.sleep(0.4)
            seconds, why = self._perform_postponed("_job_publish", self.account)
        self.assertEqual((seconds, why), (1, "More is waiting."))
        self.assertEqual((len(self.network.ledger), more.state), (1, "queued"))

    def test_a_poll_whose_time_is_up_with_pages_waiting_goes_on_in_another(self):
        self.network.pages = [[self._mention("8")], [self._mention("9")]]
        self.account.next_poll_at = fields.Datetime.now() - timedelta(minutes=1)
        self._run_cron("ir_cron_poll")
        # Not assertRaises: it would roll back what the job committed.
        with patch.object(work, "JOB_SECONDS", 0), suppress(RetryableJobError):
            self._perform("_job_poll", self.account)
        self.assertEqual(self.account.mention_count, 2, "one was there before")
        self._perform("_job_poll", self.account)
        self.assertEqual(self.account.mention_count, 3)

    def test_whose_other_messages_are_being_decided_on_waits_a_moment(self):
        self.account._ingest([self._mention("8", "cy")])
        self.shop._ingest([self._mention("9", "cy")])
        busy = self.env["social.care.mention"].search([("external_id", "=", "9")])
        busy.triage_until = fields.Datetime.now() + timedelta(minutes=5)
        self._run_cron("ir_cron_triage")
        seconds, why = self._perform_postponed("_job_triage", self.account)
        self.assertEqual((seconds, why), (2, "More is waiting."))
        busy.triage_until = False
        self._perform("_job_triage", self.account)
        mention = self.env["social.care.mention"].search([("external_id", "=", "8")])
        self.assertEqual(mention.state, "ticket")
