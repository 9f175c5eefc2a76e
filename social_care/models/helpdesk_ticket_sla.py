from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .resource_calendar import plan_hours

# A promise that ran out and is still to be kept: as ``_social_care_late``.
LATE = Domain("state", "=", "in_progress") & Domain("social_breached_at", "!=", False)


class HelpdeskTicketSla(models.Model):
    """A running promise. Response targets bypass the helpdesk's own clock.

    The helpdesk counts a target as accomplished by any move to a later stage;
    an answer to a customer is another matter.
    """

    _inherit = "helpdesk.ticket.sla"

    state = fields.Selection(
        selection_add=[("cancelled", "Cancelled")], ondelete={"cancelled": "set default"}
    )
    social_target = fields.Selection(related="sla_id.social_target")
    social_mention_id = fields.Many2one(
        "social.care.mention", string="Message", readonly=True, index="btree_not_null"
    )
    social_started_at = fields.Datetime(string="Started", readonly=True)
    social_reached_at = fields.Datetime(string="Answered", readonly=True)
    social_elapsed_hours = fields.Float(
        string="Working hours taken", readonly=True, aggregator="avg"
    )
    social_wait_hours = fields.Float(
        string="Hours waited", readonly=True, aggregator="avg", help="By the customer's clock."
    )
    social_breached_at = fields.Datetime(string="Missed", readonly=True)

    _social_open = models.Index(
        "(deadline) WHERE state = 'in_progress' AND social_started_at IS NOT NULL"
    )
    _social_ticket = models.Index("(ticket_id)")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self._social_care_check_by_hand({*self.default_get(self._fields)}.union(*vals_list))
        return super().create(self._social_care_prepare_batch(vals_list))

    def write(self, vals):
        if not self.env.su:
            self._social_care_check_by_hand(vals)
        return super().write(vals)

    def _social_care_check_by_hand(self, names):
        """Neither is a promise changed by hand, nor made of another clock.

        :param names: of the fields that are written
        """
        if self._social_care_responses() or any(name.startswith("social_") for name in names):
            raise AccessError(
                self.env._("A promise to a customer is kept by an answer, not by hand.")
            )

    @api.model
    def _social_care_prepare_batch(self, vals_list):
        """Give response rows their start, state, deadline and warning: planned together, once."""
        policies = self.env["helpdesk.sla"].browse(
            {vals["sla_id"] for vals in vals_list if vals.get("sla_id")}
        )
        responses = policies.filtered(lambda policy: policy.social_target != "stage")
        if not responses:
            return vals_list
        prepared = list(vals_list)
        started = []
        for place, vals in enumerate(vals_list):
            if vals.get("sla_id") in responses._ids:
                prepared[place] = self._social_care_prepare_start(
                    vals, responses.browse(vals["sla_id"])
                )
                started.append(prepared[place])
        promised, warned = [], []
        for vals in started:
            ticket = self.env["helpdesk.ticket"].browse(vals["ticket_id"])
            start, hours = vals["social_started_at"], vals["hours"]
            promised.append((ticket, start, hours))
            warned.append((ticket, start, hours * ticket.team_id.social_warn_share / 100))
        # The warnings too, in the same reading of the calendar.
        planned = self._social_care_plan(promised + warned)
        for number, vals in enumerate(started):
            deadline = planned[number]
            vals.update(deadline=deadline, social_alarm_at=planned[len(started) + number])
            if not deadline:
                # The helpdesk compares the deadlines of running rows without asking whether
                # there is one: without working time a clock stands still.
                vals["state"] = "on_hold"
        return prepared

    @api.model
    def _social_care_prepare_start(self, vals, policy):
        """Values of a running response row, still without its deadline."""
        ticket = self.env["helpdesk.ticket"].browse(vals["ticket_id"])
        calendar = ticket.team_id._social_care_calendar(ticket.company_id)
        start = vals.get("social_started_at") or ticket.social_waiting_since
        start = start or fields.Datetime.now()  # given by hand, where nobody waits
        return {
            "last_state_date": start,
            **vals,
            "state": "on_hold" if ticket.stage_id in policy.ignore_stage_ids else "in_progress",
            "social_started_at": start,
            "hours": policy._social_care_hours(calendar),
        }

    @api.model
    def _social_care_plan(self, items):
        """Deadlines of many promises.

        :param items: list of (ticket, naive UTC start, working hours)
        :return: list of naive UTC datetimes, False where there is no working time
        """
        return plan_hours(
            [
                (ticket.team_id._social_care_calendar(ticket.company_id), ticket.company_id, *pair)
                for ticket, *pair in items
            ]
        )

    def _social_care_responses(self):
        """The rows that wait for an answer rather than for a stage."""
        # By the row, not by its policy: a policy's target may be changed later.
        return self.filtered("social_started_at")

    def _social_care_open(self):
        """The response rows whose clock runs or is paused."""
        return self._social_care_responses().filtered(
            lambda row: row.state in ("in_progress", "on_hold")
        )

    def _social_care_late(self):
        """Those that ran out and are still to be kept: as LATE."""
        return self.filtered(lambda row: row.state == "in_progress" and row.social_breached_at)

    def _compute_sla_data(self):
        responses = self._social_care_responses()
        for row in responses:
            known = row._origin  # a form's draft of the row has nothing of its own
            row.hours = known.hours
            row.expected_stage_id = False
            row.state = known.state or "in_progress"
            row.last_state_date = known.last_state_date or row.social_started_at
        return super(HelpdeskTicketSla, self - responses)._compute_sla_data()

    def _compute_deadline(self):
        responses = self._social_care_responses()
        for row in responses:
            row.deadline = row._origin.deadline
        return super(HelpdeskTicketSla, self - responses)._compute_deadline()

    def _stage_recompute(self):
        if self._social_care_responses():
            return None
        return super()._stage_recompute()

    @api.depends("state", "deadline")
    def _compute_color(self):
        cancelled = self.filtered(lambda row: row.state == "cancelled")
        cancelled.color = 0
        return super(HelpdeskTicketSla, self - cancelled)._compute_color()

    def _social_care_reach(self, reached_at):
        """Stop running clocks at an answer.

        :param reached_at: naive UTC, when the answer was published
        """
        running = self._social_care_open().filtered(lambda row: row.social_started_at <= reached_at)
        for row in running:
            # What is paused was in time when the pause began.
            missed = row.state == "in_progress" and reached_at > row.deadline
            row.write(
                {
                    "state": "expired" if missed else "accomplished",
                    "social_reached_at": reached_at,
                    "social_breached_at": missed and row.deadline,
                    **row._social_care_prepare_taken(reached_at),
                }
            )
        return running

    def _social_care_begin_with(self, mention):
        """An older message of the run came in late: the clock begins with that."""
        start = mention._get_clock_start()
        for row in self.filtered(lambda item: item.social_started_at > start):
            values = {"social_started_at": start, "social_mention_id": mention.id}
            if row.last_state_date == row.social_started_at:
                values["last_state_date"] = start
            row.write(values)
            row._social_care_replan(note=False)

    def _social_care_cancel(self, at=None):
        """End running clocks: the customer waits no longer. What is late by then stays missed.

        The rest is called off: nobody will keep or miss it.

        :param at: naive UTC, when the wait ended, if that was before now
        """
        now = min(at or datetime.max, fields.Datetime.now())
        running = self.filtered(lambda row: row.state in ("in_progress", "on_hold"))
        late = running.filtered(
            lambda row: row.state == "in_progress" and row.deadline and row.deadline <= now
        )
        for row in running._social_care_open():
            values = row._social_care_prepare_taken(now)
            values["social_breached_at"] = row in late and row.deadline
            if row.state == "on_hold":
                values["last_state_date"] = now  # should it go on, then from here
            row.write(values)
        late.write({"state": "expired"})
        (running - late).write({"state": "cancelled"})
        return running

    def _social_care_ended(self):
        """The response rows that ended without an answer: called off, or missed by then."""
        return self._social_care_responses().filtered(
            lambda row: (
                row.state == "cancelled" or (row.state == "expired" and not row.social_reached_at)
            )
        )

    def _social_care_excuse(self, excused):
        """Clocks that ended late and without an answer: called off where that is excused."""
        late = self._social_care_ended().filtered("social_breached_at")
        late.write({"state": "cancelled" if excused else "expired"})

    def _social_care_revive(self):
        """Let clocks that ended without an answer go on from where they were."""
        for row in self:
            row.write(
                {
                    "state": "in_progress" if row.deadline else "on_hold",
                    "social_elapsed_hours": False,
                    "social_wait_hours": False,
                }
            )

    def _social_care_prepare_taken(self, at):
        """How long it took: in working time without the pauses, and by the customer's clock."""
        self.ensure_one()
        return {
            "social_elapsed_hours": self._social_care_elapsed(at),
            "social_wait_hours": max((at - self.social_started_at).total_seconds() / 3600, 0),
        }

    def _social_care_elapsed(self, at):
        """Working hours used up at a naive UTC time, without the pauses."""
        self.ensure_one()
        since_start = self.ticket_id._social_care_working_hours(self.social_started_at, at)
        if self.state == "in_progress" and self.last_state_date == self.social_started_at:
            return since_start
        taken = self.consumed_time
        if self.state == "in_progress":
            taken += self.ticket_id._social_care_working_hours(self.last_state_date, at)
        # An answer may be settled after a pause that began later than it.
        return min(taken, since_start)
