from datetime import datetime

from odoo import fields, models

from .helpdesk_ticket_team_shift import AHEAD
from .social_care_roles import AGENT


class ResUsers(models.Model):
    """Who has ended their shift is given nothing more, whatever the calendar says."""

    _inherit = "res.users"

    social_off_until = fields.Datetime(
        string="Off until",
        readonly=True,
        copy=False,
        groups=AGENT,
        help="They ended their shift: until then they are given no conversation.",
    )

    def _social_care_back_at(self, teams):
        """When one's next shift begins in any of these teams: naive UTC, False where none is near."""
        now = fields.Datetime.now()
        shifts = (team._social_care_next_shift(self, now) for team in teams.sudo())
        return min(filter(None, shifts), default=False)

    def _social_care_end_shift(self, back_at):
        """Nothing more until a naive UTC time; without one, for as long as shifts are looked ahead."""
        self._social_care_set_off(back_at or fields.Datetime.now() + AHEAD)

    def _social_care_come_back(self):
        self._social_care_set_off(False)

    def _social_care_set_off(self, until):
        # sudo: one's own, and nothing else of a user is written
        user_sudo = self.sudo()
        user_sudo.social_off_until = until
        teams = user_sudo.helpdesk_team_ids
        teams._social_care_changed_now()
        teams._social_care_wake_route()

    def _social_care_times_off(self, at):
        """User → the time that they have left early, as (naive UTC start, end).

        :param at: naive UTC; what was over by then is left out
        """
        return {
            user: (datetime.min, until)
            for user in self
            if (until := user.sudo().social_off_until) and until > at
        }
