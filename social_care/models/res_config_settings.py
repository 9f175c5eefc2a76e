from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .social_care_queue_parallel import MOST, PARAMETER


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    social_silence_days = fields.Integer(related="company_id.social_silence_days", readonly=False)
    social_outcome_cases = fields.Integer(related="company_id.social_outcome_cases", readonly=False)
    social_care_workers = fields.Integer(
        string="Work each queue in", config_parameter=PARAMETER, default=1
    )

    @api.constrains("social_care_workers")
    def _check_social_care_workers(self):
        if any(not 1 <= settings.social_care_workers <= MOST for settings in self):
            raise ValidationError(
                self.env._("A queue is worked in one to %(most)s places at once.", most=MOST)
            )

    def set_values(self):
        result = super().set_values()
        self.env["social.care.queue"]._set_workers(self.social_care_workers)
        return result
