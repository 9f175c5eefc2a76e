from odoo import api, fields, models
from odoo.exceptions import UserError

# What changes a figure, or whose column a ticket is in.
SHOWN = {"user_id", "team_id", "stage_id", "active", "social_waiting_since"}


class HelpdeskTicket(models.Model):
    """Conversations as the Now screen shows them: a column for each agent on shift."""

    _inherit = "helpdesk.ticket"

    user_id = fields.Many2one(group_expand="_social_care_expand_agents")

    _social_now = models.Index(
        "(team_id, social_deadline) WHERE social_waiting_since IS NOT NULL AND active IS TRUE"
    )

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        tickets._social_care_changed_teams()
        return tickets

    def write(self, vals):
        if not SHOWN & vals.keys():
            return super().write(vals)
        if vals.get("user_id") and self.env.context.get("social_care_now"):
            self._social_care_check_answers(self.env["res.users"].browse(vals["user_id"]))
        self._social_care_changed_now()
        result = super().write(vals)
        self._social_care_changed_now()  # where they went
        return result

    def _social_care_changed_now(self):
        self._social_care_changed_teams()
        self._social_care_changed()

    def _social_care_changed_teams(self):
        social = self.sudo().filtered("social_account_id")
        for team in social.grouped("team_id"):
            team._social_care_changed_now()

    def _social_care_check_answers(self, user):
        """Dragged between columns: only to somebody who answers for the ticket's team."""
        for team in self.sudo().team_id:
            if not team._social_care_answering(user):
                raise UserError(
                    self.env._(
                        "%(who)s does not answer for %(team)s. Make them a member of the team, or "
                        "pass the ticket to their team first.",
                        who=user.sudo().name,
                        team=team.name,
                    )
                )

    @api.model
    @api.readonly
    def web_read_group(self, domain, groupby, *args, opening_info=None, **options):
        """Nobody's tickets are those to hand out: their column begins open, against Odoo's habit."""
        if (
            self.env.context.get("social_care_now")
            and list(groupby) == ["user_id"]
            and options.get("auto_unfold")
            and not opening_info
        ):
            limit = options.get("unfold_read_default_limit", 80)
            opening_info = [{"value": False, "folded": False, "limit": limit, "offset": 0}]
        return super().web_read_group(domain, groupby, *args, opening_info=opening_info, **options)

    def _web_read_group_field_expand(self, groupby):
        field = super()._web_read_group_field_expand(groupby)
        # Elsewhere tickets are grouped as without this addon.
        if field and field.name == "user_id" and not self.env.context.get("social_care_now"):
            return None
        return field

    @api.model
    def _social_care_expand_agents(self, users, domain):
        return users | self.env["helpdesk.ticket.team"]._social_care_on_shift_now()
