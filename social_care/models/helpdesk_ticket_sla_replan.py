from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, float_compare
from odoo.tools.misc import format_datetime
from odoo.tools.safe_eval import safe_eval

BATCH = 500  # clocks a transaction


class HelpdeskTicketSla(models.Model):
    """Deadlines stay true: open clocks pause, and follow what changes around them.

    ``consumed_time`` is what was used up before ``last_state_date``; from there the
    clock runs, or stands still while it is on hold.
    """

    _name = "helpdesk.ticket.sla"
    _inherit = ["helpdesk.ticket.sla", "social.care.queue"]

    social_replan_at = fields.Datetime(
        string="To plan again since",
        readonly=True,
        copy=False,
        help="Its working hours, holidays or policy changed; the deadline follows in a moment.",
    )

    _social_replan_queue = models.Index("(social_replan_at, id) WHERE social_replan_at IS NOT NULL")

    # -- What changed: marked at once, planned in a moment -----------------------

    @api.model
    def _social_care_mark(self, domain):
        """Have the open clocks that match planned again, once for all that changes meanwhile."""
        clocks = self.sudo().with_context(active_test=False)
        still_open = Domain("social_started_at", "!=", False)
        still_open &= Domain("state", "in", ["in_progress", "on_hold"])
        still_open &= Domain("social_replan_at", "=", False)
        query = clocks._search(still_open & Domain(domain))
        marked = self.env.execute_query(
            SQL(
                """UPDATE helpdesk_ticket_sla SET social_replan_at = %s
                    WHERE id IN %s RETURNING id""",
                fields.Datetime.now(),
                query.subselect(),
            )
        )
        if marked:
            clocks.browse(row_id for (row_id,) in marked).invalidate_recordset(["social_replan_at"])
            self._wake("social_care.ir_cron_replan")

    @api.model
    def _social_care_mark_calendars(self, calendars):
        """Mark the clocks that run in these working hours."""
        if calendars:
            # A pause is planned anew when it ends; without working time nothing was planned.
            running = Domain("state", "=", "in_progress") | Domain("deadline", "=", False)
            self._social_care_mark(running & self._social_care_in_calendars(calendars))

    @api.model
    def _social_care_in_calendars(self, calendars):
        """The clocks that run in these working hours: the team's, else the company's."""
        of_team = "ticket_id.team_id.resource_calendar_id"
        of_company = "ticket_id.company_id.resource_calendar_id"
        return Domain(of_team, "in", calendars.ids) | (
            Domain(of_team, "=", False) & Domain(of_company, "in", calendars.ids)
        )

    @api.model
    def _cron_replan(self):
        """Plan what was marked; a bad one never blocks the next."""
        marked = self.search([("social_replan_at", "!=", False)], order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(marked))
        self._run_batches(marked, "_social_care_replan_marked", BATCH)

    def _social_care_replan_marked(self):
        # Claimed first: a second worker fails on its stale snapshot and finds nothing.
        claimed = self.env.execute_query(
            SQL(
                """UPDATE helpdesk_ticket_sla SET social_replan_at = NULL
                    WHERE id IN (SELECT id FROM helpdesk_ticket_sla
                                  WHERE id = ANY(%s) AND social_replan_at IS NOT NULL
                               ORDER BY id FOR NO KEY UPDATE)
                RETURNING id""",
                self.ids,
            )
        )
        rows = self.browse(row_id for (row_id,) in claimed)
        rows.invalidate_recordset(["social_replan_at"], flush=False)
        rows._social_care_replan()

    # -- The plan --------------------------------------------------------------

    def _social_care_replan(self, choose=False, note=True):
        """Open clocks → the promise, the pause and the deadline that are true now.

        :param choose: the ticket changed: the strictest promise that applies now is given
        :param note: tell on the ticket that its deadline moved
        """
        rows = self.sudo()._social_care_open()
        now = fields.Datetime.now()
        plans = {row: row._social_care_prepare_replan(choose, now) for row in rows}
        without = rows.filtered(lambda row: not plans[row])
        without._social_care_cancel()
        (rows - without)._social_care_plan_deadlines(plans)
        before = {row: row.deadline for row in rows}
        (rows - without)._social_care_write_plans(plans)
        if note:
            self._social_care_note_moved(
                {row: old for row, old in before.items() if row in without or row.deadline != old}
            )

    def _social_care_plan_deadlines(self, plans):
        """Complete the plans. A pause keeps its deadline, if there was working time for one."""
        rows = self.filtered(lambda row: plans[row]["state"] == "in_progress" or not row.deadline)
        deadlines = self._social_care_plan(
            [
                (
                    row.ticket_id,
                    plans[row]["last_state_date"],
                    plans[row]["hours"] - plans[row]["consumed_time"],
                )
                for row in rows
            ]
        )
        for row, deadline in zip(rows, deadlines, strict=True):
            plans[row]["deadline"] = deadline
            if not deadline:
                plans[row]["state"] = "on_hold"

    def _social_care_prepare_replan(self, choose, now):
        """Values of an open clock before its deadline is planned; {} where no promise applies."""
        policy = self._social_care_find_promise(choose)
        if not policy:
            return {}
        values = {
            "sla_id": policy.id,
            "hours": policy._social_care_hours(self._social_care_calendar()),
            "state": "in_progress",
            "last_state_date": self.last_state_date,
            "consumed_time": self.consumed_time,
        }
        stands = self.ticket_id.stage_id in policy.ignore_stage_ids
        paused = self.state == "on_hold" and bool(self.deadline)
        late = self.state == "in_progress" and self.deadline <= now
        if stands and not late:
            values["state"] = "on_hold"
            if not paused:
                values |= {"consumed_time": self._social_care_elapsed(now), "last_state_date": now}
        elif paused:
            values["last_state_date"] = now
        return values

    def _social_care_calendar(self):
        return self.ticket_id.team_id._social_care_calendar(self.ticket_id.company_id)

    def _social_care_find_promise(self, choose):
        """The policy of an open clock; another where this one changed or applies no longer."""
        policy, ticket = self.sla_id, self.ticket_id
        if not ticket.team_id.use_sla:
            return policy.browse()
        hours = policy._social_care_hours(self._social_care_calendar())
        if (
            not choose
            and policy.active
            and policy.social_target != "stage"
            and policy._social_care_applies(ticket)
            and policy.filtered_domain(ticket._get_sla_ticket_domain())
            and ticket.filtered_domain(safe_eval(policy.domain or "[]"))
            and not float_compare(hours, self.hours, precision_digits=6)
        ):
            return policy
        return ticket._social_care_strictest(ticket._social_care_promises())

    def _social_care_write_plans(self, plans):
        """Write what differs; rows with the same values together."""
        rows_by_values = {}
        for row in self:
            values = {
                name: value
                for name, value in plans[row].items()
                if (row.sla_id.id if name == "sla_id" else row[name]) != value
            }
            if values:
                key = tuple(values.items())
                rows_by_values[key] = rows_by_values.get(key, self.browse()) | row
        for values, rows in rows_by_values.items():
            rows.write(dict(values))

    @api.model
    def _social_care_note_moved(self, moved):
        """Tell on the tickets, in their company's language and the calendar's time.

        :param moved: row → its old deadline, naive UTC or False
        """
        bodies = {}
        for row, old in moved.items():
            ticket = row.ticket_id._social_care_in_its_language()
            _ = ticket.env._
            tz = row._social_care_calendar().tz
            before, after = (
                at
                and format_datetime(
                    ticket.env, at, tz, dt_format="short", lang_code=ticket.env.context["lang"]
                )
                for at in (old, row.deadline)
            )
            if row.state not in ("in_progress", "on_hold"):
                text = _("No promise applies any longer; it was due %(at)s.", at=before)
            elif not after:
                text = _("The deadline %(at)s is void: there is no working time.", at=before)
            elif not before:
                text = _("Answer by %(at)s.", at=after)
            else:
                text = _(
                    "Answer by %(after)s, no longer by %(before)s.", after=after, before=before
                )
            bodies[ticket.id] = Markup("<p>%s</p>") % text
        if bodies:
            self.env["helpdesk.ticket"].browse(bodies)._message_log_batch(bodies)
