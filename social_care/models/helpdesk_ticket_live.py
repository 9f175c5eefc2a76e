from odoo import api, fields, models

CHANNEL = "social_care.ticket_"  # and the ticket's id: how a browser asks to hear of it
SUBCHANNEL = "social_care"


class HelpdeskTicket(models.Model):
    """What agents who look at the same ticket should know of each other, at once."""

    _inherit = "helpdesk.ticket"

    social_draft_text = fields.Char(string="Who has a draft", compute="_compute_social_draft_text")

    @api.depends("social_reply_ids.state", "social_reply_ids.body")
    @api.depends_context("uid", "lang")
    def _compute_social_draft_text(self):
        drafts = self._social_care_drafts().grouped("ticket_id")
        for ticket in self:
            authors = drafts.get(ticket._origin.sudo(), self.env["social.care.reply"]).user_id
            sentences = []
            if self.env.user in authors:
                sentences.append(self.env._("You have a draft."))
            sentences += self._social_care_name_drafts(authors - self.env.user)
            ticket.social_draft_text = " ".join(sentences)

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
                ]
            )
        )
        return drafts.filtered(lambda reply: reply._says_something())

    @api.model
    def _social_care_name_drafts(self, authors):
        return [self.env._("%(name)s has a draft.", name=user.name) for user in authors]

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
