from odoo import api, fields, models
from odoo.exceptions import AccessError


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
        return super().create(self._social_care_prepare_batch(vals_list))

    def write(self, vals):
        if not self.env.su and self._social_care_responses():
            raise AccessError(
                self.env._("A promise to a customer is kept by an answer, not by hand.")
            )
        return super().write(vals)

    @api.model
    def _social_care_prepare_batch(self, vals_list):
        """Give response rows their start, state and deadline: planned together, once.

        A row without a possible deadline is not made: the helpdesk compares
        deadlines without asking whether there is one.
        """
        policies = self.env["helpdesk.sla"].browse(
            {vals["sla_id"] for vals in vals_list if vals.get("sla_id")}
        )
        responses = policies.filtered(lambda policy: policy.social_target != "stage")
        if not responses:
            return vals_list
        started = [
            self._social_care_prepare_start(vals, responses.browse(vals["sla_id"]))
            for vals in vals_list
            if vals.get("sla_id") in responses.ids
        ]
        kept = [vals for vals in vals_list if vals.get("sla_id") not in responses.ids]
        return kept + self._social_care_plan_batch(started)

    @api.model
    def _social_care_prepare_start(self, vals, policy):
        """Values of a running response row, still without its deadline."""
        ticket = self.env["helpdesk.ticket"].browse(vals["ticket_id"])
        calendar = ticket.team_id._social_care_calendar(ticket.company_id)
        start = vals.get("social_started_at") or ticket.social_waiting_since
        return {
            "last_state_date": start,
            **vals,
            "state": "in_progress",
            "social_started_at": start,
            "hours": policy._social_care_hours(calendar),
        }

    @api.model
    def _social_care_plan_batch(self, vals_list):
        """Add the deadlines, one call a calendar; rows that can have none are left out."""
        planned = []
        by_calendar = {}
        for vals in vals_list:
            ticket = self.env["helpdesk.ticket"].browse(vals["ticket_id"])
            calendar = ticket.team_id._social_care_calendar(ticket.company_id)
            by_calendar.setdefault((calendar, ticket.company_id), []).append(vals)
        for (calendar, company), rows in by_calendar.items():
            if not calendar:
                continue
            pairs = [(vals["social_started_at"], vals["hours"]) for vals in rows]
            deadlines = calendar._plan_hours_batch(pairs, company)
            planned += [
                {**vals, "deadline": deadline}
                for vals, deadline in zip(rows, deadlines, strict=True)
                if deadline
            ]
        return planned

    def _social_care_responses(self):
        """The rows that wait for an answer rather than for a stage."""
        # By the row, not by its policy: a policy's target may be changed later.
        return self.filtered("social_started_at")

    def _compute_sla_data(self):
        responses = self._social_care_responses()
        for row in responses:
            row.hours = row.hours
            row.expected_stage_id = False
            row.state = row.state or "in_progress"
            row.last_state_date = row.social_started_at
        return super(HelpdeskTicketSla, self - responses)._compute_sla_data()

    def _compute_deadline(self):
        responses = self._social_care_responses()
        for row in responses:
            row.deadline = row.deadline
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
        running = self._social_care_responses().filtered(
            lambda row: (
                row.state in ("in_progress", "on_hold")
                and row.social_started_at
                and row.social_started_at <= reached_at
            )
        )
        for row in running:
            missed = bool(row.deadline) and reached_at > row.deadline
            row.write(
                {
                    "state": "expired" if missed else "accomplished",
                    "social_reached_at": reached_at,
                    "social_elapsed_hours": row.ticket_id._social_care_working_hours(
                        row.social_started_at, reached_at
                    ),
                    "social_wait_hours": (reached_at - row.social_started_at).total_seconds()
                    / 3600,
                    "social_breached_at": missed and row.deadline,
                }
            )
        return running

    def _social_care_cancel(self):
        """End running clocks that nobody will keep or miss."""
        running = self.filtered(lambda row: row.state in ("in_progress", "on_hold"))
        running.write({"state": "cancelled"})
        return running
