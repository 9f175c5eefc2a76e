from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    social_silence_days = fields.Integer(related="company_id.social_silence_days", readonly=False)
    social_outcome_cases = fields.Integer(related="company_id.social_outcome_cases", readonly=False)
