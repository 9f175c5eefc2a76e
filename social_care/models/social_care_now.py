"""What else changes the figures of the Now screen: clocks, rings, answers, accounts."""

from odoo import api, models


class HelpdeskTicketSla(models.Model):
    _inherit = "helpdesk.ticket.sla"

    def write(self, vals):
        if vals.keys() & {"deadline", "state"}:
            self.ticket_id._social_care_changed_now()
        return super().write(vals)


class SocialCareRing(models.Model):
    _inherit = "social.care.ring"

    @api.model_create_multi
    def create(self, vals_list):
        rings = super().create(vals_list)
        rings.ticket_id._social_care_changed_now()
        return rings

    def write(self, vals):
        if "result" in vals:
            self.sudo().ticket_id._social_care_changed_now()
        return super().write(vals)


class SocialCareReply(models.Model):
    _inherit = "social.care.reply"

    def write(self, vals):
        if "state" in vals:
            self.sudo().ticket_id._social_care_changed_now()
        return super().write(vals)

    def action_cancel(self):
        # By a statement of its own, not by writing.
        self.sudo().ticket_id._social_care_changed_now()
        return super().action_cancel()


class SocialCareAccount(models.Model):
    _inherit = "social.care.account"

    def write(self, vals):
        shown = vals.keys() & {"state", "active", "silent_since", "expiry_told", "lost_until"}
        # Each look at the network writes that the account is well, again.
        changed = self.sudo().filtered(
            lambda account: any(account[name] != vals[name] for name in shown)
        )
        if changed.team_line_ids:
            changed.team_line_ids.team_id._social_care_changed_now()
        return super().write(vals)
