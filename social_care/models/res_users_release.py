from odoo import models

from .helpdesk_ticket_people import AGENT


class ResUsers(models.Model):
    """Who is archived, loses the role, or leaves a team sets their conversations free."""

    _inherit = "res.users"

    def write(self, vals):
        decides = vals.keys() & {"active", "group_ids"}
        agents = self._social_care_agents() if decides else self.browse()
        leaving = self if "helpdesk_team_ids" in vals else self.browse()
        teams = {user: user.sudo().helpdesk_team_ids for user in leaving}
        result = super().write(vals)
        tickets = self.env["helpdesk.ticket"]
        tickets._social_care_set_free(agents - agents._social_care_agents())
        for user, before in teams.items():
            left = before - user.sudo().helpdesk_team_ids
            if left:
                tickets._social_care_set_free(user, left)
        return result

    def unlink(self):
        # The database would empty the field, and nobody be looked for.
        self.env["helpdesk.ticket"]._social_care_set_free(self)
        return super().unlink()

    def _get_invalidation_fields(self):
        # The helpdesk's record rules are cached with the list of a user's teams.
        return super()._get_invalidation_fields() | {"helpdesk_team_ids"}

    def _social_care_agents(self):
        """Those of these users who are active and have the agent role, in one query."""
        group = self.env.ref(AGENT, raise_if_not_found=False)
        if not self or not group:
            return self.browse()
        found = self.sudo().with_context(active_test=True)
        found = found.search([("id", "in", self.ids), ("all_group_ids", "in", group.ids)])
        return self.browse(found.ids)
