"""What becomes of an answer whose sender died, or whose outcome nobody knows."""

import logging
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

from .. import networks
from .social_care_queue import BATCH, LEASE_MINUTES, MAX_ATTEMPTS, NOW_SQL

_logger = logging.getLogger(__name__)

KEY_TRUSTED = timedelta(minutes=50)  # networks keep idempotency keys for an hour
CLOCK_SKEW = timedelta(minutes=2)


class SocialCareReply(models.Model):
    """Look on the network before anything is sent again."""

    _inherit = "social.care.reply"

    @api.model
    def _recover(self):
        """Replies whose sender died: seen by their free lock and old claim."""
        self.env.cr.execute(
            SQL(
                """SELECT id FROM social_care_reply
                    WHERE state = 'sending' AND %(open)s
                      AND claimed_at < %(now)s - interval '%(lease)s minutes'
                      AND COALESCE(next_try_at, claimed_at) <= %(now)s AND %(share)s
                 ORDER BY next_try_at, claimed_at LIMIT %(batch)s""",
                open=self._sql_open_account(),
                now=SQL(NOW_SQL),
                lease=LEASE_MINUTES,
                share=self._sql_share(),
                batch=BATCH,
            )
        )
        for (reply_id,) in self.env.cr.fetchall():
            self.browse(reply_id)._with_lock(self._recover_claimed, "sending")
            if not self.env["ir.cron"]._commit_progress(0):
                break

    @api.model
    def _recover_claimed(self, reply):
        """Send again only where that cannot double: by key, or after looking."""
        age = reply._get_claim_age()
        if age < timedelta(minutes=LEASE_MINUTES):
            return  # another worker recovered it meanwhile
        try:
            adapter = reply.account_id._make_adapter(reply.account_id._get_credentials())
        except networks.NetworkError as error:
            reply._give_up("unconfirmed", error.code)
            return
        trusted = adapter.has_idempotency_key and age < KEY_TRUSTED
        if reply.attempts >= MAX_ATTEMPTS:
            reply._give_up("unconfirmed", "set_aside")
        elif trusted or reply._find_sent_or_decide():
            # What a key alone guards may be out: only what surely is not asks first.
            doubt = not trusted and reply._get_doubt()
            if doubt:
                reply._give_up("failed", doubt)
            elif reply._claim("sending"):
                reply._call_network()

    def _get_claim_age(self):
        """Time since the claim, by PostgreSQL's clock as it was claimed."""
        self.env.cr.execute(
            SQL(
                "SELECT %s - claimed_at FROM social_care_reply WHERE id = %s",
                SQL(NOW_SQL),
                self.id,
            )
        )
        return self.env.cr.fetchone()[0]

    def _find_sent_or_decide(self):
        """Look on the network for what may have been published.

        :return: True where it is surely absent, so that sending is safe
        """
        self.ensure_one()
        # From the first time it could have gone out: an earlier claim is overwritten.
        since = min(filter(None, (self.claimed_at, self.queued_at))) - CLOCK_SKEW
        try:
            adapter = self.account_id._get_adapter()
            wire = self._to_wire(adapter)
            self.env["ir.cron"]._commit_progress(0)
            candidates = self.account_id._call(adapter.find_published, wire, since)
        except networks.RejectedError as error:
            self._give_up("unconfirmed", error.code)
            return False
        except networks.NetworkError as error:
            _logger.info("Answer %s: cannot look yet: %s", self.id, error)
            self._look_later(error)
            return False
        owned = self._search_owned([item.external_id for item in candidates])
        candidates = [item for item in candidates if item.external_id not in owned]
        if not candidates:
            return True
        if len(candidates) > 1:
            self._give_up("unconfirmed", "looks_alike", candidates)
        else:
            self._run_unit(partial(self._record_sent, candidates[0]), processed=0)
            self._run_unit(self._settle, processed=0)
        return False

    def _look_later(self, error):
        """Stays ``sending``; a later recovery looks again."""
        wait = timedelta(seconds=error.retry_after or LEASE_MINUTES * 60)

        def postpone():
            self.next_try_at = fields.Datetime.now() + wait
            if isinstance(error, networks.AuthenticationError):
                self.account_id._record_failure(error)

        self._run_unit(postpone, processed=0)

    def _search_owned(self, external_ids):
        """Ids that other answers of ours own; one from “outside Odoo” may be this very answer."""
        owners = self.search(
            [
                ("account_id", "=", self.account_id.id),
                ("external_id", "in", external_ids),
                ("origin", "=", "odoo"),
                ("id", "!=", self.id),
            ]
        )
        return set(owners.mapped("external_id"))

    def _give_up(self, state, code, found=()):
        def store():
            self.write({"state": state, "error_code": code})
            self._note_found(found)
            self.ticket_id._social_care_note_failed(self)

        self._run_unit(store, processed=0)
