from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .helpdesk_ticket_alarms import LINES
from .social_care_ring import RING_MINUTES
from .social_care_roles import AGENT
from .social_care_roster import Roster

RINGING_FROM = 3  # agents; fewer are given their conversations at once
CAPACITY = 5
ORDER = "social_deadline, social_severe desc, social_waiting_since, id"


class HelpdeskTicketTeam(models.Model):
    """Who gets a conversation: rung, or given it at once."""

    _name = "helpdesk.ticket.team"
    _inherit = ["helpdesk.ticket.team", "social.care.queue"]

    social_routing = fields.Selection(
        [
            ("manual", "Each takes what they choose"),
            ("round_robin", "In turn"),
            ("least_loaded", "Whoever has least to do"),
        ],
        string="Who gets a conversation",
        default="least_loaded",
        required=True,
        help="Of those on shift: first who speaks the customer's language, then who knows them.",
    )
    social_ringing = fields.Selection(
        [("auto", "From three agents on"), ("always", "Always"), ("never", "Never: given at once")],
        string="Ask them first",
        default="auto",
        required=True,
        help="One person alone is rung and may say “Not now”.",
    )
    social_ring_minutes = fields.Integer(
        string="Rings for",
        default=RING_MINUTES,
        help="Minutes until the next one is rung.",
    )
    social_ask_presence = fields.Boolean(
        string="Only who is online", help="Whoever set themselves to away or busy is not."
    )
    social_capacity = fields.Integer(
        string="At most",
        default=CAPACITY,
        help="A person gets no more while so many customers wait for them. 0: no limit.",
    )
    social_on_call_ids = fields.One2many(
        "social.care.on.call",
        "team_id",
        string="On call",
        groups=AGENT,
    )

    _social_ring_minutes_positive = models.Constraint(
        "CHECK (social_ring_minutes > 0)", "A ring takes at least a minute."
    )
    _social_capacity_positive = models.Constraint(
        "CHECK (social_capacity >= 0)", "A number of conversations is not negative."
    )

    def write(self, vals):
        by_hand = self.filtered(lambda team: team.social_routing == "manual")
        result = super().write(vals)
        if "social_routing" in vals:
            tickets = self.env["helpdesk.ticket"].sudo()
            if vals["social_routing"] == "manual":
                queued = [("team_id", "in", self.ids), ("social_route_at", "!=", False)]
                tickets.search(queued)._social_care_stop_routing()
            elif by_hand:
                free = [("team_id", "in", by_hand.ids), ("social_waiting_since", "!=", False)]
                tickets.search([*free, ("user_id", "=", False)])._social_care_want_routing()
        return result

    @api.model
    def _social_care_wake_route(self):
        self._wake("social_care.ir_cron_route")

    @api.model
    def _cron_route(self):
        """Find somebody for what waits, let rings that nobody answered go on; every minute."""
        tickets = self._social_care_find_to_route()
        self.env["ir.cron"]._commit_progress(remaining=len(tickets))
        self._run_batches(tickets, "_social_care_find_agents")

    @api.model
    def _social_care_find_to_route(self):
        """The tickets with something to do now, the most pressing first.

        Those whose people all have enough to do wait unread: they may be tens of thousands, and
        those of other teams must not wait behind them.
        """
        now = fields.Datetime.now()
        tickets = self.env["helpdesk.ticket"].with_context(active_test=False)
        rings = self.env["social.care.ring"].search([("result", "=", False)])
        overdue = rings.filtered(lambda ring: ring.expires_at <= now)
        found = tickets.search([("social_on_call_at", "!=", False)]) | overdue.ticket_id
        looking = Domain("social_route_at", "!=", False)
        quiet = Domain("id", "not in", (rings - overdue).ticket_id.ids)
        places = ["team_id", "company_id", "social_account_id.practice"]
        for team, company, practice in tickets._read_group(looking, places):
            local = team.with_company(company)
            if local._social_care_is_open(now):
                here = Domain("team_id", "=", team.id) & Domain("company_id", "=", company.id)
                here &= Domain("social_account_id.practice", "=", practice)
                roster = Roster(local, practice, now)
                found |= local._social_care_find_possible(roster, looking & here & quiet)
        return self.env["helpdesk.ticket"].browse(
            tickets.search([("id", "in", found.ids)], order=ORDER).ids
        )

    def _social_care_find_possible(self, roster, looking):
        """Of a team's tickets those that can be given to somebody, those all said no to, and those kept.

        :param looking: domain of the tickets
        """
        tickets = self.env["helpdesk.ticket"].with_context(active_test=False)
        away = Domain("user_id", "!=", False)
        holders = tickets._read_group(looking & away, [], ["user_id:recordset"])[0][0]
        there = self._social_care_answering(holders)
        there = self._social_care_on_shift(there, roster.now) if there else there
        found = tickets.search(looking & Domain("user_id", "in", there.ids))
        refused = tickets.search(looking & roster.refused_domain())
        found |= refused.filtered(
            lambda ticket: not ticket.social_nobody_at and roster.is_hopeless(ticket)
        )
        if roster.free:
            possible = refused.filtered(roster.can_ask)
            possible = looking & Domain("id", "not in", (refused - possible).ids)
            found |= tickets.search(possible, order=ORDER, limit=roster.count_room())
        return found

    @api.model
    def _social_care_route(self, tickets):
        """Tickets that look for somebody → rung or assigned; what is urgent rings those on call.

        :param tickets: helpdesk.ticket, the most pressing first
        """
        tickets.team_id._social_care_claim_people()
        now = fields.Datetime.now()
        urgent = tickets.filtered("social_on_call_at")
        over = urgent.filtered(lambda ticket: not ticket._social_care_still_urgent())
        over._social_care_call_off()
        open_rings = tickets._social_care_open_rings()
        overdue = open_rings.filtered(lambda ring: ring.expires_at <= now)
        if overdue:
            overdue._end("missed")
            self._social_care_wake_route()  # who did not answer has room again
        for ticket in urgent - over:
            if not ticket._social_care_open_rings():
                ticket._social_care_ring_next()
        ringing = tickets._social_care_open_rings().ticket_id
        seeking = tickets.filtered(
            lambda ticket: ticket.social_route_at and not ticket.social_on_call_at
        )
        seeking -= ringing
        ended = seeking.filtered(lambda ticket: not ticket._social_care_seeks_somebody())
        ended._social_care_stop_routing()
        groups = (seeking - ended).grouped(
            lambda ticket: (ticket.team_id, ticket.company_id, ticket.social_account_id.practice)
        )
        for (team, company, practice), group in groups.items():
            team.with_company(company)._social_care_find_somebody(group, practice)

    def _social_care_claim_people(self):
        """Keep other workers from giving anything to these teams' people until the commit.

        Their places are written, in every team of theirs: a worker with a stale snapshot counts
        too few conversations and must fail with 40001. Not their users, which most rows reference:
        whoever writes such a row would fail as well. All at once, in one order: no deadlocks.
        """
        places = self._fields["user_ids"]
        names = {
            "places": SQL.identifier(places.relation),
            "team": SQL.identifier(places.column1),
            "person": SQL.identifier(places.column2),
        }
        self.env.cr.execute(
            SQL(
                """UPDATE %(places)s SET %(person)s = %(person)s
                    WHERE (%(team)s, %(person)s) IN (
                          SELECT %(team)s, %(person)s FROM %(places)s
                           WHERE %(person)s IN (SELECT %(person)s FROM %(places)s
                                                 WHERE %(team)s = ANY(%(ids)s))
                        ORDER BY %(person)s, %(team)s FOR NO KEY UPDATE)""",
                **names,
                ids=list(self.ids),
            )
        )

    def _social_care_find_somebody(self, tickets, practice):
        """Ring or assign those whose turn it is, as long as the team is open."""
        self.ensure_one()
        now = fields.Datetime.now()
        if not self._social_care_is_open(now):
            return
        roster = Roster(self, practice, now)
        roster.learn(tickets)
        holders = self._social_care_answering(tickets.user_id)
        there = self._social_care_on_shift(holders, now) if holders else holders
        back = tickets.filtered(lambda ticket: ticket.user_id in there)
        back._social_care_stop_routing()
        seeking = tickets - back
        chosen = {ticket: roster.choose(ticket) for ticket in seeking}
        given = seeking.filtered(lambda ticket: chosen[ticket])
        alone = (seeking - given).filtered(
            lambda ticket: not ticket.social_nobody_at and roster.is_hopeless(ticket)
        )
        (given | alone)._social_care_claim()
        if roster.rings:
            self.env["social.care.ring"]._ring({ticket: chosen[ticket] for ticket in given})
        else:
            for user, theirs in given.grouped(chosen.get).items():
                theirs.user_id = user
        alone.social_nobody_at = now
        self._social_care_tell_nobody(alone)

    def _social_care_agents(self):
        """Members who answer customers, in the company whose conversations it is about."""
        company = self._social_care_company()
        agents = self.user_ids._social_care_agents()
        return agents.filtered(lambda user: company in user.company_ids)

    def _social_care_is_ringing(self, agents):
        if self.social_ringing == "auto":
            return len(agents) >= RINGING_FROM
        return self.social_ringing == "always"

    def _social_care_tell_nobody(self, tickets):
        """Tell the leader of these tickets that all have been asked."""
        leader = self.user_id.filtered("active")
        if not leader or not tickets:
            return
        local = tickets.with_context(lang=leader.lang, tz=leader.tz)
        if len(local) == 1:
            subject = local.env._("Nobody took it: %(who)s", who=local._social_care_who())
        else:
            subject = local.env._("Nobody took %(count)s conversations", count=len(local))
        lines = [
            Markup("<li>%s – %s</li>") % (ticket._get_html_link(), ticket.social_last_text or "")
            for ticket in local[:LINES]
        ]
        record = local if len(local) == 1 else self.with_env(local.env)
        record.message_notify(
            partner_ids=leader.partner_id.ids,
            subject=subject,
            body=Markup("<ul>%s</ul>") % Markup("").join(lines),
        )
