from odoo import fields, models

from .social_care_languages import short_code


class SocialCareAccountTeam(models.Model):
    """One of the teams that look after an account, in order."""

    _name = "social.care.account.team"
    _description = "Team of a social care account"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    account_id = fields.Many2one(
        "social.care.account", required=True, ondelete="cascade", index=True
    )
    team_id = fields.Many2one("helpdesk.ticket.team", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True)

    _team_unique = models.UniqueIndex("(account_id, team_id)", "This team is listed already.")


class SocialCareAccount(models.Model):
    """An account's teams: the one that is there takes what comes in, following the sun."""

    _inherit = "social.care.account"

    def _get_teams(self):
        """The teams that look after it, in their order."""
        return self.team_line_ids.team_id.filtered("active")

    def _choose_team(self, lang=False, at=None):
        """The first team in order that is open, else whoever opens first; the language breaks ties.

        :param lang: the customer's, as networks write it ("es", "pt_BR")
        :param at: naive UTC, by default the present
        """
        self.ensure_one()
        at = (at or fields.Datetime.now()).replace(second=0, microsecond=0)
        # A batch asks for many messages of one account in the same minute.
        chosen = self.env.cr.cache.setdefault("social_care.teams", {})
        if (self.id, at) not in chosen:
            chosen[self.id, at] = self._find_teams_there(at).ids
        there = self.env["helpdesk.ticket.team"].browse(chosen[self.id, at])
        return (there.filtered(lambda team: team._social_care_speaks(lang)) or there)[:1]

    def _find_teams_there(self, at):
        """The teams that are open, in order; where none is, those that open first."""
        teams = self._get_teams()
        if len(teams) <= 1:
            return teams
        there = teams.filtered(lambda team: team._social_care_is_open(at))
        if not there:
            openings = {team: team._social_care_next_opening(at) for team in teams}
            first = min((opening for opening in openings.values() if opening), default=None)
            there = teams.filtered(lambda team: openings[team] == first)
        return there or teams

    def _is_answered_by(self, user, ticket):
        """Whether somebody who may work on a ticket of this account may speak for it.

        :param ticket: whoever was given it answers it, also from outside the teams
        """
        self.ensure_one()
        teams = self.team_line_ids.team_id
        theirs = teams | ticket.team_id
        return (
            not teams  # everybody's, as a ticket without a team is
            or user in theirs.user_ids | theirs.user_id
            or bool(ticket.team_id and ticket.user_id == user)
            or user.has_group("helpdesk_mgmt.group_helpdesk_user")
        )


class HelpdeskTicketTeam(models.Model):
    _inherit = "helpdesk.ticket.team"

    social_lang_ids = fields.Many2many(
        "res.lang",
        string="Languages",
        context={"active_test": False},
        help="What the team speaks. Where several teams are there, a message goes to one that "
        "speaks its language.",
    )

    def _social_care_speaks(self, lang):
        self.ensure_one()
        return short_code(lang) in map(short_code, self.social_lang_ids.mapped("code"))
