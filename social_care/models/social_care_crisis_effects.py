"""What an open crisis changes: acknowledgements, approval, ringing, and where complaints go."""

from odoo import fields, models
from odoo.exceptions import UserError


class SocialCareMention(models.Model):
    _inherit = "social.care.mention"

    crisis_id = fields.Many2one(
        "social.care.crisis",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )

    # Storms are looked for each minute, and in eight past weeks.
    _arrivals = models.Index(
        "(account_id, posted_at) WHERE deleted_at IS NULL AND state != 'ignored'"
    )

    def action_join_crisis(self):
        """Put the selected messages into the account's crisis; opens one where there is none."""
        self.check_access("read")
        account = self.sudo().account_id
        if len(account) != 1:
            raise UserError(self.env._("Choose messages of one account: a crisis is on one."))
        account = account.with_env(self.env)
        if account.crisis_id:
            account.crisis_id._check_leading()
            self.sudo()._put_into_crisis(account.sudo().crisis_id)
            return account._show_crisis(account.crisis_id)
        return account._show_crisis(account._open_crisis_by_hand(self))

    def _note_rules(self, matched):
        result = super()._note_rules(matched)
        for account, mentions in self.grouped("account_id").items():
            if account.crisis_id:
                crisis = account.crisis_id
                mentions.filtered(lambda item: item._fits(crisis))._put_into_crisis(crisis)  # noqa: B023
        return result

    def _fits(self, crisis):
        """Whether this belongs to a crisis: complaints do; of many who write, what is unclear too."""
        self.ensure_one()
        return (
            not self._is_late()
            and not self.deleted_at
            and self.state != "ignored"
            and (
                self.intent == "complaint"
                or bool(crisis.text_key and self.text_key == crisis.text_key)
                or (crisis.trigger == "volume" and not self.intent)
            )
        )

    def _put_into_crisis(self, crisis):
        """Also their tickets; those that look for somebody wait for the statement instead."""
        new = self.filtered(
            lambda item: not item.crisis_id and item.account_id == crisis.account_id
        )
        if crisis.trigger != "manual":
            new = new.filtered(lambda item: item._fits(crisis))
        new.write({"crisis_id": crisis.id})
        tickets = new.ticket_id.filtered(lambda ticket: not ticket.social_crisis_id)
        tickets.write({"social_crisis_id": crisis.id})
        tickets.filtered(
            lambda ticket: ticket.social_route_at and ticket._social_care_is_calm()
        )._social_care_stop_routing()

    def _prepare_ticket(self, conversation):
        crisis = next((item.crisis_id for item in conversation.mentions if item.crisis_id), None)
        values = super()._prepare_ticket(conversation)
        return {**values, "social_crisis_id": crisis.id} if crisis else values

    def _filter_acknowledgeable(self):
        return (
            super()._filter_acknowledgeable().filtered(lambda item: not item.account_id.crisis_id)
        )


class SocialCareReply(models.Model):
    _inherit = "social.care.reply"

    def _is_overtaken(self):
        return bool(self.account_id.crisis_id) or super()._is_overtaken()

    def _get_approval_reasons(self):
        """In a crisis all is read first, but the statement that was approved for all."""
        reasons = super()._get_approval_reasons()
        crisis = self.sudo().account_id.crisis_id
        if self.kind == "acknowledgement" or not (crisis or self.crisis_id):
            return reasons
        if self._says_statement(self.sudo().crisis_id or crisis):
            return [code for code in reasons if code not in ("team", "user")]
        return [*reasons, "storm"] if crisis else reasons

    def _get_reason_texts(self):
        texts = super()._get_reason_texts()
        return texts | {"storm": self.env._("There is a crisis on this account.")}

    def _says_statement(self, crisis):
        """Whether it is, letter by letter, an approved wording for this customer."""
        mention, author = self.sudo().mention_id, self.sudo().user_id
        wordings = crisis._get_approved("statement", mention)
        wordings |= crisis._get_approved("closing", mention)
        return any(line._render(mention, author) == self.body for line in wordings)


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    social_crisis_id = fields.Many2one(
        "social.care.crisis",
        string="Crisis",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    social_crisis_state = fields.Selection(
        related="social_crisis_id.state", string="Crisis is", tracking=False
    )
    social_crisis_statement = fields.Text(related="social_crisis_id.statement")

    def write(self, vals):
        result = super().write(vals)
        if vals.get("social_severe"):
            # No longer the crowd's: it rings.
            grave = self.sudo().filtered(
                lambda ticket: ticket.social_crisis_state == "open" and not ticket.user_id
            )
            grave._social_care_want_routing()
        return result

    def action_social_crisis(self):
        self.ensure_one()
        self.check_access("read")
        return self.sudo().social_account_id._show_crisis(self.social_crisis_id)

    def action_social_crisis_answer(self):
        """Send the approved statement to the selected tickets."""
        crisis = self.social_crisis_id
        if len(crisis) != 1:
            raise UserError(self.env._("Choose tickets of one crisis."))
        return crisis._answer(self)

    def action_social_statement(self):
        """Open the reply dialog with the approved statement in it, to be sent or changed."""
        self.ensure_one()
        action = self.action_social_reply()
        mention = self.env["social.care.mention"].browse(action["context"]["default_mention_id"])
        wordings = self.sudo().social_crisis_id._get_approved("statement", mention.sudo())
        if not wordings:
            raise UserError(
                self.env._("There is no approved statement in this customer's language yet.")
            )
        wording = wordings[self.id % len(wordings)]
        action["context"]["default_body"] = wording._render(mention.sudo(), self.env.user)
        return action

    def _social_care_joined(self, conversation):
        crisis = conversation.mentions.crisis_id.filtered(lambda item: item.state == "open")[:1]
        if crisis and not self.social_crisis_id:
            self.social_crisis_id = crisis
        return super()._social_care_joined(conversation)

    def _social_care_seeks_somebody(self):
        return not self._social_care_is_calm() and super()._social_care_seeks_somebody()

    def _social_care_is_calm(self):
        """Whether it waits for the statement of a crisis: it joins the storm, not the ring."""
        self.ensure_one()
        return self.social_crisis_state == "open" and not (
            self.social_severe or any(self.social_mention_ids.mapped("severe"))
        )
