from odoo import fields, models

ENOUGH = 4  # jobs at once: an account may hold three, see CONFIGURE


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    social_care_room = fields.Integer(
        string="Jobs at once",
        compute="_compute_social_care_room",
        help="How many the job queue runs, where they are too few. 0: enough.",
    )

    def _compute_social_care_room(self):
        queue = self.env["social.care.queue"]
        room = queue._get_room() if queue._is_runner_alive() else 0
        self.social_care_room = room if room < ENOUGH else 0
