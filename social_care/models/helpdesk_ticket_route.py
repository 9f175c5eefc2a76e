from odoo import fields, models


class HelpdeskTicket(models.Model):
    """Tickets that look for somebody: the queue of the routing."""

    _inherit = "helpdesk.ticket"

    social_route_at = fields.Datetime(
        string="Looks for somebody since",
        readonly=True,
        copy=False,
        help="Set while somebody has to be found, also where who has the ticket is away.",
    )

    _social_route = models.Index("(id) WHERE social_route_at IS NOT NULL")

    def _social_care_want_routing(self):
        """Have somebody found for these tickets, also where they have an assignee.

        What is closed, or where nobody waits, is passed over.
        """
        # sudo: the queue is the addon's own, whoever sets the ticket free
        tickets = self.sudo().filtered(
            lambda ticket: (
                ticket.social_account_id
                and ticket.active
                and not ticket.closed
                and ticket.social_waiting_since
                and ticket.team_id.social_routing not in (False, "manual")
            )
        )
        if not tickets:
            return
        new = tickets.filtered(lambda ticket: not ticket.social_route_at)
        new.with_context(tracking_disable=True).social_route_at = fields.Datetime.now()
        self.env["helpdesk.ticket.team"]._social_care_wake_route()
