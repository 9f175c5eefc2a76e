from odoo import api, fields, models


class SocialCareHide(models.TransientModel):
    """Ask why messages are hidden from others."""

    _name = "social.care.hide"
    _description = "Hide social messages"

    mention_ids = fields.Many2many("social.care.mention", string="Messages", required=True)
    reason_id = fields.Many2one("social.care.reason", string="Usual reasons")
    reason = fields.Char(string="Why", required=True)

    @api.onchange("reason_id")
    def _onchange_reason_id(self):
        self.reason = self.reason_id.name or self.reason

    def action_hide(self):
        self.ensure_one()
        outcome = self.mention_ids._gesture("hide", True, reason=self.reason)
        return outcome if outcome is not True else {"type": "ir.actions.act_window_close"}
