import logging
import random
import time

from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, split_every

_logger = logging.getLogger(__name__)

MAX_CONFLICTS = 8  # repeats of one unit of work after a conflict
MAX_ATTEMPTS = 5  # a row that failed its worker so often is set aside
BATCH = 100  # rows read at once from a queue
LEASE_MINUTES = 5  # a claim older than this belongs to a worker that died
NOW_SQL = "(clock_timestamp() AT TIME ZONE 'UTC')"  # leases know one clock: PostgreSQL's


class SocialCareQueue(models.AbstractModel):
    """What every queue shares: short transactions, repeated after a conflict."""

    _name = "social.care.queue"
    _description = "Social care queue"

    def _run_unit(self, work, processed=1):
        """Run ``work()`` in a transaction of its own and commit.

        Odoo runs at REPEATABLE READ: a conflict needs a new snapshot, so the
        whole unit is rolled back and repeated.

        :param work: callable without arguments; reads what it needs by itself
        :param int processed: items to add to the cron's progress
        :return: (result of ``work``, seconds left for the cron)
        """
        conflicts = 0
        while True:
            try:
                result = work()
                self.env.flush_all()
                return result, self.env["ir.cron"]._commit_progress(processed)
            except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, UniqueViolation) as conflict:
                self._forget_transaction()
                conflicts += 1
                if conflicts == MAX_CONFLICTS:
                    raise
                _logger.info(
                    "%s: conflict %s, repeating on a new snapshot",
                    self._name,
                    conflict.pgcode,
                )
                # Jitter, so that two workers do not meet again at once.
                time.sleep(random.uniform(0.005, 0.025) * 2**conflicts)  # noqa: S311

    @api.model
    def _run_batches(self, records, method, size=BATCH):
        """Run a method of many rows, ``size`` in a transaction, as long as the cron has time.

        :param str method: its name; what other workers did meanwhile it sees by itself
        """
        for ids in split_every(size, records.ids, list):
            if not self._run_batch(records.browse(ids), method):
                break

    @api.model
    def _run_batch(self, records, method, failed=None):
        """Run it in one transaction; where that fails, row by row, to find the culprit.

        :param failed: list that takes the ids of culprits
        :return: seconds left for the cron
        """
        try:
            return self._run_unit(getattr(records, method), processed=len(records))[1]
        except Exception:
            number, first = len(records), records.ids[0]
            _logger.exception(
                "%s: %s failed, %s rows from %s", records._name, method, number, first
            )
            self._forget_transaction()
        if len(records) == 1:
            if failed is not None:
                failed += records.ids
            return self.env["ir.cron"]._commit_progress(1)
        seconds_left = 0
        for record in records:
            seconds_left = self._run_batch(record, method, failed)
            if not seconds_left:
                break
        return seconds_left

    @api.model
    def _get_share(self):
        """Domain of the rows this worker takes: all, unless an addon divides a queue among workers."""
        return []

    @api.model
    def _sql_share(self):
        """The same for a queue's own statements: a condition on ``id``."""
        share = self._get_share()
        return SQL("id IN %s", self._search(share).subselect()) if share else SQL("TRUE")

    def _forget_transaction(self):
        """Roll back and drop what the cache knew from the lost transaction."""
        self.env.cr.rollback()
        self.env.invalidate_all()

    def _wake(self, cron_xmlid):
        """Have the queue's cron run at once; once a transaction is enough."""
        woken = self.env.cr.precommit.data.setdefault("social_care.woken", set())
        if cron_xmlid in woken:
            return
        cron = self.env.ref(cron_xmlid, raise_if_not_found=False)
        if cron:
            woken.add(cron_xmlid)
            cron.sudo()._trigger()
