from pytz import timezone

from odoo import api, fields, models
from odoo.fields import Domain

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
        for lang, users in self.user_ids.grouped("lang").items():
            team = self.with_context(lang=lang)
            subject, text = team._social_care_summary(now)
            for partner in users.partner_id:
                team.message_notify(partner_ids=partner.ids, subject=subject, body=text)

    def _social_care_next_morning(self, now):
        """The first opening of a later day, in the team's zone: naive UTC, or False."""
        zone = timezone(self._social_care_tz())
        today = to_local(now, zone).date()
        opening = self._social_care_next_opening(now)
        while opening and to_local(opening, zone).date() <= today:
            opening = self._social_care_next_opening(opening)
        return opening

    def _social_care_summary(self, now):
        """Subject and text of the summary. Practice is left out, and that history arrived."""
        tickets, mentions = self.env["helpdesk.ticket"], self.env["social.care.mention"]
        of_team = Domain("team_id", "=", self.id)
        figures = self._social_care_now_domains(now)
        of_accounts = Domain("account_id.team_line_ids.team_id", "=", self.id)
        of_accounts &= Domain("account_id.practice", "=", False)
        since = self._social_care_last_closing(now) or now
        came = Domain("received_at", ">=", since) & Domain("history", "=", False)
        undecided = Domain("state", "=", "new") & Domain("ticket_id", "=", False)
        _ = self.env._
        subject = _(
            "Customers waiting: %(count)s", count=tickets.search_count(of_team & figures["waiting"])
        )
        text = _(
            "Late: %(late)s. Arrived since you closed: %(came)s. To decide: %(undecided)s.",
            late=tickets.search_count(of_team & figures["late"]),
            came=mentions.search_count(of_accounts & came),
            undecided=mentions.search_count(of_accounts & undecided),
        )
        return subject, text
