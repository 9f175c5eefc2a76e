from odoo import fields, models


class ResUsers(models.Model):
    """What an agent can take on."""

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

    _social_capacity_positive = models.Constraint(
        "CHECK (social_capacity >= 0)", "A number of conversations is not negative."
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ["social_lang_ids", "social_capacity"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["social_lang_ids"]

    def _social_care_spoken(self):
        """Codes of the languages this person answers in, dialects put together."""
        self.ensure_one()
        codes = self.with_context(active_test=False).social_lang_ids.mapped("code")
        return {code.split("_")[0] for code in codes or [self.lang or ""]}
