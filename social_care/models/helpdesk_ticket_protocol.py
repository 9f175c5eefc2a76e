from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError


def check_severity(records, name, vals):
    """What is severe is answered by two: only who may approve takes the mark off."""
    lowers = name in vals and not vals[name] and any(records.mapped(name))
    if lowers and not (
        records.env.su or records.env.user.has_group("social_care.social_care_group_reviewer")
    ):
        raise AccessError(records.env._("Only a reviewer can say that this is not severe."))


class HelpdeskTicket(models.Model):
    """What the rules say about a ticket: how urgent, who looks after it, which protocol."""

    _inherit = "helpdesk.ticket"

    social_protocol_note = fields.Html(string="Protocol", compute="_compute_social_protocol")
    social_reviewer_ids = fields.Many2many(
        "res.users", string="Reviewers", compute="_compute_social_protocol"
    )

    @api.depends("social_mention_ids.rule_id")
    def _compute_social_protocol(self):
        for ticket in self:
            rules = ticket.sudo().social_mention_ids.rule_id.filtered("severe").sorted()
            notes = [note for note in rules.mapped("protocol_note") if note]
            ticket.social_protocol_note = Markup("").join(notes) or False
            ticket.social_reviewer_ids = rules.reviewer_id

    def write(self, vals):
        check_severity(self, "social_severe", vals)
        return super().write(vals)

    def _social_care_raise_priority(self, rules):
        """Values that raise the priority to what these rules ask for; never lower it."""
        self.ensure_one()
        wanted = max(rules.filtered("priority").mapped("priority"), default="")
        return {"priority": wanted} if wanted > (self.priority or "") else {}
