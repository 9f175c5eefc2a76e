"""The outbox: how a queued answer leaves Odoo exactly once.

Four steps, each committed: a lock that lives as long as the sender, a claim, the
call, the result. An error that proves nothing was published returns the row to the
queue or fails it; anything else leaves it ``sending``, and recovery looks on the
network before it sends again.
"""

import base64
import logging
import time
import uuid
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

from .. import networks
from .social_care_queue import BATCH, LEASE_MINUTES, MAX_ATTEMPTS, NOW_SQL
from .social_care_reply_status import OPEN_ACCOUNT

_logger = logging.getLogger(__name__)

LOCK_CLASS = 0x5C_0B0C  # advisory locks of this queue; the second key is the row's id
ACCOUNT_LOCK_CLASS = 0x5C_0B0A  # the second key is the account's id
SLOW = 5  # seconds; an account whose answer took longer waits for the next run
LOOK_FIRST_AFTER = timedelta(hours=1)  # a reply queued so long ago may come from a backup
BACKOFF_MINUTES = (1, 2, 5, 15, 60)


class SocialCareReply(models.Model):
    _inherit = "social.care.reply"

    @api.model
    def _cron_publish(self):
        """Send, settle and recover; goes on until nothing is due or time is up."""
        tried, slow = [], set()  # each once a run: what could not go out now waits for the next
        while True:
            due, before = self._search_due(tried, slow), len(tried)
            self.env["ir.cron"]._commit_progress(remaining=len(due))
            # Where others have all that is left, they look for more themselves.
            if not due._publish(tried, slow) or len(tried) == before:
                break
        self._settle_sent()
        # Last: a network that hangs must not hold up what can go out.
        self._recover()
        self._settle_sent()

    @api.model
    def _search_due(self, tried, slow=()):
        due = self.search(
            [
                ("id", "not in", tried),
                ("account_id", "not in", list(slow)),
                *self._get_due(),
                *self._get_share(),
            ],
            order="next_try_at, id",
            limit=BATCH,
        )
        if len(due.account_id) < 2:
            return due
        # Accounts where nobody knows yet what went out come last: their network may hang.
        doubtful = self.search(
            [("state", "=", "sending"), ("account_id", "in", due.account_id.ids)]
        )
        return due.sorted(lambda reply: reply.account_id in doubtful.account_id)

    @api.model
    def _get_due(self):
        return [
            ("state", "=", "queued"),
            ("next_try_at", "<=", fields.Datetime.now()),
            ("account_id.active", "=", True),
            ("account_id.state", "in", OPEN_ACCOUNT),
        ]

    def _publish(self, tried=None, slow=None):
        """Queued replies → sent, failed or unconfirmed.

        :param tried: list that takes the ids of those that no other worker had
        :param slow: set that takes the ids of accounts whose network makes the others wait
        :return: whether there is time for more
        """
        tried, slow = ([], set()) if tried is None else (tried, slow)
        for reply_id in self.ids:
            reply = self.browse(reply_id)
            account_id = reply.exists().account_id.id
            if account_id in slow:
                continue
            started = time.monotonic()
            if reply._with_lock(self._send_claimed, "queued"):
                tried.append(reply_id)
            if time.monotonic() - started > SLOW:
                slow.add(account_id)
            if not self.env["ir.cron"]._commit_progress(1):
                return False
        return True

    def _with_lock(self, work, state):
        """Call ``work(reply)`` while holding the advisory locks of the row and its account.

        They live in a cursor of their own, open throughout: they go when the process
        dies, however it dies. The account's keeps a network that hangs from holding all
        the workers; what is skipped is found by the one who has it.

        :return: whether no other worker had them
        """
        self.ensure_one()
        self.env["ir.cron"]._commit_progress(0)
        with self.env.registry.cursor() as lock_cr:
            lock_cr.execute(
                """SELECT pg_try_advisory_xact_lock(%s, account_id)
                      AND pg_try_advisory_xact_lock(%s, id)
                     FROM social_care_reply WHERE id = %s""",
                (ACCOUNT_LOCK_CLASS, LOCK_CLASS, self.id),
            )
            if lock_cr.fetchone() == (False,):
                return False
            try:
                self.invalidate_recordset()
                if self.exists().state == state:
                    work(self)
                # Whatever was read or written ends before the lock goes.
                self.env["ir.cron"]._commit_progress(0)
            except Exception:
                # The row stays as it is, for recovery: nobody knows what went out.
                _logger.exception("Answer %s: sending failed", self.id)
                self._forget_transaction()
        return True

    def _claim(self, state):
        """Mark the row as being sent, by us, and commit.

        :return: whether it was still there to be claimed
        """
        claim = uuid.uuid4().hex

        def take():
            self.env.cr.execute(
                SQL(
                    """UPDATE social_care_reply
                          SET state = 'sending', attempts = COALESCE(attempts, 0) + 1,
                              claimed_at = %(now)s, claim = %(claim)s
                        WHERE id = %(id)s AND state = %(state)s AND %(open)s
                          AND (state = 'queued' AND next_try_at <= %(now)s
                               OR state = 'sending'
                                  AND claimed_at < %(now)s - interval '%(lease)s minutes')
                    RETURNING id""",
                    open=self._sql_open_account(),
                    now=SQL(NOW_SQL),
                    lease=LEASE_MINUTES,
                    claim=claim,
                    id=self.id,
                    state=state,
                )
            )
            self.invalidate_recordset(flush=False)
            return self.env.cr.fetchone()

        taken, _seconds_left = self._run_unit(take, processed=0)
        return bool(taken)

    @api.model
    def _send_claimed(self, reply):
        queued_at = reply.queued_at
        objections = reply._get_objections()
        if objections:
            reply._run_unit(partial(reply._send_back, objections), processed=0)
            return
        if reply._is_another_under_way() or not reply._claim("queued"):
            return
        look_first = queued_at and queued_at < fields.Datetime.now() - LOOK_FIRST_AFTER
        if look_first and not reply._find_sent_or_decide():
            return
        changed = reply._get_closed_way() or reply._get_doubt()
        if changed:  # since it was queued
            error = networks.RejectedError(changed)
            reply._run_unit(partial(reply._record_error, error, reply.claim), processed=0)
            return
        reply._call_network()

    def _is_another_under_way(self):
        """Whether an answer to the same message has to be sent or decided first."""
        return bool(
            self.mention_id
            and self.search_count(
                [
                    ("mention_id", "=", self.mention_id.id),
                    ("state", "in", ("sending", "unconfirmed")),
                    ("id", "!=", self.id),
                ],
                limit=1,
            )
        )

    def _call_network(self):
        """Call the network and store the outcome, each in a transaction of its own."""
        self.ensure_one()
        claim = self.claim
        try:
            adapter = self.account_id._get_adapter()
            wire = self._to_wire(adapter)
            # Nothing is open or locked while the network thinks, but the advisory lock.
            self.env["ir.cron"]._commit_progress(0)
            published = self.account_id._call(adapter.publish, wire)
        except networks.NetworkError as error:
            self._forget_transaction()
            self._run_unit(partial(self._record_error, error, claim), processed=0)
        else:
            self._run_unit(partial(self._record_sent, published, claim), processed=0)
            self._run_unit(self._settle, processed=0)
            self.account_id._note_usage(adapter)

    def _get_wire_text(self, adapter):
        mention = self.mention_id
        body = self.body or ""
        return adapter.prepare_text(body, mention._to_wire()) if mention else body

    def _to_wire(self, adapter):
        self.ensure_one()
        if not self.mention_id:
            raise networks.RejectedError("no_parent")
        return networks.Reply(
            idempotency_key=self.idempotency_key,
            body=self._get_wire_text(adapter),
            visibility=self.visibility,
            parent=self.mention_id._to_wire(),
            lang=self.mention_id.lang or "",
            attachments=tuple(
                networks.types.Attachment(
                    name=attachment.name,
                    mimetype=attachment.mimetype,
                    content=base64.b64decode(attachment.datas or b""),
                    description=attachment.description or "",
                )
                for attachment in self.attachment_ids
            ),
            last_direct_at=self.mention_id._get_situations()[self.mention_id].last_direct_at,
        )

    def _record_sent(self, published, claim=None):
        """Store the network's id. An echo may have done so before: then nothing is left to do."""
        self.ensure_one()
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """SELECT id FROM social_care_reply
                    WHERE id = %(id)s
                      AND (%(claim)s IS NULL OR claim = %(claim)s)
                      AND (state IN ('sending', 'unconfirmed')
                           OR state = 'queued' AND claimed_at IS NOT NULL
                           OR state = 'sent' AND external_id IS NULL)
                      FOR NO KEY UPDATE""",
                id=self.id,
                claim=claim,
            )
        )
        taken = self.env.cr.fetchone()
        self.invalidate_recordset()
        if published.recipient_external_id:  # an echo does not know it
            self.recipient_external_id = published.recipient_external_id
        if not taken:
            return
        self._absorb_echo(published.external_id)
        self.write(
            {
                "state": "sent",
                "external_id": published.external_id or False,
                "url": published.url,
                "sent_at": self.sent_at or published.posted_at or fields.Datetime.now(),
                "error_code": False,
                "found": False,
            }
        )

    def _record_error(self, error, claim):
        """What an error proves decides where the row goes."""
        _logger.warning("Answer %s: %s", self.id, error)
        self.invalidate_recordset()
        if self.state != "sending" or self.claim != claim:
            return
        if error.published is not False:
            self.error_code = error.code  # stays sending: recovery looks before it repeats
            return
        values = {"state": "queued", "error_code": error.code, "claim": False}
        refused = isinstance(error, networks.RejectedError) or error.code == "missing_permission"
        if isinstance(error, networks.AuthenticationError) and not refused:
            self.account_id._record_failure(error)
            values["attempts"] = 0  # held, not failed: it goes out after the reconnect
        elif refused or self.attempts >= MAX_ATTEMPTS:
            values["state"] = "failed"
            if error.code == "parent_gone":
                self.mention_id.write({"deleted_at": fields.Datetime.now()})
        minutes = BACKOFF_MINUTES[min(self.attempts, len(BACKOFF_MINUTES)) - 1]
        wait = error.retry_after or minutes * 60
        values["next_try_at"] = fields.Datetime.now() + timedelta(seconds=wait)
        self.write(values)
        if values["state"] == "failed":
            self.ticket_id._social_care_note_failed(self)
