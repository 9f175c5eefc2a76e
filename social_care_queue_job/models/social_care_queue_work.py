import math
import time

from odoo import api, fields, models

from odoo.addons.queue_job.exception import RetryableJobError

JOB_SECONDS = 60  # Odoo ends a web worker's request after two minutes
BUSY_SECONDS = 2  # until a job that found another at work looks again
LOCK_CLASS = 0x5C_10B5  # advisory locks of these jobs; the second key is the job's


class SocialCareQueue(models.AbstractModel):
    """A job does a queue's own work, on its share of the rows."""

    _inherit = "social.care.queue"

    @api.model
    def _is_working(self):
        """Whether the work is done here: in a job, or where no job runner would do it."""
        context = self.env.context
        if context.get("social_care_queueing"):
            return False
        return bool(context.get("social_care_until")) or not self._has_runner()

    @api.model
    def _get_share(self):
        return [*super()._get_share(), *self.env.context.get("social_care_share", [])]

    @api.model
    def _work_alone(self, records, method, share=()):
        """Call ``records.method()`` on a share of its queue, within a job's time.

        Alone, so that a network that hangs holds one job and not all that its account has.

        :param share: domain of the rows
        :raise RetryableJobError: another job is at work there, or time is up
        """
        key = f"{records._name}.{method}.{share or records.ids}"
        until = time.monotonic() + JOB_SECONDS
        context = {"social_care_until": until, "social_care_share": list(share)}
        self.env["ir.cron"]._commit_progress(0)
        # The lock has a cursor of its own: it outlasts the commits, and goes when the process dies.
        with self.env.registry.cursor() as lock_cr:
            lock_cr.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", (LOCK_CLASS, key))
            if not lock_cr.fetchone()[0]:
                busy = self.env._("Another job is busy with it.")
                raise RetryableJobError(busy, seconds=BUSY_SECONDS, ignore_retry=True)
            getattr(records.with_context(**context), method)()
            self.env["ir.cron"]._commit_progress(0)
        if time.monotonic() >= until:
            self._continue_in(1)

    @api.model
    def _continue_in(self, seconds):
        more = self.env._("More is waiting.")
        raise RetryableJobError(more, seconds=seconds, ignore_retry=True)

    @api.model
    def _come_back(self, row, field):
        """Have the job come back when the network allows it, saying what it said.

        :param row: what has to wait: a record with an ``error_code``, or none
        :param field: its field with the moment, naive UTC
        :raise RetryableJobError: it has to wait
        """
        wait = (row[field] - fields.Datetime.now()).total_seconds() if row else 0
        if wait > 0:
            raise RetryableJobError(
                row._describe_error(row.error_code), seconds=math.ceil(wait), ignore_retry=True
            )
