from odoo import fields, models

from odoo.addons.mail.tools.discuss import Store


class MailMessage(models.Model):
    _inherit = "mail.message"

    social_author_id = fields.Many2one(
        "social.care.author",
        string="Said on a network by",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="A customer's profile: shown in place of the sender, who is nobody's contact.",
    )

    def _to_store_defaults(self, target):
        # sudo: the name and picture of a message's author, as for contacts and guests
        return [
            *super()._to_store_defaults(target),
            Store.One("social_author_id", ["name", "handle", "avatar_128"], sudo=True),
        ]
