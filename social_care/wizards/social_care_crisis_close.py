from odoo import fields, models


class SocialCareCrisisClose(models.TransientModel):
    """Ask what was learned before a crisis is closed."""

    _name = "social.care.crisis.close"
    _description = "Close a crisis"

    crisis_id = fields.Many2one("social.care.crisis", required=True, ondelete="cascade")
    curve = fields.Html(related="crisis_id.curve", related_sudo=False)
    review = fields.Text(required=True)

    def action_apply(self):
        self.ensure_one()
        self.crisis_id._check_leading()
        self.crisis_id.sudo()._close(self.review)
        return {"type": "ir.actions.act_window_close"}
