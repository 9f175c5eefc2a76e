from odoo import api, fields, models


class HelpdeskTicket(models.Model):
    """How many promises to the customer were kept and missed, counted when one ends.

    The analysis reads it here: to count the promises of a hundred thousand tickets takes as
    long as all else that it asks of them.
    """

    _inherit = "helpdesk.ticket"

    social_kept_count = fields.Integer(
        string="Promises kept", compute="_compute_social_kept_count", store=True
    )
    social_missed_count = fields.Integer(
        string="Promises missed", compute="_compute_social_kept_count", store=True
    )

    @api.depends(
        "ticket_sla_ids.state",
        "ticket_sla_ids.social_started_at",
        "ticket_sla_ids.social_breached_at",
    )
    def _compute_social_kept_count(self):
        for ticket in self:
            responses = ticket.ticket_sla_ids._social_care_responses()
            states = responses.mapped("state")
            late = responses._social_care_late()
            ticket.social_kept_count = states.count("accomplished")
            ticket.social_missed_count = states.count("expired") + len(late)
