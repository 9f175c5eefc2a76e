import logging
from functools import partial

from odoo import api, fields, models

from .social_care_ring import RING_MINUTES

_logger = logging.getLogger(__name__)


class HelpdeskTicketTeam(models.Model):
    """Who is rung for what: today for what is urgent outside hours."""

    _name = "helpdesk.ticket.team"
    _inherit = ["helpdesk.ticket.team", "social.care.queue"]

    social_routing = fields.Selection(
        [
            ("manual", "By hand"),
            ("round_robin", "In turn"),
            ("least_loaded", "To whom has least to do"),
        ],
        string="Who gets a conversation",
        default="least_loaded",
        required=True,
        help="Those on shift are found by themselves. By hand: each takes what they choose.",
    )
    social_on_call_ids = fields.One2many(
        "social.care.on.call", "team_id", string="On call", copy=True
    )
    social_ring_minutes = fields.Integer(
        string="Rings for",
        default=RING_MINUTES,
        help="Minutes until the next one is rung.",
    )

    _social_ring_minutes_positive = models.Constraint(
        "CHECK (social_ring_minutes > 0)", "A ring takes at least a minute."
    )

    @api.model
    def _social_care_wake_route(self):
        self._wake("social_care.ir_cron_route")

    @api.model
    def _cron_route(self):
        """Let rings that nobody answered go to the next one; every minute."""
        rings = self.env["social.care.ring"].search(
            [("result", "=", False), ("expires_at", "<=", fields.Datetime.now())]
        )
        tickets = self.env["helpdesk.ticket"].search([("social_on_call_at", "!=", False)])
        tickets |= rings.ticket_id
        self.env["ir.cron"]._commit_progress(remaining=len(tickets))
        for ticket_id in tickets.ids:
            ticket = tickets.browse(ticket_id)
            try:
                _result, seconds_left = self._run_unit(partial(self._social_care_route, ticket))
            except Exception:
                _logger.exception("Ticket %s: nobody could be rung", ticket_id)
                self._forget_transaction()
                seconds_left = self.env["ir.cron"]._commit_progress(1)
            if not seconds_left:
                break

    @api.model
    def _social_care_route(self, tickets):
        """Tickets that ring those on call → the next one rung, or called off.

        Two workers never ring two people for one ticket: a second open ring is refused by
        the database, and who made it repeats on a new snapshot.
        """
        now = fields.Datetime.now()
        for ticket in tickets:
            ringing = ticket.social_ring_ids.filtered(lambda ring: not ring.result)
            if not ticket.social_on_call_at or not ticket._social_care_still_urgent():
                ticket._social_care_call_off()
                continue
            overdue = ringing.filtered(lambda ring: ring.expires_at <= now)
            overdue._end("missed")
            if not ringing - overdue:
                ticket._social_care_ring_next()
