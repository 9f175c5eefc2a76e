from odoo import fields, models
from odoo.exceptions import UserError


class SocialCareClose(models.TransientModel):
    """Ask why nobody answers, once for all chosen tickets."""

    _name = "social.care.close"
    _description = "Close tickets without an answer"

    ticket_ids = fields.Many2many("helpdesk.ticket", string="Tickets", required=True)
    reason_id = fields.Many2one(
        "social.care.reason",
        string="Why",
        required=True,
        help="A promise that is late already stays missed, unless nobody waited, as with spam.",
    )
    note = fields.Char()

    def action_apply(self):
        self.ensure_one()
        tickets = self.ticket_ids
        tickets.check_access("write")
        told = tickets.filtered("social_close_reason_id")
        chosen = {"reason_id": self.reason_id.id, "note": self.note or ""}
        still_open = tickets.filtered(lambda ticket: not ticket.closed)
        for team, of_team in still_open.grouped("team_id").items():
            stage = team._get_applicable_stages().filtered("closed")[:1]
            if not stage:
                raise UserError(
                    self.env._(
                        "No stage of %(team)s closes a ticket. Ask a helpdesk manager for one.",
                        team=team.name or self.env._("the helpdesk"),
                    )
                )
            of_team.with_context(social_care_close=chosen).write({"stage_id": stage.id})
        # sudo: the reason is written by the addon alone; the user may write these tickets
        told.sudo()._social_care_set_reason(self.reason_id, chosen["note"])
        return {"type": "ir.actions.client", "tag": "soft_reload"}
