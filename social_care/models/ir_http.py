from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """A page opened while somebody is rung shows the ring."""
        info = super().session_info()
        if self.env.user.has_group("social_care.social_care_group_agent"):
            mine = [("user_id", "=", self.env.uid), ("result", "=", False)]
            rings = self.env["social.care.ring"].search(mine)
            info["social_care_rings"] = [ring._get_notice() for ring in rings.sudo()]
        return info
