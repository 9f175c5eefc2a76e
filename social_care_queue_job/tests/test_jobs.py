from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..hooks import uninstall_hook
from ..models import social_care_queue
from .common import JobsCommon


@tagged("post_install", "-at_install")
class TestJobs(JobsCommon):
    """The queues' work is done by jobs, one account's beside the other's."""

    def _answer_in(self, account, external_id):
        author = f"{account.id}{external_id}"
        return self._answer(self._receive(self._mention(external_id, author), account=account))

    def _triggers(self, name):
        cron = self.env.ref(f"social_care.{name}")
        return self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])

    def test_an_answer_is_queued_when_it_is_committed(self):
        with self._committed():
            self._answer(self.ours)
            self.assertFalse(self._jobs("_job_publish"))
        job = self._jobs("_job_publish")
        self.assertEqual(job.records, self.account)
        self.assertEqual(job.channel, f"root.social_care.{self.account.id}")
        self.assertEqual(job.name, f"Send answers: {self.account.display_name}")
        self.assertEqual(job.user_id, self.env.ref("base.user_root"))

    def test_one_job_is_enough_for_all_that_waits(self):
        with self._committed():
            self._answer(self.ours)
        with self._committed():
            self._answer_in(self.account, "3")
            self._answer(self.theirs)
        self.assertEqual(len(self._jobs("_job_publish")), 2)
        self.assertEqual(len(self._jobs("_job_publish", self.account)), 1)

    def test_a_job_sends_its_own_accounts_answers(self):
        ours, more = self._answer(self.ours), self._answer_in(self.account, "3")
        theirs = self._answer(self.theirs)
        self._run_cron("ir_cron_publish")
        self._perform("_job_publish", self.account)
        self.assertEqual((ours.state, more.state, theirs.state), ("sent", "sent", "queued"))
        self.assertTrue(ours.settled_at)
        self._perform("_job_publish", self.shop)
        self.assertEqual(theirs.state, "sent")
        self.assertEqual(len(self.network.ledger), 3)

    def test_a_job_too_many_sends_nothing(self):
        self._answer(self.ours)
        self._run_cron("ir_cron_publish")
        [job] = self._jobs("_job_publish")
        self._perform("_job_publish", self.account)
        self.assertEqual(job.state, "pending", "the runner has it run again")
        self._perform("_job_publish", self.account)
        self.assertEqual(len(self.network.ledger), 1)

    def test_messages_are_looked_for_and_ticketed_by_account(self):
        past = fields.Datetime.now() - timedelta(minutes=1)
        (self.account | self.shop).next_poll_at = past
        self.network.pages = [[self._mention("8", "cy")]]
        self._run_cron("ir_cron_poll")
        self._perform("_job_poll", self.account)
        self.assertGreater(self.account.next_poll_at, past)
        self.assertEqual(self.shop.next_poll_at, past)
        self._perform("_job_poll", self.shop)
        self._run_cron("ir_cron_triage")
        self._perform("_job_triage", self.account)
        mentions = self.env["social.care.mention"].search([("external_id", "=", "8")])
        self.assertEqual(mentions.filtered("ticket_id").account_id, self.account)
        self._perform("_job_triage", self.shop)
        self.assertEqual(mentions.filtered("ticket_id").account_id, self.account | self.shop)

    def test_calls_are_read_by_app(self):
        apps = self.env["social.care.app"].create(
            [
                {"name": name, "network": "mastodon", "base_url": f"https://{name}.example"}
                for name in ("one", "two")
            ]
        )
        for app in apps:
            self.env["social.care.delivery"]._receive(app, b"{}")
        self._run_cron("ir_cron_process")
        [job] = self._jobs("_job_process", apps[0])
        self.assertEqual(job.channel, f"root.social_care.app_{apps[0].id}")
        # Nobody waits a second for calls that wake nobody.
        self.patch(self.env.registry["social.care.delivery"], "_read_entries", lambda _self: [])
        self._perform("_job_process", apps[0])
        deliveries = self.env["social.care.delivery"].search([("app_id", "in", apps.ids)])
        states = {delivery.app_id: delivery.state for delivery in deliveries}
        self.assertEqual(states, {apps[0]: "processed", apps[1]: "received"})

    def test_deadlines_are_watched_and_replanned_in_a_job_where_there_is_something_to_do(self):
        clocks = self.env["helpdesk.ticket.sla"].search([("social_started_at", "!=", False)])
        clocks.social_alarm_at = False
        for cron in ("ir_cron_watch", "ir_cron_replan", "ir_cron_route"):
            self._run_cron(cron)
        self.assertFalse(self._jobs("_job_watch") | self._jobs("_job_replan"))
        clock = clocks.filtered(lambda row: row.ticket_id == self.ours.ticket_id)
        clock.social_alarm_at = fields.Datetime.now() - timedelta(minutes=1)
        clock.social_replan_at = fields.Datetime.now()
        for cron in ("ir_cron_watch", "ir_cron_replan"):
            self._run_cron(cron)
        self._perform("_job_watch", clock.browse())
        self.assertTrue(clock.social_breached_at)
        self._perform("_job_replan", clock.browse())
        self.assertFalse(clock.social_replan_at)

    def test_without_a_runner_the_scheduled_actions_do_the_work(self):
        self.has_runner = False
        with self._committed():
            reply = self._answer(self.ours)
        self.assertTrue(self._triggers("ir_cron_publish"))
        self._run_cron("ir_cron_publish")
        self.assertEqual(reply.state, "sent")
        self.assertFalse(self._jobs("_job_publish"))

    def test_how_many_jobs_run_at_once_is_read_from_odoos_configuration(self):
        queue = self.env["social.care.queue"]
        self.patch(self.env.registry["social.care.queue"], "_is_runner_alive", lambda _self: True)
        for channels, room, told in (
            ("root:1", 1, 1),
            ("crm:2", 1, 1),
            ("root:3", 3, 3),
            ("root:4", 4, 0),
            ("root:4,root.social_care:1", 1, 1),
            ("root:8\nsocial_care:2", 2, 2),
            ("root:4,root.social_care.7:1", 4, 0),
        ):
            self.patch(social_care_queue, "_channels", lambda channels=channels: channels)
            with self.subTest(channels):
                self.assertEqual(queue._get_room(), room)
                self.assertEqual(self.env["res.config.settings"].create({}).social_care_room, told)

    def test_uninstalling_gives_the_queues_back(self):
        reply = self._answer(self.ours)
        self._run_cron("ir_cron_publish")
        [job] = self._jobs("_job_publish")
        uninstall_hook(self.env)
        self.assertEqual(job.state, "cancelled")
        self.assertTrue(self._triggers("ir_cron_publish"))
        self.assertEqual(reply.state, "queued")
