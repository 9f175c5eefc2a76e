from odoo import api, fields, models
from odoo.tools import SQL

# What may set a ticket free, hand it over, or end the customer's wait.
DECIDING = {"user_id", "team_id", "stage_id", "active", "social_waiting_since"}


class HelpdeskTicket(models.Model):
    """Tickets that look for somebody: the queue of the routing."""

    _inherit = "helpdesk.ticket"

    social_route_at = fields.Datetime(
        string="Looks for somebody since",
        readonly=True,
        copy=False,
        help="Set while somebody has to be found, also where who has the ticket is away.",
    )
    social_nobody_at = fields.Datetime(
        string="Nobody took it",
        readonly=True,
        copy=False,
        help="Since when all who are there have been asked.",
    )
    social_given_back_id = fields.Many2one(
        "res.users", string="Given back by", readonly=True, copy=False
    )
    social_route_text = fields.Char(string="Routing", compute="_compute_social_route_text")

    _social_route = models.Index("(team_id, social_deadline) WHERE social_route_at IS NOT NULL")
    _social_waits_for = models.Index(
        "(user_id) WHERE social_waiting_since IS NOT NULL AND active IS TRUE"
    )
    _social_last_given = models.Index(
        "(user_id, assigned_date) WHERE social_account_id IS NOT NULL"
    )

    @api.depends("social_route_at", "social_nobody_at", "social_ring_ids.result")
    @api.depends_context("uid", "lang")
    def _compute_social_route_text(self):
        for ticket in self:
            rung = ticket.sudo().social_ringing_user_id
            if rung == self.env.user:
                text = self.env._("Rings you")
            elif rung:
                text = self.env._("Rings %(who)s", who=rung.name)
            else:
                text = bool(ticket.social_nobody_at) and self.env._("Nobody took it")
            ticket.social_route_text = text

    def write(self, vals):
        if not DECIDING & vals.keys():
            return super().write(vals)
        # sudo: the queue is the addon's own, and a ticket may leave its writer's sight
        tickets = self.sudo().filtered("social_account_id")
        before = {
            item: (item.user_id, item.team_id, item._social_care_seeks_somebody())
            for item in tickets
        }
        result = super().write(vals)
        taken = tickets if vals.get("user_id") else tickets.browse()
        moved = tickets.filtered(lambda item: item.team_id != before[item][1])
        ended = tickets.filtered(lambda item: not item._social_care_seeks_somebody())
        (taken | moved | ended).filtered("social_route_at")._social_care_stop_routing()
        free = tickets.filtered(lambda item: not item.user_id)
        released = free.filtered(lambda item: before[item][0])
        released._social_care_want_routing()
        for ticket in released.filtered("social_route_at"):
            ticket.social_given_back_id = before[ticket][0]
        # A wait began, or goes on: who is closed with an answer on its way waits all the while.
        began = free.filtered(
            lambda item: not before[item][2] and item._social_care_seeks_somebody()
        )
        began = began.filtered(lambda item: not item._social_care_came_late())
        (began | (free & moved))._social_care_want_routing()
        return result

    def _social_care_find_agents(self):
        """Find somebody for these, in their order; see the teams."""
        self.env["helpdesk.ticket.team"]._social_care_route(self)

    def _social_care_seeks_somebody(self):
        """Whether somebody may be found for it: a customer waits, and the team does not choose by hand."""
        self.ensure_one()
        return (
            bool(self.social_account_id and self.social_waiting_since)
            and self.active
            and not self.closed
            and self.team_id.social_routing not in (False, "manual")
        )

    def _social_care_want_routing(self):
        """Have somebody found for these tickets, also where they have an assignee.

        Who has been asked in vain is asked anew. Tickets are passed over that are closed,
        where nobody waits, or whose team chooses by hand.
        """
        tickets = self.sudo().filtered(lambda ticket: ticket._social_care_seeks_somebody())
        if not tickets:
            return
        new = tickets.filtered(lambda ticket: not ticket.social_route_at or ticket.social_nobody_at)
        new.write({"social_route_at": fields.Datetime.now(), "social_nobody_at": False})
        self.env["helpdesk.ticket.team"]._social_care_wake_route()

    def _social_care_stop_routing(self):
        """Nobody has to be found any more."""
        self._social_care_open_rings().filtered(lambda ring: not ring.on_call)._end("withdrawn")
        self.write(
            {"social_route_at": False, "social_nobody_at": False, "social_given_back_id": False}
        )

    def _social_care_open_rings(self):
        return self.social_ring_ids.filtered(lambda ring: not ring.result)

    def _social_care_languages(self):
        """Ticket id → the language of the customer's last message that has one, else the profile's."""
        self.env["social.care.mention"].flush_model(["ticket_id", "lang", "posted_at"])
        self.env["social.care.author"].flush_model(["lang"])
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT t.id,
                              COALESCE((SELECT m.lang FROM social_care_mention m
                                         WHERE m.ticket_id = t.id AND m.lang != ''
                                      ORDER BY m.posted_at DESC, m.id DESC LIMIT 1), a.lang)
                         FROM helpdesk_ticket t
                    LEFT JOIN social_care_author a ON a.id = t.social_author_id
                        WHERE t.id = ANY(%s)""",
                    list(self.ids),
                )
            )
        )

    def _social_care_last_agents(self):
        """Ticket id → who had the last of the customer's earlier tickets that somebody had."""
        earlier = self._social_care_earlier()
        tickets = self.browse(ticket_id for ids in earlier.values() for ticket_id in ids)
        holders = {ticket.id: ticket.user_id for ticket in tickets}
        return {
            ticket_id: next((holders[item] for item in reversed(ids) if holders[item]), None)
            for ticket_id, ids in earlier.items()
        }

    def _social_care_who(self):
        self.ensure_one()
        return self.social_author_id.display_name or self.partner_name or ""
