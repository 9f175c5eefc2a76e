from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.i18n import format_list

from .social_care_reply_ways import GIVEN
from .social_care_roles import AGENT

LOOKED = 5  # messages, the last of the conversation


class HelpdeskTicket(models.Model):
    """A customer's personal data in public: hide it, and go on where nobody else reads."""

    _inherit = "helpdesk.ticket"

    social_exposed_text = fields.Char(
        string="Personal data in public", compute="_compute_social_exposed", groups=AGENT
    )
    social_exposed_step = fields.Selection(
        [
            ("hide_answer", "Hide and answer in private"),
            ("answer", "Answer in private"),
            ("hide", "Hide"),
        ],
        string="What can be done about it",
        compute="_compute_social_exposed",
        groups=AGENT,
    )

    @api.depends("social_mention_ids.has_personal_data", "social_reply_ids.state")
    @api.depends_context("lang")
    def _compute_social_exposed(self):
        for ticket in self:
            mention, step, kinds = ticket._social_care_find_exposed()
            ticket.social_exposed_step = step
            ticket.social_exposed_text = step and self._social_care_describe_exposed(mention, kinds)

    def _social_care_find_exposed(self):
        """The last message with personal data in public about which something can be done.

        :return: the message, one of the steps above and the kinds of data, or none, False and []
        """
        mentions = self.sudo().social_mention_ids.sorted()[:LOOKED]
        exposed = mentions._find_exposed()
        for mention in mentions.filtered(lambda item: item.id in exposed):
            step = self._social_care_get_step(mention)
            if step:
                return mention.with_env(self.env), step, exposed[mention.id]
        return mentions.browse(), False, []

    def _social_care_get_step(self, mention):
        way = mention._get_private_way()
        if mention.can_hide:
            return "hide_answer" if way else "hide"
        told = self.sudo().social_reply_ids.filtered(
            lambda reply: (
                reply.mention_id == mention
                and reply.visibility != "public"
                and reply.state in GIVEN
            )
        )
        return "answer" if way and not told else False

    @api.model
    def _social_care_describe_exposed(self, mention, kinds):
        labels = {
            "phone": self.env._("a phone number"),
            "mail": self.env._("a mail address"),
            "iban": self.env._("a bank account"),
            "card": self.env._("a card"),
            "order": self.env._("an order number"),
        }
        author = mention.sudo().author_id
        return self.env._(
            "%(who)s wrote %(what)s in public.",
            who=author.name or author.display_name or "?",
            what=format_list(self.env, [labels[kind] for kind in kinds]),
        )

    def action_social_protect(self):
        """Hide it where the network can, and open the dialog where only the customer reads."""
        self.ensure_one()
        self._social_care_check_answering()
        mention, step, _kinds = self._social_care_find_exposed()
        if not step:
            raise UserError(
                self.env._("Nothing can be hidden or answered in private any more. Look again.")
            )
        outcome = True
        if step != "answer":
            outcome = mention._gesture("hide", True, reason=self.env._("Personal data in public"))
        if step == "hide":
            return outcome
        action = self._social_care_open_private(mention)
        if outcome is True:
            return action
        # The network did not hide it, and it is said why: the answer is needed all the more.
        outcome["params"]["next"] = action
        return outcome

    def _social_care_open_private(self, mention):
        local = self._social_care_in_customers_language()
        if mention.hidden_at:
            text = local.env._(
                "We have hidden your message, because everybody could read your personal data in "
                "it. Let us go on here, where nobody else reads."
            )
        else:
            text = local.env._(
                "Everybody can read the personal data in your message: please delete it. "
                "Let us go on here, where nobody else reads."
            )
        way = mention._get_private_way()
        action = self.action_social_reply()
        action["context"]["default_mention_id"] = mention.id
        draft = self.env["social.care.reply"].browse(action["res_id"] or [])
        if draft:
            # What was begun is not lost: it goes on, where nobody else reads.
            draft._move_to(mention)
            draft.visibility = way
        else:
            body = mention.sudo().account_id._get_opening_text(mention, text)
            action["context"] |= {"default_visibility": way, "default_body": body}
        return action
