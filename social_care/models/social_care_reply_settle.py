from odoo import api, fields, models

from .social_care_queue import BATCH


class SocialCareReply(models.Model):
    """Clocks, chatter and stage follow a sent answer, in a transaction of their own."""

    _inherit = "social.care.reply"

    @api.model
    def _settle_sent(self):
        """Sent answers whose clocks, chatter and stage did not follow yet."""
        after = 0
        while True:
            batch = self.search(
                [("id", ">", after), *self._get_unsettled(), *self._get_share()],
                order="id",
                limit=BATCH,
            )
            if not batch:
                break
            if not self._run_batch(self._settle_ids, batch.ids):
                break
            after = batch.ids[-1]

    @api.model
    def _get_unsettled(self):
        return [("state", "=", "sent"), ("settled_at", "=", False), ("ticket_id", "!=", False)]

    @api.model
    def _settle_ids(self, ids):
        self.browse(ids)._settle()

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
