"""Webhook calls are stored while the network waits, in one statement; see the processing."""

import base64
import hashlib
import math
import time
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.tools import SQL

from .social_care_queue import NOW_SQL

WAKE_EVERY = 1  # seconds between two wake-ups of the queue by one process
KEEP_BODY_DAYS = 7  # of calls that became mentions
VACUUM_BATCH = 1000

_woken_at: dict[str, float] = {}  # database → this process's last wake-up, monotonic


class SocialCareDelivery(models.Model):
    _inherit = "social.care.delivery"

    _vacuum = models.Index("(received_at) WHERE state = 'processed' AND body IS NOT NULL")

    @api.model
    def _receive(self, app, body):
        """Store a signed call, once, and wake the queue.

        Plain SQL: one row on which nothing depends, by a statement that is never
        logged, for it holds a customer's words.

        :param bytes body: as it came
        """
        statement = SQL(
            """INSERT INTO social_care_delivery
                      (app_id, company_id, digest, body, state, attempts, received_at, next_try_at)
               VALUES (%(app)s, %(company)s, %(digest)s, %(body)s, 'received', 0, %(now)s, %(now)s)""",
            app=app.id,
            company=app.company_id.id,
            digest=hashlib.sha256(body).hexdigest(),
            body=base64.b64encode(body),
            now=SQL("date_trunc('second', %s)", SQL(NOW_SQL)),
        )
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(statement, log_exceptions=False)
        except UniqueViolation:
            return  # sent again, or a replay: it is here
        self._wake_soon()

    def _wake_soon(self):
        """Wake the queue, at most once a second: what comes within it is seen by the queue's second look."""
        now, database = time.monotonic(), self.env.cr.dbname
        if now - _woken_at.get(database, -math.inf) >= WAKE_EVERY:
            _woken_at[database] = now
            self._wake("social_care.ir_cron_process")

    @api.autovacuum
    def _gc_bodies(self):
        """Let go of calls that became mentions; their digest stays, so that no replay counts."""
        before = fields.Datetime.now() - timedelta(days=KEEP_BODY_DAYS)
        old = self.search(
            [("state", "=", "processed"), ("body", "!=", False), ("received_at", "<", before)],
            limit=VACUUM_BATCH,
        )
        old._purge_body()
        return len(old), len(old) == VACUUM_BATCH
