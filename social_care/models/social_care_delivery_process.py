"""The queue of webhook calls: what was stored while the network waited is read.

The signature proves the app; whose an entry is, each entry says by itself: two pages
of two companies may be in one call.
"""

import logging
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .. import networks
from .social_care_delivery_receive import WAKE_EVERY
from .social_care_queue import BATCH, LEASE_MINUTES, MAX_ATTEMPTS, NOW_SQL

_logger = logging.getLogger(__name__)

LINGER = WAKE_EVERY  # seconds until the queue looks once more
MAX_WAIT = 3600  # seconds until the next try


@dataclass
class Reading:
    """What one entry came to: mentions, troubles as (code, detail), or an error of its network."""

    account: Any = None
    mentions: tuple = ()
    troubles: tuple = ()
    error: networks.NetworkError | None = None
    likes: tuple = ()

    @property
    def transient(self):
        """Whether the same may go well a little later."""
        return isinstance(self.error, (networks.RateLimited, networks.TransientError))

    @property
    def codes(self):
        # That our access was ended is news which we understood, no trouble.
        if self.error and self.error.code != "access_revoked":
            return ((self.error.code, ""),)
        return self.troubles


class SocialCareDelivery(models.Model):
    _inherit = "social.care.delivery"

    attempts = fields.Integer(readonly=True)
    next_try_at = fields.Datetime(string="Next try", readonly=True)

    def action_process_again(self):
        """Read calls once more, for instance after their account was connected."""
        if not self.env.user.has_group("social_care.social_care_group_manager"):
            raise AccessError(
                self.env._("Reading a call again takes the social care manager role.")
            )
        self.check_access("read")
        again = self.filtered(
            lambda delivery: delivery.app_id and delivery.state == "failed" and delivery.body
        )
        if not again:
            raise UserError(
                self.env._(
                    "Only what a webhook brought, and is still here, can be processed again."
                )
            )
        again.sudo().write(
            {
                "state": "received",
                "attempts": 0,
                "next_try_at": fields.Datetime.now(),
                "error_code": False,
                "error_detail": False,
            }
        )
        self._wake("social_care.ir_cron_process")
        return True

    @api.model
    def _cron_process(self):
        """Turn calls into mentions, oldest first; goes on until none waits or time is up."""
        while self._drain():
            # Calls that came within a second of the last wake-up have woken nobody.
            time.sleep(LINGER)

    @api.model
    def _drain(self):
        """Process what waits now.

        :return: whether there was anything, and there is time for more
        """
        self.env["ir.cron"]._commit_progress(0)  # a new snapshot
        last_id = 0
        while waiting := self._search_waiting(last_id):
            self.env["ir.cron"]._commit_progress(remaining=len(waiting))
            last_id = waiting.ids[-1]
            if not waiting._process():
                return False
        return bool(last_id)

    @api.model
    def _search_waiting(self, last_id):
        self.flush_model(["state", "next_try_at"])
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM social_care_delivery
                    WHERE state = 'received' AND next_try_at <= %s AND id > %s AND %s
                    ORDER BY id LIMIT %s""",
                SQL(NOW_SQL),
                last_id,
                self._sql_share(),
                BATCH,
            )
        )
        return self.browse(row[0] for row in rows)

    def _process(self):
        """Received deliveries → mentions, each entry to the account it names.

        :return: whether there is time for more
        """
        for delivery_id in self.ids:  # ids: each commit would drop the prefetched rest
            delivery = self.browse(delivery_id)
            attempt = delivery._claim()
            if attempt and not delivery._process_claimed(attempt):
                return False
        return True

    def _claim(self):
        """Take a delivery for some minutes, and commit; what keeps killing its worker is set aside.

        :return: the number of this attempt; 0 where there is nothing to do
        """

        def claim():
            self.env.cr.execute(
                SQL(
                    """UPDATE social_care_delivery
                          SET attempts = attempts + 1,
                              next_try_at = %(now)s + interval '%(lease)s minutes'
                        WHERE id = %(id)s AND state = 'received' AND next_try_at <= %(now)s
                    RETURNING attempts""",
                    now=SQL(NOW_SQL),
                    lease=LEASE_MINUTES,
                    id=self.id,
                )
            )
            self.invalidate_recordset(flush=False)
            [attempt] = self.env.cr.fetchone() or [0]
            if attempt > MAX_ATTEMPTS:
                _logger.warning("Delivery %s: set aside after %s attempts", self.id, MAX_ATTEMPTS)
                self.write({"state": "failed", "error_code": "set_aside", "error_detail": False})
                return 0
            return attempt

        return self._run_unit(claim, processed=0)[0]

    def _process_claimed(self, attempt):
        """Read every entry, then store all in one transaction; whatever fails stays on the row.

        :return: seconds left for the cron
        """
        try:
            readings = self._read_entries()
            return self._run_unit(partial(self._store, attempt, readings))[1]
        except Exception:
            _logger.exception("Delivery %s: processing failed", self.id)
            self._forget_transaction()
            trouble = Reading(troubles=(("internal_error", ""),))
            return self._run_unit(partial(self._store, attempt, [trouble]))[1]

    def _read_entries(self):
        """A Reading for each entry, in order; the network may be asked, with no transaction open."""
        network = self.app_id._get_network_class()
        if network is None:
            return [Reading(troubles=(("no_network", ""),))]
        try:
            entries = network.read_delivery(self._read_body())
        except ValueError:
            return [Reading(troubles=(("bad_call", ""),))]
        accounts = self._find_owners(entries)
        adapters, stopped = {}, {}
        for account in accounts.values():
            try:
                adapters[account] = account._get_adapter()
            except networks.NetworkError as error:
                stopped[account] = Reading(account, error=error)
        self.env["ir.cron"]._commit_progress(0)
        readings = []
        for entry in entries:
            account = accounts.get((entry.network, entry.owner))
            reading = stopped.get(account) or self._read_entry(entry, account, adapters)
            if reading.transient:
                # A network that makes us wait is not asked again for each entry.
                stopped[account] = reading
            readings.append(reading)
        return readings

    def _find_owners(self, entries):
        """(network, external id) → account under this app.

        A paused account's mentions are kept as well: pausing stops what we ask for and
        send, never what customers say.
        """
        accounts = self.env["social.care.account"].search(
            [
                ("app_id", "=", self.app_id.id),
                ("network", "in", list({entry.network for entry in entries})),
                ("external_id", "in", list({entry.owner for entry in entries})),
                ("practice", "=", False),
                ("state", "!=", "draft"),
            ]
        )
        return {(account.network, account.external_id): account for account in accounts}

    def _read_entry(self, entry, account, adapters):
        if account is None:
            return Reading(troubles=(("no_owner", entry.owner),))
        try:
            page = account._call(adapters[account].read_entry, entry)
        except networks.NetworkError as error:
            return Reading(account, error=error)
        except Exception:
            # A bug over one entry must not lose the others.
            _logger.exception("Delivery %s: an entry cannot be read", self.id)
            return Reading(account, troubles=(("internal_error", ""),))
        troubles = tuple((problem.code, problem.detail) for problem in page.problems)
        return Reading(account, page.mentions, troubles, likes=page.likes)

    def _store(self, attempt, readings):
        """Mentions and the delivery's end together: neither is ever without the other."""
        if not self._conclude(attempt, readings):
            return  # our claim ran out and another worker took it
        by_account = {}
        for reading in readings:
            if reading.account:
                by_account.setdefault(reading.account, []).append(reading)
        for account in sorted(by_account, key=lambda account: account.id):
            own = by_account[account]
            account._ingest([mention for reading in own for mention in reading.mentions])
            likes = [like for reading in own for like in reading.likes]
            self.env["social.care.reply"]._note_likes(account, likes)
            account._note_arrival("last_pushed_at")
            dead = [r.error for r in own if isinstance(r.error, networks.AuthenticationError)]
            if dead:
                account._record_failure(dead[0])

    def _conclude(self, attempt, readings):
        """Processed, failed, or received until the next try; false where it is no longer ours."""
        codes = [trouble for reading in readings for trouble in reading.codes]
        transient = [reading.error for reading in readings if reading.transient]
        retry = bool(transient) and attempt < MAX_ATTEMPTS
        wait = max((error.retry_after or 60 * 2**attempt for error in transient), default=0)
        self.env.cr.execute(
            SQL(
                """UPDATE social_care_delivery
                      SET state = %(state)s, error_code = %(code)s, error_detail = %(detail)s,
                          next_try_at = %(now)s + interval '1 second' * %(wait)s
                    WHERE id = %(id)s AND state = 'received' AND attempts = %(attempt)s
                RETURNING id""",
                state="received" if retry else "failed" if codes else "processed",
                code=codes[0][0] if codes else None,
                detail=", ".join(dict.fromkeys(d for _code, d in codes if d))[:200] or None,
                now=SQL(NOW_SQL),
                wait=min(wait, MAX_WAIT),
                id=self.id,
                attempt=attempt,
            )
        )
        self.invalidate_recordset(flush=False)
        return bool(self.env.cr.fetchone())
