from odoo import fields, models


class SocialCareAccount(models.Model):
    """Following the sun: of an account's teams, the one that is there takes what comes in."""

    _inherit = "social.care.account"

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
        """Whether the team speaks a language; dialects are one language."""
        self.ensure_one()
        spoken = {code.split("_")[0] for code in self.social_lang_ids.mapped("code")}
        return bool(lang) and lang.replace("-", "_").split("_")[0].lower() in spoken
