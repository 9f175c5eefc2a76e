from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.mail.tools.discuss import Store

CUSTOMERS = ("social_author_id", "social_mention_id")  # fields that tell whose words these are


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

    social_mention_id = fields.Many2one(
        "social.care.mention",
        string="Repeats or answers",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The message on a network whose words stand here: they go when its own go.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        # What the context and the user's own defaults bring is written as well.
        proposed = {} if self.env.su else self.default_get(CUSTOMERS)
        self._check_social_author([*vals_list, proposed])
        return super().create(vals_list)

    def write(self, vals):
        self._check_social_author([vals])
        return super().write(vals)

    def _check_social_author(self, vals_list):
        """Nobody speaks in a customer's name."""
        if not self.env.su and any(vals.get(name) for vals in vals_list for name in CUSTOMERS):
            raise AccessError(self.env._("Nobody can write in a customer's name."))

    def _to_store_defaults(self, target):
        # sudo: the name and picture of a message's author, as for contacts and guests
        return [
            *super()._to_store_defaults(target),
            Store.One("social_author_id", ["name", "handle", "avatar_128"], sudo=True),
        ]
