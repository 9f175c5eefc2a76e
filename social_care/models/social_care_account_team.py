from odoo import fields, models


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
    _inherit = "social.care.account"

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
