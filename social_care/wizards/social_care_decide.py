from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

WATCH_HOURS = 24


class SocialCareDecide(models.TransientModel):
    """Ask why a message needs no answer, or until when to keep an eye on it."""

    _name = "social.care.decide"
    _description = "Decide on social messages"

    mention_ids = fields.Many2many("social.care.mention", string="Messages", required=True)
    decision = fields.Selection(
        [("ignored", "No answer needed"), ("watch", "Keep an eye on")],
        required=True,
        default="ignored",
    )
    reason_id = fields.Many2one("social.care.reason", string="Why")
    watch_until = fields.Datetime(
        string="Until",
        default=lambda self: fields.Datetime.now() + timedelta(hours=WATCH_HOURS),
    )
    watch_reach = fields.Integer(
        string="Or until",
        help="Likes, shares, replies and views that bring it back before. 0: time alone does.",
    )
    note = fields.Char()

    @api.model
    def _check_until(self, until):
        if not until or until <= fields.Datetime.now():
            raise UserError(self.env._("Choose a time in the future to keep an eye on it."))

    def action_apply(self):
        self.ensure_one()
        self.mention_ids._check_deciding()
        if any(mention.state == "ticket" for mention in self.mention_ids):
            raise UserError(
                self.env._("A message is on a ticket already. Close the ticket instead.")
            )
        values = {
            "decided_by_id": self.env.uid,
            "decided_at": fields.Datetime.now(),
            "triaged_at": fields.Datetime.now(),
            "decision_note": self.note,
        }
        if self.decision == "ignored":
            if not self.reason_id:
                raise UserError(self.env._("Choose why no answer is needed."))
            values |= {"reason_id": self.reason_id.id, "watch_until": False}
            self.mention_ids.sudo().write({**values, "state": "ignored"})
        else:
            self._check_until(self.watch_until)
            values |= {"watch_until": self.watch_until}
            self.mention_ids.sudo()._start_watch(values, self.watch_reach)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
