from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .social_care_languages import short_code
from .social_care_roles import AGENT
from .social_care_words import (
    LEFT_OUT,
    clean_answer,
    clean_question,
    put_names,
    suggest_shortcut,
)


class SocialCareReply(models.Model):
    """A sent answer that is good is kept for the team, with the question it answered."""

    _inherit = "social.care.reply"

    good_answer_ids = fields.One2many(
        "mail.canned.response", "social_reply_id", string="Good answers", groups="base.group_system"
    )
    can_keep = fields.Boolean(compute="_compute_can_keep")
    is_good = fields.Boolean(string="Good answer", compute="_compute_is_good")

    @api.depends("state", "kind", "body", "deleted_at")
    def _compute_can_keep(self):
        for reply in self:
            is_out = reply.state == "sent" and not reply.deleted_at
            reply.can_keep = is_out and reply.kind == "answer" and bool(reply.body)

    @api.depends("good_answer_ids")
    @api.depends_context("uid")
    def _compute_is_good(self):
        responses = self.sudo().good_answer_ids.with_env(self.env)._filtered_access("read")
        kept_ids = set(responses.sudo().social_reply_id.ids)
        for reply in self:
            reply.is_good = reply.id in kept_ids

    def action_mark_good(self):
        """Ask for a short name; the rest is suggested, without whom it was said to."""
        self.ensure_one()
        self._check_may_keep()
        context = {f"default_{name}": value for name, value in self._prepare_good_answer().items()}
        return self._open_good_answer({**context, "social_care_good_reply": self.id})

    def action_open_good(self):
        """The good answer made of this: to change it, or to undo."""
        self.ensure_one()
        self.check_access("read")
        responses = self.sudo().good_answer_ids.with_env(self.env)._filtered_access("read")
        if not responses:
            raise UserError(self.env._("This answer is not among the good ones any more."))
        return self._open_good_answer({}) | {"res_id": responses[0].id}

    @api.model
    def _open_good_answer(self, context):
        view = self.env.ref("social_care.mail_canned_response_view_form_dialog")
        return self.env["mail.canned.response"]._get_records_action(
            name=self.env._("Good answer"), views=[(view.id, "form")], target="new", context=context
        )

    def _check_may_keep(self):
        if not self.env.user.has_group(AGENT):
            raise AccessError(self.env._("This takes the social care agent role."))
        self.check_access("read")
        self.ticket_id.check_access("read")
        if not all(reply.can_keep for reply in self):
            raise UserError(self.env._("Only an answer that was sent can be kept as a good one."))
        if any(reply.is_good for reply in self):
            raise UserError(self.env._("This answer is among the good ones already."))

    def _prepare_good_answer(self):
        """Values of a canned response, cleaned of customer, agent and personal data."""
        mention = self.mention_id
        names = self._get_customer_names()
        question = clean_question(self._leave_out_personal(mention.body), names)
        words = self._leave_out_personal(self._get_own_words())
        text = clean_answer(words, names, [self.user_id.name], self.sudo().account_id.handle)
        return {
            "source": suggest_shortcut(question),
            "substitution": text,
            "social_question": question,
            "social_team_ids": self._get_good_teams().ids,
            "social_account_ids": self.account_id.ids,
            "social_lang": short_code(mention.lang),
        }

    def _get_customer_names(self):
        author_sudo = self.sudo().mention_id.author_id
        return [author_sudo.name, author_sudo.partner_id.name]

    def _get_good_teams(self):
        """The ticket's team, else the account's: those in which this user may keep something."""
        teams = self.ticket_id.team_id or self.sudo().account_id.team_line_ids.team_id
        if self.env.user.has_group("helpdesk_mgmt.group_helpdesk_user"):
            return teams
        mine = teams.filtered(lambda team: self.env.user in team.user_ids)
        return mine or self.env.user.helpdesk_team_ids[:1]

    def _get_own_words(self):
        """The text without what every answer has: the customer's handle, the signature."""
        account_sudo = self.sudo().account_id.with_user(self.user_id).sudo()
        mention_sudo = self.sudo().mention_id
        handle = account_sudo._get_adapter_for_text().prepare_text("", mention_sudo._to_wire())
        ending = account_sudo._get_opening_text(mention_sudo).removeprefix(handle).strip()
        return (self.body or "").removeprefix(handle).rstrip().removesuffix(ending).strip()

    def _leave_out_personal(self, text):
        """Phones, mails, accounts, orders that are not the company's own."""
        text = text or ""
        found = self.env["social.care.guard"].sudo()._find_personal_data(text, self.company_id)
        for _kind, start, end, _value in reversed(found):
            text = text[:start] + LEFT_OUT + text[end:]
        return text

    def _social_care_erase(self):
        for reply in self.filtered("good_answer_ids"):
            names = reply._get_customer_names()
            for response in reply.good_answer_ids:
                response.substitution = put_names(response.substitution, names)
        return super()._social_care_erase()


class SocialCareMention(models.Model):
    _inherit = "social.care.mention"

    def _follow_words(self, changes):
        """A question made of a message goes with its words, or says what they say now."""
        responses = self.env["mail.canned.response"].sudo()
        kept = responses.search([("social_reply_id.mention_id", "in", self.ids)])
        before = {mention: text for mention, _title, text, _html in changes}
        for response in kept:
            reply = response.social_reply_id
            mention, names = reply.mention_id, reply._get_customer_names()
            if mention.blanked_at:
                response.social_question = False
            elif response.social_question == clean_question(before.get(mention), names):
                response.social_question = clean_question(mention.body, names)
        return super()._follow_words(changes)


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _social_care_reply_bubble(self, reply):
        return super()._social_care_reply_bubble(reply) | {
            "reply_id": reply.id,
            "can_keep": reply.can_keep,
            "is_good": reply.is_good,
        }
