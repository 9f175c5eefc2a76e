from datetime import timedelta

from odoo import models
from odoo.tools.date_utils import localized

from .social_care_opening_hours import OpeningHours
from .social_care_times import to_utc

AHEAD = timedelta(weeks=2)  # how far to look for somebody's next shift


class HelpdeskTicketTeam(models.Model):
    """Who answers for a team, and who of them is on shift.

    By their own working hours and time off, else by the team's hours. Who ended their shift is
    not, until they are back.
    """

    _inherit = "helpdesk.ticket.team"

    def _social_care_answering(self, users):
        """Those of some users who are agents and belong here: members, the leader, those on call.

        Without a team: those who are agents.
        """
        agents = users._social_care_agents()
        if not self:
            return agents
        team = self.sudo()
        return agents & (team.user_ids | team.user_id | team.social_on_call_ids.user_id)

    def _social_care_on_shift(self, users, at):
        """Those of some users who are at work.

        :param users: res.users, the team's members or leader
        :param at: naive UTC
        """
        shifts = self._social_care_shifts(users, at, at + timedelta(minutes=1))
        return users.filtered(lambda user: shifts[user].is_open(at))

    def _social_care_next_shift(self, user, at):
        """When somebody's next shift begins: naive UTC, False where none is near."""
        return self._social_care_shifts(user, at, at + AHEAD)[user].next_opening(at)

    def _social_care_shifts(self, users, start, end):
        """Working times of some users, time off taken away: a query or two a calendar.

        :param start, end: naive UTC
        :return: user → :class:`OpeningHours`; the team's own for users without working hours
        """
        self.ensure_one()
        shifts = {}
        own = self._social_care_resources(users).filtered("calendar_id")
        for calendar, mine in own.grouped("calendar_id").items():
            work = calendar._work_intervals_batch(
                localized(start - timedelta(days=1)), localized(end), resources=mine
            )
            for resource in mine:
                shifts[users.browse(resource.user_id.id)] = OpeningHours.build(
                    (to_utc(since), to_utc(until)) for since, until, _days in work[resource.id]
                )
        missing = users.filtered(lambda user: user not in shifts)
        if missing:
            hours = self._social_care_opening_hours(start, end)
            absences = self._social_care_time_off(missing, start, end)
            shifts |= {user: hours.without(absences.get(user, ())) for user in missing}
        for user, left in users._social_care_times_off(start).items():
            shifts[user] = shifts[user].without([left])
        return shifts

    def _social_care_resources(self, users):
        """What Odoo plans of these people in the team's company; as superuser."""
        company = self._social_care_company()
        return users.sudo().resource_ids.filtered(lambda item: item.company_id == company)

    def _social_care_time_off(self, users, start, end):
        """Time off of people without working hours of their own.

        :return: user → list of (naive UTC start, naive UTC end)
        """
        resources = self._social_care_resources(users)
        absences = {}
        if resources:
            leaves = resources.env["resource.calendar.leaves"].search(
                [
                    ("resource_id", "in", resources.ids),
                    ("time_type", "=", "leave"),
                    ("date_from", "<", end),
                    ("date_to", ">", start),
                ]
            )
            for leave in leaves:
                user = users.browse(leave.resource_id.user_id.id)
                absences.setdefault(user, []).append((leave.date_from, leave.date_to))
        return absences
