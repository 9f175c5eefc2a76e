import logging
import random
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

from .. import networks
from .social_care_queue import LEASE_MINUTES, NOW_SQL

_logger = logging.getLogger(__name__)

MAX_BACKOFF_MINUTES = 60
CONTEXTS_A_POLL = 10  # posts around a mention cost a call each
REFRESH_MINUTES = 30  # how often mentions on open tickets are read again
REFRESHED_AT_ONCE = 20


class SocialCareAccount(models.Model):
    _inherit = "social.care.account"

    refreshed_at = fields.Datetime(string="Read again on", readonly=True, copy=False)

    @api.model
    def _cron_poll(self):
        due = self._search_due()
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        due._poll()

    @api.model
    def _search_due(self):
        return self.search(
            [
                ("state", "in", ("connected", "degraded")),
                ("next_poll_at", "<=", fields.Datetime.now()),
            ],
            # Connected before degraded: who made the others wait comes last.
            order="state, next_poll_at, id",
        )

    def _poll(self):
        """Fetch and ingest what is new on due accounts; one account never stops the next."""
        for account_id in self.ids:  # ids: each commit would drop the prefetched rest
            account = self.browse(account_id)
            try:
                if account._claim_poll():
                    account._poll_claimed()
            except Exception:
                # Not even its failure could be stored: the claim ends by itself.
                _logger.exception("Account %s: left for later", account_id)
                self._forget_transaction()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _claim_poll(self):
        """Take the account for some minutes; false when another worker has it.

        Attempts are committed before the work, so that an account which kills
        its worker is asked less and less often.
        """

        def claim():
            self.env.cr.execute(
                SQL(
                    """UPDATE social_care_account
                          SET next_poll_at = %(now)s + interval '%(lease)s minutes'
                                             * LEAST(POWER(2, COALESCE(poll_attempts, 0)), 12),
                              poll_attempts = COALESCE(poll_attempts, 0) + 1
                        WHERE id = %(id)s AND next_poll_at <= %(now)s
                          AND state IN ('connected', 'degraded')
                    RETURNING poll_attempts""",
                    now=SQL(NOW_SQL),
                    lease=LEASE_MINUTES,
                    id=self.id,
                )
            )
            self.invalidate_recordset(flush=False)
            return self.env.cr.fetchone()

        claimed, _seconds_left = self._run_unit(claim, processed=0)
        return bool(claimed)

    def _poll_claimed(self):
        """Read all pages that wait; every failure becomes a state of this account."""
        self.ensure_one()
        if self._are_reads_used_up():
            self._run_unit(self._wait_for_month, processed=0)
            return
        adapter = None
        try:
            adapter = self._get_adapter()
            complete = self._fetch_pages(adapter)
        except networks.NetworkError as error:
            self._forget_transaction()
            self._run_unit(partial(self._record_failure, error), processed=0)
        except Exception:
            # A bug in one adapter must not stop the other accounts.
            _logger.exception("Account %s: reading failed", self.id)
            self._forget_transaction()
            failure = networks.TransientError("internal_error")
            self._run_unit(partial(self._record_failure, failure), processed=0)
        else:
            waiting = not complete and not self._are_reads_used_up(adapter.reads)
            if waiting:
                # Counted before another worker may read on.
                self._note_usage(adapter)
            self._run_unit(partial(self._record_success, waiting), processed=0)
            if complete:
                self._run_unit(self._tell_gap, processed=0)
                self._fetch_extras(adapter)
        if adapter:
            self._note_usage(adapter)

    def _fetch_extras(self, adapter):
        """What is worth having but says nothing about the account's health."""
        for fetch in (self._fetch_missing_context, self._refresh_open_mentions):
            try:
                fetch(adapter)
            except networks.NetworkError as error:
                _logger.info("Account %s: %s left for later: %s", self.id, fetch.__name__, error)
                self._forget_transaction()
                break
            except Exception:
                _logger.exception("Account %s: %s failed", self.id, fetch.__name__)
                self._forget_transaction()

    def _fetch_pages(self, adapter):
        """Fetch and store page by page; every stored page is safe.

        :return: whether the last page was read, with paid reads to spare
        """
        while True:
            cursor, since = self.cursor or {}, self.since
            # No transaction is open while the network is slow.
            self.env["ir.cron"]._commit_progress(0)
            page = self._call(adapter.fetch, cursor, since)
            _mentions, seconds_left = self._run_unit(partial(self._store_page, page), processed=0)
            if self._are_reads_used_up(adapter.reads):
                return False
            if not page.more or not seconds_left:
                return not page.more

    def _store_page(self, page):
        """Rows and cursor of one page together: neither is ever without the other."""
        self._note_gap()
        mentions = self._ingest(page.mentions)
        self.env["social.care.reply"]._note_likes(self, page.likes)
        self._note_lost(page.cursor)
        self.env["social.care.delivery"]._keep_problems(self, page.problems)
        lease = fields.Datetime.now() + timedelta(minutes=LEASE_MINUTES)
        self.write({"cursor": page.cursor, "next_poll_at": lease})
        return mentions

    def _record_success(self, waiting=False):
        """Look again in some minutes; at once, behind the accounts that are due, for pages that wait."""
        now = fields.Datetime.now()
        network = self._get_network_class()
        # Beside webhooks that arrive, polling only closes gaps.
        pushed = self.last_pushed_at and self.last_pushed_at > now - timedelta(days=1)
        minutes = network.pushed_poll_minutes if pushed else network.poll_minutes
        if waiting:
            minutes = 0
            self._wake("social_care.ir_cron_poll")
        values = {
            "last_success_at": now,
            "next_poll_at": now + timedelta(minutes=minutes),
            "failure_count": 0,
            "poll_attempts": 0,
            "error_code": False,
        }
        if self.state == "degraded":  # somebody may have paused it meanwhile
            values["state"] = "connected"
        self.write(values)

    def _record_failure(self, error):
        """Turn a NetworkError into the account's state, next look and, if dead, a call for help."""
        self.ensure_one()
        account_sudo = self.sudo()
        _logger.warning("Account %s: %s", self.id, error)
        failures = account_sudo.failure_count + 1
        values = {"failure_count": failures, "error_code": error.code, "poll_attempts": 0}
        if isinstance(error, networks.AuthenticationError) and account_sudo.state != "draft":
            values["state"] = "reconnect"
        elif account_sudo.state == "reconnect":
            del values["error_code"]  # why the login died matters more than a failed try
        elif error.code == "no_network":
            values["state"] = "paused"
        elif account_sudo.state in ("connected", "degraded"):
            minutes = min(2**failures, MAX_BACKOFF_MINUTES)
            wait = timedelta(minutes=minutes * random.uniform(0.8, 1.2))  # noqa: S311
            if error.retry_after:
                # What the network asks for, and some seconds, so that not all come back at once.
                wait = timedelta(seconds=error.retry_after + random.uniform(0, 20))  # noqa: S311
            values.update(state="degraded", next_poll_at=fields.Datetime.now() + wait)
        was_dead = account_sudo.state == "reconnect"
        account_sudo.write(values)
        if values.get("state") == "reconnect" and not was_dead:
            account_sudo._call_for_help()

    def _fetch_missing_context(self, adapter):
        """What stands around new replies: the post commented on, others' answers."""
        mentions = self.env["social.care.mention"].search(
            [
                ("account_id", "=", self.id),
                ("parent_external_id", "!=", False),
                ("context_missing", "=", True),
            ],
            order="id desc",
            limit=CONTEXTS_A_POLL,
        )
        for mention in mentions:
            wire = mention._to_wire()
            self.env["ir.cron"]._commit_progress(0)
            try:
                context = self._call(adapter.fetch_context, wire)
            except networks.RateLimited:
                raise
            except networks.NetworkError:
                context = {}  # gone, hidden or too large: the mention stands without it
            values = {"context": context or mention.context, "context_missing": False}
            self._run_unit(partial(mention.write, values), processed=0)

    def _refresh_open_mentions(self, adapter):
        """Read mentions on open tickets again: edits and deletions that no list tells."""
        now = fields.Datetime.now()
        if self.refreshed_at and self.refreshed_at > now - timedelta(minutes=REFRESH_MINUTES):
            return
        waiting = self._search_waiting_mentions()
        external_ids = waiting.mapped("external_id")
        self.env["ir.cron"]._commit_progress(0)
        current = self._call(adapter.refresh, external_ids) if external_ids else []

        def store():
            self._ingest(current)
            self.refreshed_at = now

        self._run_unit(store, processed=0)

    def _search_waiting_mentions(self):
        """Some mentions of this account on tickets that wait, the newest first."""
        # From the few tickets to their mentions: the other way all mentions are read.
        tickets = self.env["helpdesk.ticket"]._search([("social_waiting_since", "!=", False)])
        return self.env["social.care.mention"].search(
            [
                ("account_id", "=", self.id),
                ("deleted_at", "=", False),
                ("ticket_id", "!=", False),  # else PostgreSQL expects too many
                ("ticket_id", "in", tickets),
            ],
            order="posted_at desc",
            limit=REFRESHED_AT_ONCE,
        )
