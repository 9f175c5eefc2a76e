from pytz import timezone

from odoo import api, fields, models

from .social_care_times import to_local


class HelpdeskTicketTeam(models.Model):
    """One message in the morning: what waits, what is late, what came meanwhile."""

    _inherit = "helpdesk.ticket.team"

    social_morning_summary = fields.Boolean(
        string="Morning summary",
        help="When the team opens, its members are told what waits and what came meanwhile.",
    )
    social_summary_at = fields.Datetime(string="Next summary", readonly=True, copy=False)

    @api.model
    def _cron_summary(self):
        """Tell the teams that have just opened; every quarter of an hour."""
        now = fields.Datetime.now()
        teams = self.search(
            [
                ("social_morning_summary", "=", True),
                "|",
                ("social_summary_at", "=", False),
                ("social_summary_at", "<=", now),
            ]
        )
        self.env["ir.cron"]._commit_progress(remaining=len(teams))
        self._run_batches(teams, "_social_care_sum_up", size=1)

    def _social_care_sum_up(self):
        """Tell the members, if it is time; plan the next morning."""
        self.ensure_one()
        now = fields.Datetime.now()
        due = bool(self.social_summary_at) and self.social_summary_at <= now
        self.social_summary_at = self._social_care_next_morning(now)
        if not due:
            return
        for user in self.user_ids:
            team = self.with_context(lang=user.lang, tz=user.tz)
            subject, text = team._social_care_summary(now)
            team.message_notify(partner_ids=user.partner_id.ids, subject=subject, body=text)

    def _social_care_next_morning(self, now):
        """The first opening of a later day, in the team's zone: naive UTC, or False."""
        zone = timezone(self._social_care_tz())
        today = to_local(now, zone).date()
        opening = self._social_care_next_opening(now)
        while opening and to_local(opening, zone).date() <= today:
            opening = self._social_care_next_opening(opening)
        return opening

    def _social_care_summary(self, now):
        """Subject and text of the summary."""
        tickets = self.env["helpdesk.ticket"]
        waiting = [
            ("team_id", "=", self.id),
            ("social_waiting_since", "!=", False),
            ("closed", "=", False),
        ]
        since = self._social_care_last_closing(now) or now
        mine = [("account_id.team_line_ids.team_id", "=", self.id)]
        mentions = self.env["social.care.mention"]
        _ = self.env._
        subject = _("Customers waiting: %(count)s", count=tickets.search_count(waiting))
        text = _(
            "Late: %(late)s. Arrived since you closed: %(came)s. To decide: %(undecided)s.",
            late=tickets.search_count([*waiting, ("social_deadline", "<=", now)]),
            came=mentions.search_count([*mine, ("received_at", ">=", since)]),
            undecided=mentions.search_count(
                [*mine, ("state", "=", "new"), ("ticket_id", "=", False)]
            ),
        )
        return subject, text
