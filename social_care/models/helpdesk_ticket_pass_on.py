from odoo import fields, models
from odoo.exceptions import UserError

from .social_care_acknowledge_words import pick_text

# Texts of our own, not terms to translate: a customer is answered in a language that Odoo need not have.
TEXTS = {
    "en": "Thank you for your patience. The right colleague is looking into this, and we will "
    "answer you here.",
    "es": "Gracias por tu paciencia. La persona adecuada lo está mirando y te responderemos aquí.",
}


class HelpdeskTicket(models.Model):
    """Tell the customer that the right person looks into it: a holding message, which is no answer."""

    _inherit = "helpdesk.ticket"

    def action_social_pass_on(self):
        """Write the holding message, and ask somebody if wanted; first the one given back."""
        self.ensure_one()
        given_back = self.social_reply_ids.filtered(
            lambda reply: (
                reply.kind == "holding"
                and reply.state == "draft"
                and reply.user_id == self.env.user
            )
        )
        if given_back:
            return given_back[0].action_go_on()
        return self._social_care_open_ask(self.env._("Pass on"), pass_on=True)

    def _social_care_pass_on(self, text):
        """Put a holding message into the outbox, in the user's name and through all checks.

        :return: the social.care.reply
        """
        self.ensure_one()
        self._social_care_check_answering()
        mention = self.social_mention_ids[:1]
        replies = self.env["social.care.reply"]
        replies._check_may_answer(mention)
        mention_sudo = mention.sudo()
        visibility = mention_sudo._get_acknowledging_way(mention_sudo._get_ways()[mention_sudo])
        if not visibility:
            raise UserError(
                self.env._(
                    "No holding message can be sent here. Write the answer when you know it."
                )
            )
        # sudo: the kind is not for people to choose
        reply = replies.sudo().create(
            {
                "mention_id": mention.id,
                "kind": "holding",
                "visibility": visibility,
                "body": text,
                "user_id": self.env.uid,
            }
        )
        reply.with_env(self.env)._enqueue()
        return reply

    def _social_care_holding_text(self):
        """The holding message in the customer's language, with handle and signature."""
        self.ensure_one()
        mention_sudo = self.social_mention_ids[:1].sudo()
        text = self.sudo().team_id._social_care_holding(mention_sudo._get_langs())
        return mention_sudo.account_id._get_opening_text(mention_sudo, text)

    def _social_care_reply_bubble(self, reply):
        bubble = super()._social_care_reply_bubble(reply)
        if reply.kind == "holding":
            bubble["milestone"] = self.env._("Holding message")
        return bubble


class HelpdeskTicketTeam(models.Model):
    """What customers are told while a colleague is asked."""

    _inherit = "helpdesk.ticket.team"

    social_holding_text = fields.Text(
        string="Holding message",
        translate=True,
        help="What “Pass on” proposes to tell the customer.",
    )

    def _social_care_holding(self, langs):
        """The holding message.

        :param langs: codes of languages, the customer's first
        """
        own = self._social_care_translations("social_holding_text") if self else {}
        return pick_text(TEXTS | own, langs)[0]
