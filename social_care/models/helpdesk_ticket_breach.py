from odoo import fields, models

from .helpdesk_ticket_sla import LATE


class HelpdeskTicket(models.Model):
    """What a missed promise does to its ticket, and what stays to be done."""

    _inherit = "helpdesk.ticket"

    social_reach = fields.Integer(
        string="Reach",
        readonly=True,
        copy=False,
        help="Followers of the customer when they wrote.",
    )

    def write(self, vals):
        moved = {"user_id", "team_id", "active"} & vals.keys()
        late = self._social_care_late() if moved else self.browse().sudo()
        teams, users = late.team_id, late.user_id
        result = super().write(vals)
        if late:
            teams |= late.team_id
            late._social_care_refresh_late_activities(users | late.user_id | teams.user_id, teams)
        return result

    def _social_care_late(self):
        """Those with an answer that is late: sudo, a promise is no secret of its ticket."""
        clocks = self.sudo().filtered("social_account_id").ticket_sla_ids
        return clocks._social_care_late().ticket_id

    def _social_care_ran_out(self, since):
        """Whether a promise was missed after a naive UTC time."""
        now = fields.Datetime.now()
        clocks = self.ticket_sla_ids._social_care_responses()
        return any(since < due <= now for due in clocks.mapped("deadline") if due)

    def _social_care_came_late(self):
        """Whether all that waits on this ticket came too late for an alarm."""
        waiting = self.social_mention_ids.filtered(lambda mention: mention._starts_clock())
        return bool(waiting) and all(mention._is_late() for mention in waiting)

    def _social_care_breached(self):
        """Hand over and raise where the team wants that."""
        for team, tickets in self.grouped("team_id").items():
            if team.social_breach_raise:
                tickets.filtered(lambda ticket: ticket.priority < "3").priority = "3"
            if team.social_breach_assign == "keep":
                continue
            holder = (
                team.user_id if team.social_breach_assign == "leader" else team.user_id.browse()
            )
            if holder or team.social_breach_assign == "nobody":
                tickets.user_id = holder

    def _social_care_refresh_late_activities(self, users=None, teams=None):
        """One activity a person and team, kept up to date, gone with the last late answer.

        :param users: res.users whose activities may have changed: who has these tickets and who
            leads their teams, if no others
        :param teams: theirs, if others than those of the tickets
        """
        teams = (teams or self.team_id).sudo()
        users = users or self.user_id | teams.user_id
        if not teams or not users:
            return
        # sudo: the leader's counts what others hold, whoever hands a ticket over
        tickets_sudo = self.env["helpdesk.ticket"].sudo()
        counts = tickets_sudo._read_group(
            [("team_id", "in", teams.ids), ("ticket_sla_ids", "any", LATE)],
            ["team_id", "user_id"],
            ["__count"],
        )
        for team in teams:
            mine = {user: count for of_team, user, count in counts if of_team == team}
            there = (team.user_ids | team.user_id).filtered("active")
            for user in users.sudo():
                count = sum(mine.values()) if user == team.user_id else mine.get(user, 0)
                team._social_care_set_late_activity(user, count if user in there else 0)
