from contextlib import contextmanager

from odoo.addons.queue_job.job import PENDING, Job
from odoo.addons.social_care.tests.common import SocialCareCommon


class JobsCommon(SocialCareCommon):
    """Two accounts with a message each; a job runner is alive, but jobs run when a test says so."""

    def setUp(self):
        super().setUp()
        self.has_runner = True
        queue = self.env.registry["social.care.queue"]
        self.patch(queue, "_has_runner", lambda _self: self.has_runner)
        self.shop = self._create_account(name="Shop", external_id="shop@fake.example")
        self.ours = self._receive(self._mention("1"))
        self.theirs = self._receive(self._mention("2", who="bo"), account=self.shop)
        self.env.cr.postcommit.clear()  # what they woke

    def _jobs(self, method, record=None):
        """Jobs that wait to call this method, of this record."""
        jobs = self.env["queue.job"].search([("method_name", "=", method), ("state", "=", PENDING)])
        return jobs.filtered(lambda job: record in (None, job.records))

    @contextmanager
    def _committed(self):
        """What is woken within is queued as after a commit."""
        with self.enter_registry_test_mode():
            yield
            self.env.flush_all()
            self.env.cr.postcommit.run()
        self.env.invalidate_all()

    def _perform(self, method, record):
        """Run the record's job as the runner has it run; what it raises is the test's."""
        [job] = self._jobs(method, record)
        with self.enter_registry_test_mode():
            Job.load(self.env, job.uuid).perform()
        self.env.invalidate_all()
