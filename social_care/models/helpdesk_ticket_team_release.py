from odoo import models


class HelpdeskTicketTeam(models.Model):
    """Who answers for a team, and what becomes of the tickets of those who leave it."""

    _inherit = "helpdesk.ticket.team"

    def write(self, vals):
        before = {team: team.user_ids for team in self} if "user_ids" in vals else {}
        result = super().write(vals)
        for team, members in before.items():
            self.env["helpdesk.ticket"]._social_care_set_free(members - team.user_ids, team)
        return result

    def _social_care_answering(self, users):
        """Those of some users who are agents and belong here: members, the leader, those on call.

        Without a team: those who are agents.
        """
        agents = users._social_care_agents()
        if not self:
            return agents
        team = self.sudo()
        return agents & (team.user_ids | team.user_id | team.social_on_call_ids.user_id)
