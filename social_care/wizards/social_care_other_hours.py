from datetime import timedelta
from statistics import median

from pytz import timezone

from odoo import api, fields, models
from odoo.fields import Command, Domain

from ..models.helpdesk_ticket_sla import LATE
from ..models.other_hours import close_later, open_earlier, open_weekends
from ..models.resource_calendar import plan_hours
from ..models.social_care_times import get_midnight, to_utc

WEEKS = 8
ENOUGH = 20  # promises; of fewer no conclusion is shown
ROUNDING = timedelta(seconds=1)  # hours are stored as a float
CHANGES = {
    "today": None,
    "earlier": open_earlier,
    "later": close_later,
    "weekend": open_weekends,
}


class SocialCareOtherHours(models.TransientModel):
    """What other opening hours would buy, from the real arrivals.

    The question: had the team been open at other hours, would the customer have had the first
    answer by the time they were promised? That time is kept as it was: what today's working
    hours make of the promise, on the wall clock. The answer moves: it takes the working time it
    really took, counted in the other hours. So it is assumed that as many hands are there in
    each hour as today.

    - An answer that was given while the team was closed stays where it was.
    - A promise nobody has answered yet and that is late counts as missed with all hours:
      how much work it needs, nobody knows.
    - Time in a stage in which clocks stand still is left out.
    - Holidays stay holidays, except round the clock; flexible hours cannot be moved.
    """

    _name = "social.care.other.hours"
    _description = "What other hours would buy"

    account_id = fields.Many2one(
        "social.care.account", domain=[("practice", "=", False)], help="Empty: all accounts."
    )
    team_id = fields.Many2one("helpdesk.ticket.team", help="Empty: all teams.")
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self) - timedelta(weeks=WEEKS),
    )
    date_to = fields.Date(string="To", required=True, default=fields.Date.context_today)
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Hours to compare",
        help="Any working hours, besides those that are always compared.",
    )
    case_count = fields.Integer(string="Promises", readonly=True)
    unanswered_count = fields.Integer(string="Nobody answered", readonly=True)
    outside_count = fields.Integer(string="Answered while closed", readonly=True)
    is_enough = fields.Boolean(readonly=True)
    least = fields.Integer(default=ENOUGH, readonly=True)
    line_ids = fields.One2many("social.care.other.hours.line", "wizard_id", readonly=True)

    # -- Actions -----------------------------------------------------------------

    def action_work_out(self):
        """Compare the hours, and show it."""
        self.ensure_one()
        self.calendar_id.check_access("read")
        cases = self._get_cases()
        is_enough = len(cases) >= ENOUGH
        # sudo: nobody else makes lines, which would show any ticket's number
        self.sudo().write(
            {
                "case_count": len(cases),
                "unanswered_count": sum(not case["answered"] for case in cases),
                "outside_count": sum(case["outside"] for case in cases),
                "is_enough": is_enough,
                "line_ids": [Command.clear(), *(self._prepare_lines(cases) if is_enough else [])],
            }
        )
        return self._open()

    def action_view_cases(self):
        """The tickets whose promises were counted."""
        self.ensure_one()
        tickets = self.env["helpdesk.ticket"].search(
            [("ticket_sla_ids", "any", self._get_domain())]
        )
        return self.env["social.care.other.hours.line"]._open_tickets(tickets.ids)

    def _open(self):
        return self._get_records_action(
            name=self.env._("What other hours would buy"),
            target="new",
            context={"dialog_size": "extra-large"},
        )

    # -- The promises ------------------------------------------------------------

    def _get_domain(self):
        """First responses promised in the time, and kept or missed: as the analysis counts them."""
        zone = timezone(self.env.user.tz or "UTC")
        low, high = (
            to_utc(get_midnight(day, zone))
            for day in (self.date_from, self.date_to + timedelta(days=1))
        )
        tickets = Domain("social_account_id.practice", "=", False) & Domain(
            "company_id", "in", self.env.companies.ids
        )
        if self.account_id:
            tickets &= Domain("social_account_id", "=", self.account_id.id)
        if self.team_id:
            tickets &= Domain("team_id", "=", self.team_id.id)
        decided = Domain("state", "in", ("accomplished", "expired")) | LATE
        return (
            Domain("social_started_at", ">=", low)
            & Domain("social_started_at", "<", high)
            & Domain("sla_id.social_target", "=", "first_response")
            & decided
            & Domain("ticket_id", "any", tickets)
        )

    def _get_cases(self):
        """The promises of the time, and what became of them: list of dicts.

        ``outside`` are those that were answered while the team was closed. They do not move, nor
        do those that nobody answered.
        """
        rows = self.env["helpdesk.ticket.sla"].search(self._get_domain())
        hours = [(row._social_care_calendar(), row.ticket_id.company_id) for row in rows]
        spans = [(row.social_started_at, row.hours) for row in rows]
        # Planned anew with no work at all, an answer stays where it is only in working time.
        spans += [(row.social_reached_at or row.social_started_at, 0) for row in rows]
        planned = plan_hours([(*own, *span) for own, span in zip(2 * hours, spans, strict=True)])
        return [
            {
                "ticket_id": row.ticket_id.id,
                "calendar": calendar,
                "company": company,
                "start": row.social_started_at,
                "promised": deadline,
                "hours": row.social_elapsed_hours,
                "kept": row.state == "accomplished",
                "answered": row.social_reached_at,
                "outside": bool(row.social_reached_at) and working != row.social_reached_at,
                "moves": bool(row.social_reached_at and deadline)
                and working == row.social_reached_at,
            }
            for row, (calendar, company), deadline, working in zip(
                rows, hours, planned[: len(rows)], planned[len(rows) :], strict=True
            )
        ]

    # -- Replayed ----------------------------------------------------------------

    def _prepare_lines(self, cases):
        today = self._replay(cases, "today")
        hours = ["today", "earlier", "later", "weekend", "always"]
        hours += ["chosen"] if self.calendar_id else []
        return [
            Command.create(self._prepare_line(cases, name, today, self._replay(cases, name)))
            for name in hours
        ]

    def _prepare_line(self, cases, name, today, replayed):
        """:param today, replayed: lists of (kept, answered at) in the order of the cases"""
        waits = [
            (answered - case["start"]).total_seconds() / 3600
            for case, (_kept, answered) in zip(cases, replayed, strict=True)
            if answered
        ]
        kept = sum(kept for kept, _answered in replayed)
        pairs = [
            (case["ticket_id"], was, would)
            for case, (was, _then), (would, _answered) in zip(cases, today, replayed, strict=True)
        ]
        gained = [ticket_id for ticket_id, was, would in pairs if would and not was]
        lost = [ticket_id for ticket_id, was, would in pairs if was and not would]
        missed = [ticket_id for ticket_id, _was, would in pairs if not would]
        return {
            "hours": name,
            "kept_count": kept,
            "kept_share": 100 * kept / len(cases),
            "wait_median": median(waits) if waits else 0,
            "gained_count": len(gained),
            "lost_count": len(lost),
            "shown_ids": missed if name == "today" else gained + lost,
        }

    def _replay(self, cases, name):
        """Whether each promise would be kept with some hours, and when it would be answered.

        :return: list of (bool, naive UTC or False), in the order of the cases
        """
        planned = iter(self._plan([case for case in cases if case["moves"]], name))
        replayed = []
        for case in cases:
            if not case["moves"]:
                replayed.append((case["kept"], case["answered"]))
                continue
            answered = next(planned)
            in_time = answered and answered <= case["promised"] + ROUNDING
            replayed.append((bool(in_time), answered))
        return replayed

    def _plan(self, cases, name):
        """When each would be answered: naive UTC, False where the hours have no working time."""
        if name == "always":
            return [case["start"] + timedelta(hours=case["hours"]) for case in cases]
        chosen = self.calendar_id if name == "chosen" else self.calendar_id.browse()
        return plan_hours(
            [
                (chosen or case["calendar"], case["company"], case["start"], case["hours"])
                for case in cases
            ],
            CHANGES.get(name),
        )


