from odoo import api, fields, models

CHANNEL = "social_care.ticket_"  # and the ticket's id: how a browser asks to hear of it
SUBCHANNEL = "social_care"
CHANGED = "social_care.changed"
# What an open form shows first, besides what the Now screen shows.
SHOWN = {"priority", "social_severe", "social_intent", "social_crisis_id"}


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
        replies_sudo = self.env["social.care.reply"].sudo()
        drafts = replies_sudo.search(
            [
                ("ticket_id", "in", self.ids),
                ("state", "=", "draft"),
                ("user_id", "!=", False),
            ],
            order="id",
        )
        return drafts.filtered(lambda reply: reply._says_something())

    def write(self, vals):
        result = super().write(vals)
        if SHOWN & vals.keys():
            self._social_care_changed()
        return result

    def _social_care_changed(self):
        """Have those who have these tickets open look again, once, when all is written."""
        social = self.sudo().filtered("social_account_id")
        precommit = self.env.cr.precommit
        if social and CHANGED not in precommit.data:
            precommit.data[CHANGED] = set()
            precommit.add(self.env["helpdesk.ticket"].sudo()._social_care_tell_changed)
        if social:
            precommit.data[CHANGED].update(social.ids)

    @api.model
    def _social_care_tell_changed(self):
        self.browse(self.env.cr.precommit.data.pop(CHANGED))._social_care_tell("changed")

    def _social_care_tell(self, what, **details):
        """Tell the agents who have this ticket open.

        :param what: writing, paused (no longer writing), sent, message (the customer wrote),
            changed (stage, promise, who has it)
        """
        for ticket in self:
            # Who hears it was checked when they began to listen: IrWebsocket.
            self.env["bus.bus"]._sendone(
                (ticket, SUBCHANNEL),
                "social_care.conversation",
                {"ticket_id": ticket.id, "what": what, **details},
            )
