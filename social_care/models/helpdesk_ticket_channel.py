from odoo import api, fields, models


class HelpdeskTicketChannel(models.Model):
    _inherit = "helpdesk.ticket.channel"

    social_network = fields.Char(
        string="Social network", readonly=True, help="Tickets from this network come through here."
    )

    @api.model
    def _social_care_find(self, network, name):
        """The helpdesk channel of a network, made when the first account needs it."""
        channel = self.sudo().search([("social_network", "=", network)], limit=1)
        return channel or self.sudo().create(
            {"name": name, "social_network": network, "company_id": False}
        )
