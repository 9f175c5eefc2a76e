from odoo import fields, models


class SocialCareReason(models.Model):
    """Why a message needed no answer."""

    _name = "social.care.reason"
    _description = "Reason for no answer"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="For the add-on's own use; leave it as it is.")
    nobody_waited = fields.Boolean(
        string="Nobody waited",
        help="A ticket that is closed for this reason has missed nothing, however late it was. "
        "With any other reason what was late stays missed.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_unique = models.UniqueIndex("(code)", "Two reasons cannot share a code.")
