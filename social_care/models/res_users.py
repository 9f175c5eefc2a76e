from odoo import fields, models

from .social_care_languages import short_code
from .social_care_roles import AGENT


class ResUsers(models.Model):
    """An agent: what they can take on, how they sign, and whom they leave to others when they go."""

    _inherit = "res.users"

    social_lang_ids = fields.Many2many(
        "res.lang",
        string="Answers customers in",
        context={"active_test": False},
        help="Empty: in the language Odoo speaks with them.",
    )
    social_capacity = fields.Integer(
        string="Conversations at once", help="Customers waiting for this person. 0: as in the team."
    )
    social_signature = fields.Char(
        string="Initials on social networks",
        help="End answers to customers, for instance ^MC, after the brand's own signature. "
        "They count.",
    )
    social_needs_approval = fields.Boolean(
        string="Answers are read before sending",
        help="A reviewer approves what this person answers on social networks. Set by managers, "
        "on the team.",
    )

    _social_capacity_positive = models.Constraint(
        "CHECK (social_capacity >= 0)", "A number of conversations is not negative."
    )

    @property
    def SELF_READABLE_FIELDS(self):  # noqa: N802
        own = ("social_lang_ids", "social_capacity", "social_signature")
        return [*super().SELF_READABLE_FIELDS, *own]

    @property
    def SELF_WRITEABLE_FIELDS(self):  # noqa: N802
        return [*super().SELF_WRITEABLE_FIELDS, "social_lang_ids", "social_signature"]

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

    def _social_care_spoken(self):
        """Codes of the languages this person answers in, dialects put together."""
        self.ensure_one()
        codes = self.with_context(active_test=False).social_lang_ids.mapped("code")
        return {short_code(code) for code in codes or [self.lang]}
