from odoo import models

from .social_care_roles import AGENT


class ResGroups(models.Model):
    """The agent role may also be taken away from its own form."""

    _inherit = "res.groups"

    def write(self, vals):
        group = self.env.ref(AGENT, raise_if_not_found=False)
        if not group or not vals.keys() & {"user_ids", "implied_ids", "implied_by_ids"}:
            return super().write(vals)
        agents = group.sudo().all_user_ids._social_care_agents()
        result = super().write(vals)
        gone = agents - agents._social_care_agents()
        self.env["helpdesk.ticket"]._social_care_set_free(gone)
        return result
