from odoo import api, fields, models
from odoo.exceptions import UserError


class SocialCareApproval(models.TransientModel):
    """The last word on an answer that waits: why it is rejected, or that its author read it again."""

    _name = "social.care.approval"
    _description = "Decide on a social answer"

    reply_id = fields.Many2one("social.care.reply", string="Answer", required=True)
    body = fields.Text(related="reply_id.body", related_sudo=False, string="Text")
    approval_text = fields.Char(related="reply_id.approval_text", related_sudo=False)
    note = fields.Text(string="What should change")

    @api.constrains("reply_id")
    def _check_reply_id(self):
        """A dialog shows its answer, to whom it may be shown."""
        # Constraints run as superuser.
        self.with_user(self.env.user).reply_id.check_access("write")

    def action_reject(self):
        self.ensure_one()
        if not (self.note or "").strip():
            raise UserError(self.env._("Write what should change: its author reads it."))
        self.reply_id._reject(self.note)
        return {"type": "ir.actions.act_window_close"}

    def action_send(self):
        """Its author read it a second time, and nobody else can."""
        self.ensure_one()
        self.reply_id._approve_alone()
        return {"type": "ir.actions.act_window_close"}
