from markupsafe import Markup

from odoo import api, models


class HelpdeskTicket(models.Model):
    """Who leaves takes no conversation along."""

    _inherit = "helpdesk.ticket"

    @api.model
    def _social_care_set_free(self, users, teams=None):
        """Open conversations of people who leave → nobody's, and so routed again.

        sudo: whoever may take a person's role, team or login need not see a ticket.

        :param users: res.users
        :param teams: helpdesk.ticket.team that they leave; None: all of them
        """
        if not users:
            return
        of_teams = [] if teams is None else [("team_id", "in", teams.ids)]
        tickets = (
            self.sudo()
            .with_context(active_test=True)
            .search(
                [
                    ("user_id", "in", users.ids),
                    ("social_account_id", "!=", False),
                    ("closed", "=", False),
                    *of_teams,
                ]
            )
        )
        for (user, _company), mine in tickets.grouped(
            lambda ticket: (ticket.user_id, ticket.company_id)
        ).items():
            local = mine._social_care_in_its_language()
            text = local.env._(
                "%(who)s no longer answers for this team: the ticket is free.", who=user.name
            )
            mine._track_set_log_message(Markup("<p>%s</p>") % text)
            mine.user_id = False
            mine.message_unsubscribe(user.partner_id.ids)
        self.env["social.care.ring"]._withdraw(users, teams)


class HelpdeskTicketTeam(models.Model):
    _inherit = "helpdesk.ticket.team"

    def write(self, vals):
        before = {team: team.user_ids for team in self} if "user_ids" in vals else {}
        result = super().write(vals)
        for team, members in before.items():
            self.env["helpdesk.ticket"]._social_care_set_free(members - team.user_ids, team)
        return result


class SocialCareRing(models.Model):
    _inherit = "social.care.ring"

    @api.model
    def _withdraw(self, users, teams=None):
        """People leave: what rings them rings the next one.

        Who leaves a team may still be on call for it.
        """
        of_teams = [] if teams is None else [("team_id", "in", teams.ids), ("on_call", "=", False)]
        rings = self.sudo().search(
            [("user_id", "in", users.ids), ("result", "=", False), *of_teams]
        )
        if rings:
            rings._end("withdrawn")
            rings.ticket_id._social_care_want_routing()
            self.env["helpdesk.ticket.team"]._social_care_wake_route()
