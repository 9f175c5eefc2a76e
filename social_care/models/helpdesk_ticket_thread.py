from odoo import api, fields, models
from odoo.fields import Domain

LAST_MENTIONS = 50  # of a ticket, to know its threads by
SHOWN = 200  # messages of others looked at: a viral thread has more


class HelpdeskTicket(models.Model):
    """Other people in the same thread have tickets of their own; each leads to the others."""

    _inherit = "helpdesk.ticket"

    social_thread_count = fields.Integer(
        string="In the same thread", compute="_compute_social_thread_count"
    )

    @api.depends_context("uid")
    @api.depends("social_mention_ids.thread_external_id")
    def _compute_social_thread_count(self):
        for ticket in self:
            ticket.social_thread_count = len(ticket._social_care_thread_tickets())

    def action_social_thread(self):
        """The tickets of other people in the same thread."""
        self.ensure_one()
        tickets = self._social_care_thread_tickets()
        if len(tickets) == 1:
            return tickets._social_care_open()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "social_care.social_care_conversation_action"
        )
        return action | {"domain": [("id", "in", tickets.ids)], "context": {}}

    def _social_care_thread_tickets(self):
        """Those that the user may see: of what this answers, what answers this, and beside it."""
        self.ensure_one()
        mention_model = self.env["social.care.mention"]
        if not self.social_account_id or not mention_model.has_access("read"):
            return self.browse()
        mine = mention_model.search([("ticket_id", "=", self.id)], limit=LAST_MENTIONS)
        above = {*mine.mapped("thread_external_id"), *mine.mapped("parent_external_id")} - {False}
        own = set(mine.mapped("external_id"))
        threads = own | set(mine.mapped("thread_external_id")) - {False}
        related = (
            Domain("external_id", "in", list(above))
            | Domain("thread_external_id", "in", list(threads))
            | Domain("parent_external_id", "in", list(own))
        )
        beside = Domain("account_id", "in", mine.account_id.ids)
        beside &= Domain("ticket_id", "not in", [False, self.id])
        others = mention_model.search(beside & related, limit=SHOWN)
        return others.ticket_id._filtered_access("read").filtered("active")
