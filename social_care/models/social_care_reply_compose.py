from babel import Locale, UnknownLocaleError

from odoo import api, fields, models
from odoo.exceptions import UserError

from .social_care_languages import short_code


class SocialCareReply(models.Model):
    """What people do with an answer: write, send, try again, decide."""

    _inherit = "social.care.reply"

    signature = fields.Char(compute="_compute_opening")
    opening_text = fields.Text(compute="_compute_opening", help="What an answer begins with.")
    tone = fields.Text(related="account_id.tone")
    brand = fields.Json(
        compute="_compute_brand",
        help="For the dialog's head: name, handle, picture and colour of who speaks, and the "
        "customer's language in a sentence.",
    )

    @api.depends("mention_id", "account_id")
    @api.depends_context("uid")
    def _compute_opening(self):
        for reply in self:
            account, mention = reply.sudo().account_id, reply.sudo().mention_id
            reply.signature = account._get_ending()
            known = mention and account._get_network_class()
            reply.opening_text = known and account._get_opening_text(mention)

    @api.depends("mention_id", "account_id")
    @api.depends_context("lang")
    def _compute_brand(self):
        for reply in self:
            account, mention = reply.sudo().account_id, reply.sudo().mention_id
            reply.brand = account and {
                "name": account.name,
                "handle": account.handle or "",
                "picture": f"/web/image/social.care.account/{account.id}/avatar_128",
                "color": account.brand_color or "",
                "language": self._describe_language(mention),
            }

    @api.model
    def _describe_language(self, mention):
        """What the customer writes in, as a sentence; "" where the network did not say."""
        try:
            spoken = Locale.parse(short_code(mention.lang), resolve_likely_subtags=False)
            language = spoken.get_display_name(self.env.lang or "en_US")
        except (ValueError, TypeError, UnknownLocaleError):
            return ""
        author = mention.author_id
        name = author.name or author.handle or self.env._("The customer")
        return self.env._("%(name)s writes %(language)s.", name=name, language=language)

    @api.model
    def count_text(self, mention_id, text, visibility="public"):
        """Length of a text as the mention's network counts it, for the dialog.

        :return: ``{"length": int, "max_length": int}``
        """
        mention = self.env["social.care.mention"].browse(mention_id)
        mention.check_access("read")
        return mention.sudo().account_id._count_text(text or "", mention.sudo(), visibility)

    # -- What the dialog does -------------------------------------------------

    def onchange(self, values, field_names, fields_spec):
        """A form tells about the message it answers, to whom may read that."""
        given = {**self.default_get(["mention_id"]), **values}
        mention = self.new({"mention_id": given.get("mention_id")}).mention_id
        mention._origin.check_access("read")
        return super().onchange(values, field_names, fields_spec)

    @api.onchange("mention_id")
    def _onchange_mention_id(self):
        account = self.mention_id.sudo().account_id
        self.account_id = account
        if self.mention_id and not self.body:
            self.body = account._get_opening_text(self.mention_id)
            possible = account._get_visibilities(self.mention_id)
            self.visibility = possible[0] if possible else self.visibility

    def action_send_wait(self):
        """Send and stay on the ticket."""
        return self._tell_newer() or self._send()

    def action_send_close(self):
        """Send; the ticket closes once it is sent."""
        return self._tell_newer() or self._send(then_close=True)

    def action_send_next(self):
        """Send and open the next conversation."""
        notice = self._tell_newer()
        if notice:
            return notice
        self._send()
        return self.ticket_id._social_care_open_next()

    def action_retry(self):
        """Try once more what failed, or its author may no longer send; of several, those alone."""
        self._check_acting()
        left = self.filtered(lambda reply: reply._lost_its_author())
        again = left | self.filtered(lambda reply: reply.state == "failed")
        if not again:
            raise UserError(
                self.env._(
                    "Only answers that failed, or whose author is gone, can be sent again. "
                    "What waits for approval has to be approved."
                )
            )
        again._check_text()
        # Whoever presses the button answers for it.
        left.sudo().user_id = self.env.user
        again.sudo()._queue_now()
        return again._open_second_look() or True

    def action_go_on(self):
        """Open this draft where it is written and sent."""
        self.ensure_one()
        return self.ticket_id.action_social_reply() | {"res_id": self.id}

    def action_open_ticket(self):
        self.ensure_one()
        return self.ticket_id._social_care_open()

    def _check_acting(self):
        self.check_access("write")
        for reply in self:
            self._check_may_answer(reply.mention_id)

    def _send(self, then_close=False):
        self._enqueue(then_close=then_close)
        self._leave_time_to_undo()
        user = self.env.user
        for reply in self:
            what = "sent" if reply.state == "queued" else "paused"
            reply.ticket_id._social_care_tell(what, user_id=user.id, name=user.name)
        return {"type": "ir.actions.act_window_close"}

    def _enqueue(self, then_close=False):
        """Check and put into the outbox."""
        for reply in self:
            reply._check_acting()
            if reply.state not in ("draft", "failed"):
                raise UserError(self.env._("This answer is on its way already."))
            if reply.state == "draft" and reply.user_id != self.env.user:
                raise UserError(
                    self.env._(
                        "This is a draft of %(name)s, who may not have finished. Write your own.",
                        name=reply.user_id.name,
                    )
                )
        self._check_text()
        self.sudo().then_close = then_close
        self.sudo()._queue_now()
        for ticket in self.ticket_id:
            if not ticket.user_id and self.env.user in ticket.team_id.user_ids:
                ticket.user_id = self.env.user

    def _queue_now(self):
        now = fields.Datetime.now()
        self.write(
            {
                "state": "queued",
                "queued_at": now,
                "next_try_at": now,
                "attempts": 0,
                "error_code": False,
                "claim": False,
                "found": False,
            }
        )
        self._wake("social_care.ir_cron_publish")

    def _check_text(self):
        """Refuse what the network would refuse, before it is queued."""
        self._check_visibility()
        self._check_pictures()
        for reply in self:
            account = reply.sudo().account_id
            if not reply._says_something():
                raise UserError(self.env._("Write something before you send it."))
            reply._check_length(reply.body or "")
            if not account._can_publish():
                raise UserError(self._describe_error("cannot_publish"))

    def _check_length(self, text):
        reply_sudo = self.sudo()
        account = reply_sudo.account_id
        count = account._count_text(text, reply_sudo.mention_id, self.visibility)
        if count["length"] > count["max_length"]:
            raise UserError(
                self.env._(
                    "The text is %(over)s too long: %(network)s takes %(limit)s "
                    "and counts this as %(length)s. Shorten it.",
                    over=count["length"] - count["max_length"],
                    network=account._get_network_name(),
                    limit=count["max_length"],
                    length=count["length"],
                )
            )
