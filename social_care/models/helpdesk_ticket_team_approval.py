from odoo import api, fields, models
from odoo.exceptions import AccessError

from .social_care_roles import MANAGER


class HelpdeskTicketTeam(models.Model):
    """Whose answers somebody reads before they go out."""

    _inherit = "helpdesk.ticket.team"

    social_approval = fields.Selection(
        [("none", "None"), ("public", "Public answers"), ("all", "All answers")],
        string="Read before sending",
        default="none",
        required=True,
        help="A reviewer approves these answers before they go out.",
    )
    social_learner_ids = fields.Many2many(
        "res.users",
        string="And all answers of",
        compute="_compute_social_learner_ids",
        inverse="_inverse_social_learner_ids",
        help="Newcomers, for instance: a reviewer approves whatever they write, in each team.",
    )

    @api.depends("user_ids.social_needs_approval")
    def _compute_social_learner_ids(self):
        for team in self:
            team.social_learner_ids = team.user_ids.filtered("social_needs_approval")

    def _inverse_social_learner_ids(self):
        if not self.env.user.has_group(MANAGER) and not self.env.su:
            raise AccessError(
                self.env._("Only social care managers decide whose answers are read.")
            )
        for team in self:
            # sudo: managers of social care need not manage users
            members, learners = team.sudo().user_ids, team.sudo().social_learner_ids
            learners.social_needs_approval = True
            (members - learners).social_needs_approval = False
