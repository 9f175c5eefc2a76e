from odoo import api, fields, models

from .plaza import Plaza


class SocialCareAccount(models.Model):
    _inherit = "social.care.account"

    network = fields.Selection(
        selection_add=[("plaza", "Plaza")],
        # Uninstalling keeps accounts and messages.
        ondelete={"plaza": lambda accounts: accounts.write({"state": "paused"})},
    )

    @api.model
    def _get_network_classes(self):
        return super()._get_network_classes() | {"plaza": Plaza}
