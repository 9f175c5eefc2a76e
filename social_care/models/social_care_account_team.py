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
