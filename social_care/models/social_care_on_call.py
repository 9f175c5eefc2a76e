from odoo import fields, models


class SocialCareOnCall(models.Model):
    """One of the people who are rung for what is urgent while their team is closed, in order."""

    _name = "social.care.on.call"
    _description = "On call"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    team_id = fields.Many2one("helpdesk.ticket.team", required=True, ondelete="cascade", index=True)
    user_id = fields.Many2one(
        "res.users",
        required=True,
        ondelete="cascade",
        domain="[('share', '=', False)]",
    )
    phone = fields.Char(help="Where colleagues reach them in an emergency.")
    company_id = fields.Many2one(related="team_id.company_id", store=True)

    _user_unique = models.UniqueIndex("(team_id, user_id)", "This person is on the list already.")