class SocialCareOtherHoursLine(models.TransientModel):
    """What some opening hours would buy."""

    _name = "social.care.other.hours.line"
    _description = "Hours that are compared"
    _order = "id"

    wizard_id = fields.Many2one(
        "social.care.other.hours", required=True, ondelete="cascade", index=True
    )
    hours = fields.Selection(
        [
            ("today", "As today"),
            ("earlier", "One hour earlier"),
            ("later", "One hour longer"),
            ("weekend", "Saturday and Sunday from 10 to 14"),
            ("always", "Round the clock"),
            ("chosen", "The hours to compare"),
        ],
        string="Open",
        required=True,
    )
    kept_count = fields.Integer(string="Kept")
    kept_share = fields.Float(string="% kept")
    wait_median = fields.Float(
        string="Typical wait",
        help="Half of the customers waited less, half more: hours by their clock.",
    )
    gained_count = fields.Integer(string="Newly kept", help="Kept, where today's hours miss it.")
    lost_count = fields.Integer(string="Newly missed", help="Missed, where today's hours keep it.")
    shown_ids = fields.Json()

    def action_view_tickets(self):
        """Today's missed promises; else those that would have gone the other way."""
        self.ensure_one()
        return self._open_tickets(self.shown_ids)

    @api.model
    def _open_tickets(self, ids):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Tickets"),
            "res_model": "helpdesk.ticket",
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", ids)],
            "context": {"create": False},
        }
