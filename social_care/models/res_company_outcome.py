from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

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
