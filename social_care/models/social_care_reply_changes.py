from dataclasses import replace
from datetime import datetime

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import networks


class SocialCareReply(models.Model):
    """An answer that is out gets another text, or is taken back, where its network has that."""

    _inherit = "social.care.reply"

    edited_at = fields.Datetime(string="Changed on", readonly=True, copy=False)
    edited_by_id = fields.Many2one("res.users", string="Changed by", readonly=True, copy=False)
    deleted_at = fields.Datetime(string="Deleted on", readonly=True, copy=False)
    deleted_by_id = fields.Many2one("res.users", string="Deleted by", readonly=True, copy=False)
    deleted_reason = fields.Char(string="Why deleted", readonly=True, copy=False)
    gone_text = fields.Char(string="What became of it", compute="_compute_gone_text")
    can_edit = fields.Boolean(compute="_compute_can_change")
    can_delete = fields.Boolean(compute="_compute_can_change")

    @api.depends("deleted_at", "deleted_by_id", "deleted_reason")
    @api.depends_context("lang")
    def _compute_gone_text(self):
        for reply in self:
            reply.gone_text = reply.deleted_at and (
                self.env._(
                    "Deleted by %(who)s: %(why)s",
                    who=reply.deleted_by_id.name,
                    why=reply.deleted_reason,
                )
                if reply.deleted_by_id
                else self.env._("No longer there: it was deleted on the network.")
            )

    @api.depends("state", "external_id", "deleted_at", "account_id.state", "account_id.active")
    @api.depends_context("uid")
    def _compute_can_change(self):
        for reply in self:
            account = reply.sudo().account_id
            network = account._get_network_class()
            possible = (
                reply.state == "sent"
                and reply.external_id
                and reply.mention_id
                and not reply.deleted_at
                and network
                and account._is_open()
                and (reply.visibility == "public" or network.changes_private)
                and reply._may_change()
            )
            reply.can_edit = bool(possible) and network.supports_edit
            reply.can_delete = bool(possible) and network.supports_delete

    # -- What people press ------------------------------------------------------

    def action_change(self):
        """Ask for the new text."""
        return self._open_change("social.care.change", self.env._("Change what was said"))

    def action_take_back(self):
        """Ask for the reason first."""
        return self._open_change("social.care.take.back", self.env._("Delete what was said"))

    def _open_change(self, model, title):
        self.ensure_one()
        self._check_may_change()
        return self.env[model]._get_records_action(
            name=title, target="new", context={"default_reply_id": self.id}
        )

    def _may_change(self):
        """Whether the user may change what waits or is out: its author, and reviewers."""
        user = self.env.user
        return (
            user.has_group("social_care.social_care_group_agent")
            and (
                self.sudo().user_id == user
                or user.has_group("social_care.social_care_group_reviewer")
            )
            and self.ticket_id.has_access("write")
        )

    def _check_may_change(self):
        self.check_access("write")
        if not all(reply._may_change() for reply in self):
            raise AccessError(
                self.env._("Only its author or a reviewer can change or delete this answer.")
            )

    # -- Doing it -----------------------------------------------------------------

    def _change_text(self, text):
        """Give it another text, there and here. Nothing is written before the network did it.

        :return: an action where the screen must tell something, or True
        :raises UserError: what hinders it; the answer stays as it was
        """
        self._check_may_change()
        if not self.can_edit:
            raise UserError(self._describe_error("cannot_edit"))
        before = self.body or ""
        if text.strip() == before.strip():
            raise UserError(self.env._("Nothing was changed in the text."))
        self._check_new_text(text)
        reply_sudo = self.sudo()
        if not reply_sudo._ask_to_change(
            lambda adapter: (adapter.edit, reply_sudo._to_wire_with(adapter, text))
        ):
            return self._note_gone()
        now = fields.Datetime.now()
        reply_sudo.write({"body": text, "edited_at": now, "edited_by_id": self.env.uid})
        ticket = self.ticket_id._social_care_in_its_language()
        quote = ticket._social_care_to_html
        note = Markup("<p><strong>%s</strong></p>%s<p><del>%s</del></p>") % (
            ticket.env._("Changed our answer on %(network)s", network=self._get_network_name()),
            quote(text),
            " ".join(before.split()),
        )
        ticket._social_care_log(
            note, speaker=self.env.user.partner_id, mention=self.sudo().mention_id
        )
        return True

    def _take_back(self, reason):
        """Delete it there; here it stays, crossed out. Nothing is written before that.

        :raises UserError: what hinders it
        """
        self._check_may_change()
        if not self.can_delete:
            raise UserError(self._describe_error("cannot_delete"))
        self.sudo()._ask_to_change(lambda adapter: (adapter.delete,))
        self._record_deletion(reason)
        return True

    def _to_wire_with(self, adapter, text):
        body = adapter.prepare_text(text, self.mention_id._to_wire())
        return replace(self._to_wire(adapter), body=body)

    def _ask_to_change(self, get_call):
        """Have the network change it.

        :param get_call: adapter → its method, and what it takes after the id
        :return: False where it turned out to be gone
        """
        account = self.account_id
        try:
            method, *arguments = get_call(account._get_adapter())
            account._call(method, self.external_id, *arguments)
        except networks.NetworkError as error:
            if error.code == "answer_gone":
                return False
            why = self._describe_error(error.code)
            if error.published is None:
                why = self.env._(
                    "Nobody can tell whether that was done. %(why)s Do it again: twice is no harm.",
                    why=why,
                )
            raise UserError(why) from None
        return True

    def _check_new_text(self, text):
        """What holds for an answer holds for its new text. It is public already: nothing waits."""
        if not text.strip():
            raise UserError(self.env._("Write something, or delete the answer."))
        self._check_length(text)

    def _note_gone(self):
        """It was deleted on the network: say so, and remember it."""
        self._record_deletion("")
        return self.env["social.care.account"]._notify_user(
            self.env._("Not changed"), self._describe_error("answer_gone"), "warning"
        )

    def _record_deletion(self, reason):
        by = self.env.uid if reason else False
        values = {"deleted_at": fields.Datetime.now(), "deleted_by_id": by}
        self.sudo().write({**values, "deleted_reason": reason})
        ticket = self.ticket_id._social_care_in_its_language()
        title = ticket.env._("Deleted our answer on %(network)s", network=self._get_network_name())
        note = Markup("<p><strong>%s:</strong> %s</p><p><del>%s</del></p>") % (
            title,
            reason or self.with_env(ticket.env).gone_text,
            " ".join((self.body or "").split()),
        )
        ticket._social_care_log(
            note, speaker=self.env.user.partner_id, mention=self.sudo().mention_id
        )
        # sudo: clocks follow from what was said, whoever may write the ticket
        ticket.sudo()._social_care_answer_gone(self.sudo())

    def _get_network_name(self):
        return self.sudo().account_id._get_network_name()


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _social_care_find_left_alone(self, reply):
        """The customer's messages that nothing answers without this answer, oldest first."""
        self.ensure_one()
        if self.social_waiting_since or reply.kind != "answer" or reply.state != "sent":
            return self.social_mention_ids.browse()
        last = self._social_care_last_answer(besides=reply)
        return self._social_care_find_run(last or datetime.min)

    def _social_care_answer_gone(self, reply):
        """Whom a deleted answer leaves without any waits again: from now on, we have answered once."""
        for ticket in self.filtered(lambda item: not item.closed):
            run = ticket._social_care_find_left_alone(reply)
            if run:
                ticket.social_waiting_since = reply.deleted_at
                ticket._social_care_start_clock(run[0])
