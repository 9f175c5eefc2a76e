import logging

from odoo import api, fields, models

from .social_care_queue import BATCH

_logger = logging.getLogger(__name__)


class SocialCareReply(models.Model):
    """Clocks, chatter and stage follow a sent answer, in a transaction of their own."""

    _inherit = "social.care.reply"

    @api.model
    def _settle_sent(self):
        """Sent answers whose clocks, chatter and stage did not follow yet."""
        after = 0
        while True:
            batch = self.search(
                [
                    ("id", ">", after),
                    ("state", "=", "sent"),
                    ("settled_at", "=", False),
                    ("ticket_id", "!=", False),
                ],
                order="id",
                limit=BATCH,
            )
            if not batch:
                break
            if not self._settle_batch(batch.ids):
                break
            after = batch.ids[-1]

    @api.model
    def _settle_batch(self, ids):
        """Settle in one transaction; where that fails, one by one, so that one holds up none.

        :return: seconds left for the cron
        """
        try:
            return self._run_unit(self.browse(ids)._settle, processed=0)[1]
        except Exception:
            _logger.exception("Answers %s: clocks and chatter could not follow", ids)
            self._forget_transaction()
        if len(ids) == 1:
            return self.env["ir.cron"]._commit_progress(0)
        seconds_left = 0
        for reply_id in ids:
            seconds_left = self._settle_batch([reply_id])
            if not seconds_left:
                break
        return seconds_left

    def _settle(self):
        """Stop clocks, write the chatter, move the stage: once for each sent reply."""
        unsettled = self.filtered(
            lambda reply: reply.state == "sent" and not reply.settled_at and reply.ticket_id
        )
        unsettled.write({"settled_at": fields.Datetime.now()})
        self._join_recipients()
        outside = unsettled.filtered(lambda reply: reply.origin == "network")
        outside.mention_id._join_early_answers()
        unsettled.ticket_id._social_care_answered(unsettled)
