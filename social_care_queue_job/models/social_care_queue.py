"""What waits in Social Care's tables is queued as jobs.

A job holds no data, only whose turn it is: an account's, an app's, or a whole queue's. The
rows and their claims stay where they are, so a job too many finds nothing to do, and one
too few is made up for by the scheduled action, which looks for what is due as it ever did.
"""

import logging
from functools import partial

from odoo import SUPERUSER_ID, api, models
from odoo.tools import SQL

from odoo.addons.queue_job.job import ENQUEUED, PENDING
from odoo.addons.queue_job.jobrunner.channels import ChannelManager
from odoo.addons.queue_job.jobrunner.runner import PG_ADVISORY_LOCK_ID, _channels

_logger = logging.getLogger(__name__)

# All our jobs pass through these; "root." may be left out.
CHANNELS = ("root", "root.social_care", "social_care")


class SocialCareQueue(models.AbstractModel):
    _inherit = "social.care.queue"

    @api.model
    def _get_job_queues(self):
        """Scheduled action → the model and the method that queue its work."""
        return {
            "social_care.ir_cron_poll": ("social.care.account", "_cron_poll"),
            "social_care.ir_cron_process": ("social.care.delivery", "_cron_process"),
            "social_care.ir_cron_triage": ("social.care.mention", "_cron_triage"),
            "social_care.ir_cron_publish": ("social.care.reply", "_cron_publish"),
            "social_care.ir_cron_watch": ("helpdesk.ticket.sla", "_cron_watch"),
            "social_care.ir_cron_replan": ("helpdesk.ticket.sla", "_cron_replan"),
            "social_care.ir_cron_route": ("helpdesk.ticket.team", "_cron_route"),
        }

    @api.model
    def _has_runner(self):
        """Whether a job runner does our work.

        Where it runs one job at a time, one account that hangs would hold all that jobs do; the
        scheduled actions have a place for each queue.
        """
        return self._is_runner_alive() and self._get_room() != 1

    @api.model
    def _get_room(self):
        """How many of our jobs run at once, as the runner's configuration says; 0: no limit."""
        limits = {"root": 1}
        for channel in ChannelManager.parse_simple_config(_channels()):
            limits[channel["name"]] = channel["capacity"]
        return min((limits[name] for name in CHANNELS if limits.get(name)), default=0)

    @api.model
    def _is_runner_alive(self):
        """Whether there is a runner: it holds a lock on this database as long as it is alive."""
        [[alive]] = self.env.execute_query(
            SQL(
                """SELECT EXISTS (
                       SELECT FROM pg_locks JOIN pg_database d ON d.oid = database
                        WHERE locktype = 'advisory' AND granted AND datname = current_database()
                          AND (classid::bigint << 32) + objid::bigint = %s)""",
                PG_ADVISORY_LOCK_ID,
            )
        )
        return alive

    def _wake(self, cron_xmlid):
        """Queue the work as jobs when the rows are committed; without a runner, run the cron."""
        queued = self.env.cr.postcommit.data.setdefault("social_care.queued", set())
        if cron_xmlid in queued:
            return
        if cron_xmlid not in self._get_job_queues() or not self._has_runner():
            super()._wake(cron_xmlid)
            return
        queued.add(cron_xmlid)
        self.env.cr.postcommit.add(partial(self._queue_committed, cron_xmlid))

    @api.model
    def _queue_committed(self, cron_xmlid):
        """Queue what is due, seen by a snapshot that is newer than the rows.

        An older one could still see a job waiting that has begun meanwhile, and is past them.
        """
        model, method = self._get_job_queues()[cron_xmlid]
        try:
            with self.env.registry.cursor() as cr:
                # Queueing only: whoever wrote the rows does not wait for the work.
                env = api.Environment(cr, SUPERUSER_ID, {"social_care_queueing": True})
                getattr(env[model], method)()
        except Exception:
            # The rows are committed, whoever wrote them has nothing to repeat.
            _logger.exception("%s: not queued, its scheduled action will do so", cron_xmlid)

    @api.model
    def _queue_jobs(self, records, method, priority):
        """Have ``method`` of each record run as a job of its own, as soon as can be.

        :param records: the accounts or apps; no record: the queue is not divided
        """
        self._run_unit(partial(self._store_jobs, records, method, priority), processed=0)

    @api.model
    def _store_jobs(self, records, method, priority):
        wanted = {f"{records._name}.{method}.{record.id}": record for record in records}
        wanted = wanted or {f"{records._name}.{method}": records}
        waiting = self.env["queue.job"].search(
            [("identity_key", "in", list(wanted)), ("state", "in", (PENDING, ENQUEUED))]
        )
        # One that was to come back later has something to do now.
        waiting.filtered(lambda job: job.state == PENDING and job.eta).eta = False
        for key in wanted.keys() - set(waiting.mapped("identity_key")):
            record = wanted[key]
            title = " ".join(getattr(record, method).__doc__.split())
            delayable = record.delayable(
                priority=priority,
                identity_key=key,
                channel=self._find_channel(record).complete_name,
                description=": ".join(filter(None, (title, record.display_name))),
            )
            getattr(delayable, method)().delay()

    def _get_channel_name(self):
        """Name of the record's own channel below ours; "" where its queue is not divided."""
        return ""

    @api.model
    def _find_channel(self, record):
        """The record's channel, made at its first job: an administrator can limit or pause it there."""
        root = self.env.ref("social_care_queue_job.channel_social_care")
        name = record._get_channel_name()
        if not name:
            return root
        found = root.search([("parent_id", "=", root.id), ("name", "=", name)])
        values = {"name": name, "parent_id": root.id, "removal_interval": root.removal_interval}
        return found or root.create(values)
