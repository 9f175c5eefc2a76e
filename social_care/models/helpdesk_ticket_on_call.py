from odoo import api, fields, models

from .social_care_roles import AGENT


class HelpdeskTicket(models.Model):
    """What is urgent while the team is closed rings those on call, until somebody takes it."""

    _inherit = "helpdesk.ticket"

    social_ring_ids = fields.One2many(
        "social.care.ring",
        "ticket_id",
        string="Rings",
        readonly=True,
        groups=AGENT,
    )
    social_on_call_at = fields.Datetime(
        string="Rings those on call since", readonly=True, copy=False
    )
    social_rings_me = fields.Boolean(compute="_compute_social_rings_me")
    social_ringing_user_id = fields.Many2one(
        "res.users", string="Is being rung", compute="_compute_social_rings_me"
    )

    _social_on_call = models.Index("(id) WHERE social_on_call_at IS NOT NULL")

    @api.depends("social_ring_ids.result")
    @api.depends_context("uid")
    def _compute_social_rings_me(self):
        for ticket in self:
            ring = ticket.sudo().social_ring_ids.filtered(lambda one: not one.result)
            ticket.social_ringing_user_id = ring.user_id
            ticket.social_rings_me = ring.user_id == self.env.user

    def write(self, vals):
        result = super().write(vals)
        if vals.get("user_id"):
            # Somebody was found, by the ring or by hand.
            self.sudo().filtered("social_on_call_at")._social_care_call_off()
        return result

    def action_social_take(self):
        """Take it: whom it rings."""
        self.ensure_one()
        return self._social_care_my_ring().action_take()

    def action_social_pass(self):
        """Not now: the next one is rung."""
        self.ensure_one()
        return self._social_care_my_ring().action_pass()

    def _social_care_my_ring(self):
        return self.social_ring_ids.filtered(
            lambda ring: not ring.result and ring.user_id == self.env.user
        )

    def _social_care_joined(self, conversation):
        result = super()._social_care_joined(conversation)
        urgent = conversation.waiting_mentions.filtered(
            lambda mention: mention._is_urgent() and not mention._is_late()
        )
        if urgent and not self.social_on_call_at and self._social_care_is_nobody_there():
            self.social_on_call_at = fields.Datetime.now()
            self.team_id._social_care_wake_route()
        return result

    def _social_care_is_nobody_there(self):
        """Whether the team is closed, and whoever has the ticket is not at work."""
        team, now = self.team_id, fields.Datetime.now()
        if not team.social_on_call_ids or team._social_care_is_open(now):
            return False
        return not self.user_id or not team._social_care_on_shift(self.user_id, now)

    def _social_care_still_urgent(self):
        """Whether somebody still has to be rung: it waits, and nobody is there."""
        self.ensure_one()
        return (
            self.active
            and not self.closed
            and bool(self.social_waiting_since)
            and self._social_care_is_nobody_there()
        )

    def _social_care_ring_next(self):
        """Ring the next one on the list; after the last the first again."""
        self.ensure_one()
        people = self.team_id.social_on_call_ids.user_id.filtered("active")
        if not people:
            return
        last = self.social_ring_ids.filtered("on_call")[:1].user_id
        place = people.ids.index(last.id) + 1 if last in people else 0
        self._social_care_claim()
        self.env["social.care.ring"]._ring({self: people[place % len(people)]}, on_call=True)

    def _social_care_call_off(self):
        """Nobody has to be rung any more."""
        if not self:
            return
        self._social_care_open_rings().filtered("on_call")._end("withdrawn")
        self.social_on_call_at = False
