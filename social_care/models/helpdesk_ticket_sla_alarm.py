from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .helpdesk_ticket_alarms import Alarms
from .helpdesk_ticket_team_alarm import WARN_SHARE

BATCH = 500  # clocks a transaction


class HelpdeskTicketSla(models.Model):
    """The alarm of a running promise: a warning at a share of its time, then the breach.

    Nothing is searched but the next moment at which something is to be told.
    """

    _name = "helpdesk.ticket.sla"
    _inherit = ["helpdesk.ticket.sla", "social.care.queue"]

    social_alarm_at = fields.Datetime(
        string="Next alarm",
        readonly=True,
        copy=False,
        help="When somebody is to be told: first at a share of the time, then at the deadline.",
    )

    _social_alarm = models.Index(
        "(social_alarm_at) WHERE state = 'in_progress' AND social_alarm_at IS NOT NULL"
    )

    def write(self, vals):
        result = super().write(vals)
        planned = self.env.context.get("social_care_planning")
        if "deadline" in vals and "social_alarm_at" not in vals and not planned:
            self._social_care_set_alarms()
        return result

    def _social_care_write_plans(self, plans):
        """Plan the warnings of all the new deadlines together."""
        before = {row: row.deadline for row in self}
        planning = self.with_context(social_care_planning=True)
        result = super(HelpdeskTicketSla, planning)._social_care_write_plans(plans)
        self.filtered(lambda row: row.deadline != before[row])._social_care_set_alarms()
        return result

    def _social_care_set_alarms(self):
        """Plan the warnings of deadlines that moved: the last share of the time, counted back from them."""
        now = fields.Datetime.now()
        rows = self.sudo()._social_care_responses().filtered("deadline")
        # A promise that was missed and got a later deadline is not missed yet.
        in_time = rows.filtered(lambda row: row.social_breached_at and row.deadline > now)
        if in_time:
            in_time.social_breached_at = False
            in_time.ticket_id._social_care_refresh_late_activities()
        rows = rows.filtered(lambda row: not row.social_breached_at)
        spans = []
        for row in rows:
            share = 1 - (row.ticket_id.team_id.social_warn_share or WARN_SHARE) / 100
            spans.append((row.ticket_id, row.deadline, -share * row.hours))
        for row, warn_at in zip(rows, self._social_care_plan(spans), strict=True):
            row.social_alarm_at = warn_at or row.deadline

    @api.model
    def _cron_watch(self):
        """Tell who must know about due clocks, every minute; a bad one never blocks the next."""
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(self._social_care_due()))
        tried = []  # ids: one try a run
        while due := self._social_care_find_due(tried):
            tried += due.ids
            if not self._run_batch(due, "_social_care_watch"):
                break

    @api.model
    def _social_care_due(self):
        return [("state", "=", "in_progress"), ("social_alarm_at", "<=", fields.Datetime.now())]

    @api.model
    def _social_care_find_due(self, tried=()):
        """As many as one transaction takes, the longest due first."""
        others = [("id", "not in", tried)] if tried else []
        due = [*self._social_care_due(), *others]
        return self.search(due, order="social_alarm_at, id", limit=BATCH)

    def _social_care_watch(self):
        """Open clocks that are due, of these or else of all → told, breached.

        :return: the rows that were due
        """
        due = self or self._social_care_find_due()
        rows = due and due._social_care_claim_due()
        if rows:
            Alarms(rows).tell()
        return rows

    def _social_care_claim_due(self):
        """Move due rows on to their next moment, before anybody is told.

        A second worker waits for them, fails on its stale snapshot, and finds nothing when
        it repeats: nobody is told twice.
        """
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """UPDATE helpdesk_ticket_sla
                      SET social_breached_at =
                              CASE WHEN deadline <= %(now)s THEN deadline ELSE social_breached_at END,
                          social_alarm_at =
                              CASE WHEN deadline <= %(now)s THEN NULL ELSE deadline END
                    WHERE id IN (SELECT id FROM helpdesk_ticket_sla
                                  WHERE id = ANY(%(ids)s) AND state = 'in_progress'
                                    AND social_alarm_at <= %(now)s
                               ORDER BY id FOR NO KEY UPDATE)
                RETURNING id""",
                now=fields.Datetime.now(),
                ids=list(self.ids),
            )
        )
        rows = self.browse(row_id for (row_id,) in self.env.cr.fetchall())
        rows.invalidate_recordset(flush=False)
        rows.modified(["social_breached_at"])
        return rows

    def _social_care_reach(self, reached_at):
        reached = super()._social_care_reach(reached_at)
        reached._social_care_count_late()
        return reached

    def _social_care_cancel(self, at=None):
        late = self.filtered("social_breached_at").ticket_id
        ended = super()._social_care_cancel(at)
        late._social_care_refresh_late_activities()
        return ended

    def _social_care_revive(self):
        result = super()._social_care_revive()
        self._social_care_count_late()
        return result

    def _social_care_count_late(self):
        """What was late is no longer to do, or is to do again."""
        self.filtered("social_breached_at").ticket_id._social_care_refresh_late_activities()

    def _social_care_postpone(self, until):
        """Warn later: whoever is to be told is not at work."""
        for row in self:
            row.social_alarm_at = min(until or row.deadline, row.deadline)

    def _social_care_minutes_left(self):
        """Until the last of these deadlines, rounded up to five minutes."""
        left = (max(self.mapped("deadline")) - fields.Datetime.now()) / timedelta(minutes=1)
        return max(5, -(-int(left) // 5) * 5)
