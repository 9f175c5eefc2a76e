from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .social_care_languages import short_code


class HelpdeskTicket(models.Model):
    """Answers given elsewhere than on the network: by mail, by phone, in person."""

    _inherit = "helpdesk.ticket"

    social_can_answer = fields.Boolean(compute="_compute_social_can_answer")

    @api.depends("social_waiting_since")
    @api.depends_context("uid")
    def _compute_social_can_answer(self):
        is_agent = self.env.user.has_group("social_care.social_care_group_agent")
        for ticket in self:
            ticket.social_can_answer = is_agent and bool(ticket.social_waiting_since)

    def action_social_spoken(self):
        """Note what was said by phone or in person: it is an answer."""
        self.ensure_one()
        self._social_care_check_answering()
        return self.env["social.care.spoken"]._get_records_action(
            name=self.env._("Answered by phone / in person"),
            target="new",
            context={"default_ticket_id": self.id},
        )

    def _social_care_check_answering(self):
        self.check_access("write")
        if not self.env.user.has_group("social_care.social_care_group_agent"):
            raise AccessError(self.env._("Answering takes the social care agent role."))

    def _social_care_note_spoken(self, way, note):
        local = self._social_care_in_its_language()
        title = {
            "phone": local.env._("Answered by phone"),
            "person": local.env._("Answered in person"),
        }[way]
        body = Markup("<p><strong>%s</strong></p>%s") % (title, self._social_care_to_html(note))
        self._social_care_log(body, speaker=self.env.user.partner_id)

    def _social_care_spoken_line(self, way):
        """A short public line after a talk, in the customer's language where we have it."""
        mention = self.sudo().social_mention_ids[:1]
        local = self._social_care_in_customers_language()
        line = {
            "phone": local.env._("Thank you for the call. If anything is left, write to us here."),
            "person": local.env._("It was good to talk. If anything is left, write to us here."),
        }[way]
        return mention.account_id._get_opening_text(mention, line)

    def _social_care_in_customers_language(self):
        """The ticket in the language its customer wrote last, where we have it."""
        spoken = short_code(self.sudo().social_mention_ids[:1].lang)
        known = [code for code, _name in self.env["res.lang"].get_installed()]
        lang = next((code for code in known if short_code(code) == spoken), None)
        return self.with_context(lang=lang) if lang else self._social_care_in_its_language()

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_thread(message, msg_vals=msg_vals, **kwargs)
        # What is to leave later is notified again then.
        waits = self._is_notification_scheduled(kwargs.get("scheduled_date"))
        if not waits and self._social_care_is_answer(message, recipients):
            # sudo: clocks are kept by answers, whoever may write the ticket
            self.sudo()._social_care_answered_elsewhere(fields.Datetime.now())
        return recipients

    def _social_care_is_answer(self, message, recipients):
        """Whether a message is one of ours that reaches the customer."""
        if not self or not self.social_account_id or message.message_type != "comment":
            return False
        # sudo: whether the author is one of us is nobody's secret
        author = message.sudo().author_id
        if message.is_internal or message.subtype_id.internal or not self.env.user._is_internal():
            return False
        if author == self.env.ref("base.partner_root") or not any(
            user._is_internal() for user in author.user_ids
        ):
            return False
        customer = self.partner_id
        return bool(customer.email) and customer.id in [item["id"] for item in recipients]

    def _social_care_answered_elsewhere(self, at):
        """An answer that is not in our outbox → clocks stopped, stage moved.

        :param at: naive UTC; what came later still waits
        """
        self._social_care_stop(at, at)
        self._social_care_move()
