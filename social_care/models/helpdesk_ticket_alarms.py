"""Who is told what about clocks that are due: one notification a person and pass."""

from markupsafe import Markup

from odoo import fields
from odoo.tools import format_datetime

LINES = 20  # tickets named in one notification


class Alarms:
    """The clocks of one pass and the people who must know of them.

    :param rows: recordset of helpdesk.ticket.sla; ``social_breached_at`` tells the late ones
    """

    def __init__(self, rows):
        self.env = rows.env
        self.now = fields.Datetime.now()
        # What came a day late, or after an outage, is no surprise to ring a bell for.
        self.rows = rows.filtered(
            lambda row: row.ticket_id.active and not row.ticket_id._social_care_came_late()
        )
        self.told = {}

    def tell(self):
        """Warn who holds the ticket; of a breach tell the team's leader too."""
        late = self.rows.filtered("social_breached_at")
        late.ticket_id._social_care_breached()
        for team, rows in self.rows.grouped(lambda row: row.ticket_id.team_id).items():
            self._collect(team, rows)
        for user, rows in self.told.items():
            self._notify(user, self._sort(rows))
        late.ticket_id._social_care_refresh_late_activities()

    def _collect(self, team, rows):
        # Who has left holds nothing any more.
        leader = team.user_id.filtered("active")
        people = rows.ticket_id.user_id.filtered("active") | leader
        there = team._social_care_on_shift(people, self.now) if team else people
        for row in rows:
            # A ticket that is nobody's is its leader's.
            wanted = row.ticket_id.user_id.filtered("active") or leader
            if row.social_breached_at:
                wanted |= leader
            reached = wanted & there
            if row.ticket_id.social_severe:
                reached |= wanted & team.social_on_call_ids.user_id
            for user in reached:
                self.told[user] = self.told.get(user, row.browse()) | row
            if wanted and not reached and not row.social_breached_at:
                row._social_care_postpone(team._social_care_next_shift(wanted, self.now))

    @staticmethod
    def _sort(rows):
        """By deadline; equal ones by severity, then the longest wait, then reach."""
        return rows.sorted(
            lambda row: (
                row.deadline,
                not row.ticket_id.social_severe,
                row.social_started_at,
                -row.ticket_id.social_reach,
                row.id,
            )
        )

    def _notify(self, user, rows):
        """To Odoo's inbox or by mail, and to the phone where that is set up: as the person chose."""
        local = rows.with_context(lang=user.lang, tz=user.tz)
        record = local.ticket_id if len(local.ticket_id) == 1 else local[0].ticket_id.team_id
        record.message_notify(
            partner_ids=user.partner_id.ids,
            subject=self._get_subject(local),
            body=self._get_list(local),
        )

    @staticmethod
    def _get_subject(rows):
        late = rows.filtered("social_breached_at")
        due = rows - late
        _ = rows.env._
        words = []
        if late:
            words.append(_("%(count)s late", count=len(late)))
        if due:
            minutes = due._social_care_minutes_left()
            if minutes > 90:
                within = _("%(count)s due within %(hours)s hours")
                words.append(within % {"count": len(due), "hours": -(-minutes // 60)})
            else:
                within = _("%(count)s due within %(minutes)s minutes")
                words.append(within % {"count": len(due), "minutes": minutes})
        return ", ".join(words)

    @staticmethod
    def _get_list(rows):
        _ = rows.env._
        lines = []
        for row in rows[:LINES]:
            when = format_datetime(rows.env, row.deadline, dt_format="short")
            severe = (
                Markup(" <strong>%s</strong>") % _("Severe") if row.ticket_id.social_severe else ""
            )
            lines.append(
                Markup("<li>%s – %s%s</li>") % (when, row.ticket_id._get_html_link(), severe)
            )
        more = len(rows) - LINES
        if more > 0:
            lines.append(Markup("<li>%s</li>") % _("and %(count)s more", count=more))
        return Markup("<ul>%s</ul>") % Markup("").join(lines)
