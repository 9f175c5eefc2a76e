from datetime import timedelta

from odoo import api, fields, models

UNDO_SECONDS = 10  # as long as the dialog's notice offers it
DRAFT_FIELDS = ("body", "visibility", "attachment_ids")


class SocialCareReply(models.Model):
    """What is half written stays on the server: for its author on any machine, in sight of all."""

    _inherit = "social.care.reply"

    seen_mention_id = fields.Many2one(
        "social.care.mention",
        string="Read until",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="The newest message that the author was told of while writing.",
    )
    ticket_drafts = fields.Json(related="ticket_id.social_drafts")

    @api.model_create_multi
    def create(self, vals_list):
        # The dialog is saved when it sends: what it kept until then is the same answer.
        if self.env.context.get("social_care_seen_id") and not self.env.su and len(vals_list) == 1:
            [vals] = vals_list
            mention = self.env["social.care.mention"].browse(vals.get("mention_id"))
            self._check_may_answer(mention)
            draft = self._find_own_draft(mention.ticket_id)
            if draft:
                draft._move_to(mention)
                draft.write({name: vals[name] for name in DRAFT_FIELDS if name in vals})
                return draft
        return super().create(vals_list)

    # -- What the dialog does while somebody types --------------------------------

    @api.model
    def keep_draft(self, mention_id, values, reply_id=False):
        """Keep what was written so far, and tell colleagues that somebody is writing.

        :param values: body, visibility and attachment_ids (a list of ids)
        :param reply_id: the row that the dialog shows, which then stays whatever it says
        :return: whether there is a draft now
        """
        mention = self.env["social.care.mention"].browse(mention_id)
        self._check_may_answer(mention)
        draft = self._find_own_draft(mention.ticket_id)
        possible = mention.sudo().account_id._get_visibilities(mention.sudo())
        visibility = values.get("visibility")
        vals = {
            "body": values.get("body") or "",
            "visibility": visibility if visibility in possible else possible[:1] and possible[0],
            "attachment_ids": [(6, 0, values.get("attachment_ids") or [])],
        }
        says_something = possible and (
            values.get("attachment_ids")
            or mention.sudo().account_id._says_something(vals["body"], mention)
        )
        if says_something or (draft and draft.id == reply_id and possible):
            if draft:
                draft._move_to(mention)
                draft.write(vals)
            else:
                self.create({"mention_id": mention.id, **vals})
        elif draft:
            draft.unlink()
        self._tell_writing(mention.ticket_id, bool(says_something))
        return bool(says_something)

    @api.model
    def discard_draft(self, mention_id):
        """Nothing of what I began to write on this ticket is left."""
        mention = self.env["social.care.mention"].browse(mention_id)
        self._check_may_answer(mention)
        self._find_own_draft(mention.ticket_id).unlink()
        # An answer that was sent back after the ticket was closed: now none follows.
        mention.sudo().ticket_id.filtered("closed")._social_care_closed()
        self._tell_writing(mention.ticket_id, False)

    def action_leave(self):
        """Nobody takes it back any more: it goes now."""
        self._check_acting()
        resting = self.filtered(lambda reply: reply.state == "queued" and not reply.attempts)
        resting.sudo().next_try_at = fields.Datetime.now()
        self._wake("social_care.ir_cron_publish")
        return True

    def action_undo_send(self):
        """Take back what is not sent yet: it becomes the draft again, and its dialog opens."""
        self.ensure_one()
        self._check_acting()
        self.action_cancel()
        mention = self.mention_id
        values = {
            "body": self.body,
            "visibility": self.visibility,
            "attachment_ids": self.attachment_ids.ids,
        }
        self.keep_draft(mention.id, values)
        return mention.ticket_id.action_social_reply()

    # -- Business --------------------------------------------------------------

    def _leave_time_to_undo(self):
        """What the dialog offers to take back stays here until then: an idle server is faster.

        The browser says when the offer ends. Where it is gone, the cron comes by itself.
        """
        if self.env.context.get("social_care_undo"):
            queued = self.filtered(lambda reply: reply.state == "queued")
            until = fields.Datetime.now() + timedelta(seconds=UNDO_SECONDS)
            queued.sudo().next_try_at = until

    @api.model
    def _find_own_draft(self, ticket):
        """What the user began to write on a ticket and did not send, the newest."""
        return self.search(
            [
                ("ticket_id", "=", ticket.id),
                ("ticket_id", "!=", False),
                ("user_id", "=", self.env.uid),
                ("state", "=", "draft"),
                ("kind", "=", "answer"),
            ],
            order="id desc",
            limit=1,
        )

    def _move_to(self, mention):
        """A draft answers the customer's newest message, whichever was the newest before."""
        if not self or self.mention_id == mention:
            return
        mention_sudo = mention.sudo()
        possible = mention_sudo.account_id._get_visibilities(mention_sudo)
        values = {
            "mention_id": mention.id,
            "account_id": mention_sudo.account_id.id,
            "parent_external_id": mention_sudo.external_id,
        }
        if possible and self.visibility not in possible:
            values["visibility"] = possible[0]
        if possible:
            self.sudo().write(values)

    def _says_something(self):
        self.ensure_one()
        reply_sudo = self.sudo()
        return bool(reply_sudo.attachment_ids) or reply_sudo.account_id._says_something(
            reply_sudo.body, reply_sudo.mention_id, reply_sudo.user_id
        )

    @api.model
    def _tell_writing(self, ticket, is_writing):
        user = self.env.user
        what = "writing" if is_writing else "paused"
        ticket._social_care_tell(what, user_id=user.id, name=user.name)

    def _tell_newer(self):
        """The notice that the customer wrote while the answer was being written; once each.

        The dialog says in its context what was the newest message when it opened.

        :return: an action, or None where there is nothing to tell
        """
        seen_id = self.env.context.get("social_care_seen_id")
        if not seen_id:
            return None
        self.ensure_one()
        self._check_acting()
        known = max(seen_id, self.seen_mention_id.id or 0)
        newer = self.ticket_id.sudo().social_mention_ids.filtered(lambda item: item.id > known)
        if not newer:
            return None
        self.sudo().seen_mention_id = max(newer.ids)
        name = newer[0].author_id.name or newer[0].author_id.handle or self.env._("The customer")
        if len(newer) == 1:
            message = self.env._(
                "%(name)s wrote 1 message meanwhile. Read it, then send.", name=name
            )
        else:
            message = self.env._(
                "%(name)s wrote %(count)s messages meanwhile. Read them, then send.",
                name=name,
                count=len(newer),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"title": self.env._("Not sent yet"), "message": message, "type": "warning"},
        }
