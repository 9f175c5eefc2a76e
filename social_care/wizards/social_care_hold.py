from odoo import fields, models


class SocialCareHold(models.TransientModel):
    """Ask why a legal hold begins or ends."""

    _name = "social.care.hold"
    _description = "Legal hold on tickets"

    ticket_ids = fields.Many2many("helpdesk.ticket", string="Tickets", required=True)
    release = fields.Boolean()
    reason = fields.Char(required=True)

    def action_apply(self):
        self.ensure_one()
        self.ticket_ids._social_care_check_holding()
        tickets_sudo = self.ticket_ids.sudo()
        if self.release:
            tickets_sudo._social_care_release(self.reason)
        else:
            tickets_sudo._social_care_hold(self.reason)
        return {"type": "ir.actions.act_window_close"}
