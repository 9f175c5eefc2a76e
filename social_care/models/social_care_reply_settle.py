from odoo import api, fields, models


class SocialCareReply(models.Model):
    """Clocks, chatter and stage follow a sent answer, in a transaction of their own."""

    _inherit = "social.care.reply"

    @api.model
    def _settle_sent(self):
        """Sent answers whose clocks, chatter and stage did not follow yet."""
        unsettled = self.search([*self._get_unsettled(), *self._get_share()], order="id")
        self._run_batches(unsettled, "_settle")

    @api.model
    def _get_unsettled(self):
        return [("state", "=", "sent"), ("settled_at", "=", False), ("ticket_id", "!=", False)]

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
