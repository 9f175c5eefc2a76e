from odoo import fields, models


class ResUsers(models.Model):
    """How an agent signs."""

    _inherit = "res.users"

    social_signature = fields.Char(
        string="Initials on social networks",
        help="End answers to customers, for instance ^MC, after the brand's own signature. "
        "They count.",
    )

    @property
    def SELF_READABLE_FIELDS(self):  # noqa: N802
        return [*super().SELF_READABLE_FIELDS, "social_signature"]

    @property
    def SELF_WRITEABLE_FIELDS(self):  # noqa: N802
        return [*super().SELF_WRITEABLE_FIELDS, "social_signature"]
