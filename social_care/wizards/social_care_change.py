from odoo import api, fields, models


class SocialCareChange(models.TransientModel):
    """Ask for the new text of an answer that is out."""

    _name = "social.care.change"
    _description = "Change a social care answer"

    reply_id = fields.Many2one("social.care.reply", required=True, readonly=True)
    body = fields.Text(
        string="Text",
        compute="_compute_body",
        compute_sudo=False,  # of an answer that its reader may see
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    text_length = fields.Integer(compute="_compute_text_length")
    max_length = fields.Integer(compute="_compute_text_length")

    @api.depends("reply_id")
    def _compute_body(self):
        for wizard in self:
            wizard.body = wizard.reply_id.body

    @api.depends("body")
    def _compute_text_length(self):
        for wizard in self:
            reply_sudo = wizard.reply_id.sudo()
            count = reply_sudo.account_id._count_text(
                wizard.body or "", reply_sudo.mention_id, reply_sudo.visibility
            )
            wizard.text_length, wizard.max_length = count["length"], count["max_length"]

    @api.constrains("reply_id")
    def _check_reply_id(self):
        """A dialog shows what was said, to whom may change it."""
        for wizard in self.with_user(self.env.user):  # constraints run as superuser
            wizard.reply_id._check_may_change()

    def action_change(self):
        self.ensure_one()
        outcome = self.reply_id._change_text(self.body or "")
        return outcome if outcome is not True else {"type": "ir.actions.act_window_close"}


class SocialCareTakeBack(models.TransientModel):
    """Ask why an answer that is out is deleted."""

    _name = "social.care.take.back"
    _description = "Delete a social care answer"

    reply_id = fields.Many2one("social.care.reply", required=True, readonly=True)
    body = fields.Text(related="reply_id.body", related_sudo=False, string="What was said")
    reason = fields.Char(string="Why", required=True)
    alone_text = fields.Char(string="Who has no answer then", compute="_compute_alone_text")

    @api.depends("reply_id")
    @api.depends_context("lang")
    def _compute_alone_text(self):
        for wizard in self:
            reply = wizard.reply_id
            ticket = reply.ticket_id
            alone = ticket and ticket._social_care_find_left_alone(reply)
            wizard.alone_text = bool(alone) and self.env._(
                "%(who)s has no answer then, and waits again.",
                who=reply.mention_id.author_id.display_name,
            )

    @api.constrains("reply_id")
    def _check_reply_id(self):
        """A dialog shows what was said, to whom may change it."""
        for wizard in self.with_user(self.env.user):  # constraints run as superuser
            wizard.reply_id._check_may_change()

    def action_take_back(self):
        self.ensure_one()
        self.reply_id._take_back(self.reason)
        return {"type": "ir.actions.act_window_close"}
