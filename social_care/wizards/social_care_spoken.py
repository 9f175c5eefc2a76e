from odoo import api, fields, models
from odoo.exceptions import UserError


class SocialCareSpoken(models.TransientModel):
    """Note what was said by phone or in person, and offer a line where the customer asked."""

    _name = "social.care.spoken"
    _description = "Answered by phone or in person"

    ticket_id = fields.Many2one("helpdesk.ticket", required=True)
    way = fields.Selection(
        [("phone", "By phone"), ("person", "In person")], default="phone", required=True
    )
    note = fields.Text(string="What was said", required=True)
    then_write = fields.Boolean(
        string="Then write a short line where they asked",
        help="Others who read along see that somebody answered.",
    )
    can_reply = fields.Boolean(related="ticket_id.social_can_reply")

    @api.constrains("ticket_id")
    def _check_ticket_id(self):
        """A dialog shows its ticket's title, to whom it may be shown."""
        # Constraints run as superuser.
        self.with_user(self.env.user).ticket_id.check_access("write")

    def action_apply(self):
        self.ensure_one()
        ticket = self.ticket_id
        ticket._social_care_check_answering()
        if not (self.note or "").strip():
            raise UserError(self.env._("Write down what was said."))
        # sudo: chatter and clocks follow; the user may write this ticket
        ticket.sudo()._social_care_note_spoken(self.way, self.note)
        ticket.sudo()._social_care_answered_elsewhere(fields.Datetime.now())
        if not self.then_write or not ticket.social_can_reply:
            return {"type": "ir.actions.act_window_close"}
        action = ticket.action_social_reply()
        action["context"]["default_body"] = ticket._social_care_spoken_line(self.way)
        return action
