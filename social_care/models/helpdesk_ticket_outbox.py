from odoo import api, fields, models


class HelpdeskTicket(models.Model):
    """What became of our last answer, and what people do about it."""

    _inherit = "helpdesk.ticket"

    social_outbox_state = fields.Selection(
        [
            ("to_approve", "To approve"),
            ("sending", "On its way"),
            ("unconfirmed", "Unconfirmed"),
            ("failed", "Failed"),
        ],
        string="Last answer",
        compute="_compute_social_outbox",
    )
    social_outbox_asks = fields.Boolean(
        string="Asks before it is sent", compute="_compute_social_outbox"
    )
    social_outbox_text = fields.Char(string="Sending in words", compute="_compute_social_outbox")

    @api.depends("social_reply_ids.status_text", "social_account_id.state")
    @api.depends_context("lang", "tz")
    def _compute_social_outbox(self):
        by_state = {"queued": "sending", "sending": "sending", "unconfirmed": "unconfirmed"}
        by_state |= {"failed": "failed", "to_approve": "to_approve"}
        for ticket in self:
            replies = ticket.sudo().social_reply_ids.filtered(
                lambda reply: reply.state not in ("draft", "cancelled")
            )
            # What nobody has decided stays in sight; a failure only until a later answer.
            undecided = replies.filtered(lambda reply: reply.state == "unconfirmed")
            last = (undecided or replies)[:1]
            state = "failed" if last._lost_its_author() else by_state.get(last.state, False)
            ticket.social_outbox_state = state
            ticket.social_outbox_asks = last.is_doubtful
            # What goes well is seen in the conversation.
            is_well = state == "sending" and not last.wait_text
            ticket.social_outbox_text = state and not is_well and last.status_text

    def action_social_retry(self):
        """Try the failed answer again."""
        self.ensure_one()
        failed = self.social_reply_ids.filtered(
            lambda reply: reply.state == "failed" or reply._lost_its_author()
        )
        return failed[:1].action_retry()

    def action_social_replies(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "social_care.social_care_reply_action"
        )
        action |= {"domain": [("ticket_id", "=", self.id)], "context": {}}
        if len(self.social_reply_ids) == 1:
            action |= {"views": [(False, "form")], "res_id": self.social_reply_ids.id}
        return action
