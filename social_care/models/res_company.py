from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .social_care_guard_match import check_pattern


class ResCompany(models.Model):
    _inherit = "res.company"

    social_order_pattern = fields.Char(
        string="Order numbers look like",
        default=r"S\d{5}",
        help=r"A regular expression of PostgreSQL: S\d{5} is S00042. Whole words alone are found.",
    )
    social_silence_days = fields.Integer(
        string="Silent after days",
        default=7,
        help="Days without a word after our last answer: the ticket's outcome is then Silent.",
    )
    social_outcome_cases = fields.Integer(
        string="Cases for a conclusion",
        default=20,
        help="The analysis shows no share of outcomes from fewer tickets than these.",
    )

    _social_outcome_settings = models.Constraint(
        "CHECK (social_silence_days > 0 AND social_outcome_cases > 0)",
        "Days of silence and cases for a conclusion begin with 1.",
    )

    @api.constrains("social_order_pattern")
    def _check_social_order_pattern(self):
        for company in self.filtered("social_order_pattern"):
            reason = check_pattern(self.env.cr, company.social_order_pattern)
            if reason == "matches_all":
                reason = self.env._("it finds something in every text.")
            if reason:
                raise ValidationError(
                    self.env._(
                        "Order numbers, “%(pattern)s”: %(reason)s",
                        pattern=company.social_order_pattern,
                        reason=reason,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if "resource_calendar_id" in vals:
            # Teams without working hours of their own run in these.
            self.env["helpdesk.ticket.sla"]._social_care_mark(
                [
                    ("ticket_id.company_id", "in", self.ids),
                    ("ticket_id.team_id.resource_calendar_id", "=", False),
                ]
            )
        return result
