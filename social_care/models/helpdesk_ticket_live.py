from odoo import api, fields, models

CHANNEL = "social_care.ticket_"  # and the ticket's id: how a browser asks to hear of it
SUBCHANNEL = "social_care"


class HelpdeskTicket(models.Model):
    """What agents who look at the same ticket should know of each other, at once."""

    _inherit = "helpdesk.ticket"

    social_drafts = fields.Json(
        string="Who has a draft",
        compute="_compute_social_drafts",
        help="List of user_id and name, oldest draft first.",
    )

    @api.depends("social_reply_ids.state", "social_reply_ids.body")
    def _compute_social_drafts(self):
        drafts = self._social_care_drafts().grouped("ticket_id")
        nobody = self.env["social.care.reply"]
        for ticket in self:
            authors = drafts.get(ticket._origin.sudo(), nobody).user_id
            ticket.social_drafts = [{"user_id": user.id, "name": user.name} for user in authors]

    def _social_care_drafts(self):
        """Answers begun by people and not sent, as superuser; without those that say nothing yet."""
        drafts = (
            self.env["social.care.reply"]
            .sudo()
            .search(
                [
                    ("ticket_id", "in", self.ids),
                    ("state", "=", "draft"),
                    ("user_id", "!=", False),
                ],
                order="id",
            )
        )
        return drafts.filtered(lambda reply: reply._says_something())

    def _social_care_tell(self, what, **details):
        """Tell the agents who have this ticket open.

        :param what: writing, paused (no longer writing), sent, message (the customer wrote)
        """
        for ticket in self:
            # Who hears it was checked when they began to listen: IrWebsocket.
            self.env["bus.bus"]._sendone(
                (ticket, SUBCHANNEL),
                "social_care.conversation",
                {"ticket_id": ticket.id, "what": what, **details},
            )
