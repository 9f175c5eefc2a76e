"""What reviewers and authors do with an answer that waits for approval. Each step is kept."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from .social_care_reply_approval import CONTENT_FIELDS, NOT_APPROVED
from .social_care_roles import REVIEWER

REJECTED = "social_care.mail_activity_type_rejected"


class SocialCareReply(models.Model):
    _inherit = "social.care.reply"

    rejected_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    rejected_note = fields.Text(string="Why it was rejected", readonly=True, copy=False)
    approval_role = fields.Selection(
        [
            ("reviewer", "May approve it"),
            ("author", "Waits for a reviewer"),
            ("alone", "Nobody else can approve it"),
        ],
        compute="_compute_approval_role",
        help="Of whoever looks at it.",
    )

    @api.depends("state", "user_id", "approval_reasons")
    @api.depends_context("uid")
    def _compute_approval_role(self):
        is_reviewer = self.env.user.has_group(REVIEWER)
        for reply in self:
            waits = reply.state == "to_approve" and not reply._lost_its_author()
            if waits and reply.user_id == self.env.user:
                reply.approval_role = "author" if reply._get_reviewers() else "alone"
            else:
                reply.approval_role = "reviewer" if waits and is_reviewer else False

    # -- Changing the words ---------------------------------------------------------

    def write(self, vals):
        if self.env.su or not CONTENT_FIELDS & set(vals):
            return super().write(vals)
        waiting = self.filtered(lambda reply: reply.state == "to_approve")
        waiting._check_may_change()
        before = {reply: (reply._get_digest(), reply.body) for reply in waiting}
        result = super().write(vals)
        # Whoever changes the words answers for them; no approval was given to these.
        others = (self - waiting).sudo().filtered(lambda reply: reply.user_id != self.env.user)
        others.user_id = self.env.user
        (self - waiting).sudo().filtered("approver_id").write(NOT_APPROVED)
        for reply, (digest, body) in before.items():
            if reply._get_digest() != digest:
                reply.sudo()._note_change(body)
        return result

    def _note_change(self, before):
        """Before and after; what its author changes is asked for again."""
        if self.user_id == self.env.user:
            self.approval_reasons = self._get_approval_reasons() or self.approval_reasons
            self.asked_at = fields.Datetime.now()
        html = self.ticket_id._social_care_to_html
        self._log_step("changed", Markup("<del>%s</del>%s") % (html(before), html(self.body)))

    # -- What people press ------------------------------------------------------------

    def _send(self, then_close=False):
        action = super()._send(then_close)
        return self._open_second_look() or action

    def action_send_next(self):
        action = super().action_send_next()
        return self._open_second_look() or action

    def action_approve(self):
        """It was read by a second person: it goes out. Its author alone is asked once more."""
        self.ensure_one()
        self._check_acting()
        self._check_waiting()
        if self.user_id == self.env.user:
            self._check_alone()
            return self._open_second_look()
        self._check_reviewer()
        self._approve()
        return True

    def action_reject(self):
        """Ask why, then give it back to its author."""
        self.ensure_one()
        self._check_acting()
        self._check_waiting()
        self._check_reviewer()
        return self._open_decision("reject", self.env._("Give it back to its author"))

    def action_withdraw(self):
        """Its author takes it back: a draft again."""
        self.ensure_one()
        self._check_acting()
        self._check_waiting()
        if self.user_id != self.env.user:
            raise UserError(self.env._("Only its author can take it back. Reject it instead."))
        self.sudo().write({"state": "draft", "approval_reasons": False})
        self._end_review("withdrawn")
        return True

    def action_cancel(self):
        waiting = self.filtered(lambda reply: reply.state == "to_approve")
        result = super().action_cancel()
        waiting.filtered(lambda reply: reply.state == "cancelled")._end_review("cancelled")
        return result

    def _open_second_look(self):
        """Where nobody else can approve it, its author reads it once more before it goes out."""
        if len(self) == 1 and self.approval_role == "alone":
            return self._open_decision("alone", self.env._("Nobody else can approve this"))
        return False

    def _open_decision(self, view, title):
        view_id = self.env.ref(f"social_care.social_care_approval_view_form_{view}").id
        return self.env["social.care.approval"]._get_records_action(
            name=title,
            views=[(view_id, "form")],
            target="new",
            context={"default_reply_id": self.id},
        )

    # -- Who may, and when -----------------------------------------------------------

    def _lost_its_author(self):
        """Whether somebody has to send it in their own name: approving would not help."""
        return self.state == "to_approve" and "author_gone" in (self.approval_reasons or [])

    def _check_waiting(self):
        """What is decided is what waits, as it was read."""
        if self.state != "to_approve":
            raise UserError(self._describe_decided())
        if self._lost_its_author():
            raise UserError(self._get_reason_texts()["author_gone"])
        seen = self.env.context.get("social_care_digest")
        if seen and seen != self._get_digest():
            raise UserError(self.env._("It was changed meanwhile. Read it again, then decide."))

    def _describe_decided(self):
        if self.approver_id:
            return self.env._("%(name)s has approved this already.", name=self.approver_id.name)
        if self.rejected_by_id:
            return self.env._("%(name)s has rejected this already.", name=self.rejected_by_id.name)
        return self.env._("This answer does not wait for approval any more.")

    def _check_reviewer(self):
        if not self.env.user.has_group(REVIEWER) or self.user_id == self.env.user:
            raise UserError(
                self.env._("A reviewer who did not write this answer has to approve it.")
            )

    def _check_alone(self):
        reviewers = self._get_reviewers()
        if reviewers:
            raise UserError(
                self.env._(
                    "Somebody else has to approve what you wrote: %(names)s.",
                    names=", ".join(reviewers[:3].mapped("name")),
                )
            )

    # -- The steps ---------------------------------------------------------------------

    def _ask_reviewers(self, reasons):
        """Hold it back, and tell those who may approve it. As superuser."""
        self.write(
            {
                **NOT_APPROVED,
                "state": "to_approve",
                "approval_reasons": reasons,
                "error_code": False,
            }
        )
        self._tell_reviewers()
        self._log_step("asked")

    def _approve(self, alone=False):
        """The checks are done: who approves, what exactly, and what they knew of."""
        self._check_text()
        reply_sudo = self.sudo()
        known = dict.fromkeys([*(self.approval_reasons or []), *self._get_approval_reasons()])
        reply_sudo.write(
            {
                "approver_id": self.env.uid,
                "approved_at": fields.Datetime.now(),
                "approved_digest": self._get_digest(),
                "approved_guards": sorted(self._get_guards()),
                "approval_reasons": list(known),
                "self_approved": alone,
                "rejected_by_id": False,
            }
        )
        reply_sudo._queue_now()
        self._end_review("self_approved" if alone else "approved")

    def _approve_alone(self):
        """After the second look: still waiting, still its author, still nobody else."""
        self._check_acting()
        self._check_waiting()
        if self.user_id != self.env.user:
            raise UserError(self.env._("Only its author can send it unread by others."))
        self._check_alone()
        self._approve(alone=True)

    def _reject(self, note):
        """Back to its author as a draft, with what is to change."""
        self._check_acting()
        self._check_waiting()
        self._check_reviewer()
        rejected = {"rejected_by_id": self.env.uid, "rejected_note": note}
        self.sudo().write({**rejected, "state": "draft", "approval_reasons": False})
        self._end_review("rejected", note)
        ticket_sudo, author = self.sudo().ticket_id, self.sudo().user_id
        if author.active and ticket_sudo.with_user(author).has_access("read"):
            html = ticket_sudo._social_care_to_html(note)
            ticket_sudo.activity_schedule(REJECTED, user_id=author.id, note=html)

    def _forget_rejection(self):
        """It was sent again: nothing is left to change."""
        rejected = self.filtered("rejected_note")
        for reply in rejected:
            reply.ticket_id.activity_unlink([REJECTED], user_id=reply.user_id.id)
        rejected.rejected_note = False

    def _end_review(self, step, note=""):
        """Nobody has to look any more; the chatter tells what happened."""
        self.ticket_id.sudo()._social_care_forget_reviewers()
        for reply in self.sudo():
            reply._log_step(step, note and reply.ticket_id._social_care_to_html(note))

    def _log_step(self, step, details=""):
        """An internal note on the ticket: who did what, and why."""
        ticket = self.ticket_id._social_care_in_its_language()
        _ = ticket.env._
        if step in ("asked", "approved", "self_approved"):
            details = ticket._social_care_to_html(self.with_env(ticket.env).approval_text)
        title = {
            "asked": _("An answer waits for approval."),
            "changed": _("The answer that waits for approval was changed."),
            "approved": _("The answer was approved."),
            "self_approved": _("The answer was approved by its author: nobody else could."),
            "rejected": _("The answer was rejected."),
            "withdrawn": _("The answer was taken back."),
            "cancelled": _("The answer was cancelled."),
        }[step]
        speaker = self.env.user.partner_id if self.env.user.active else None
        body = Markup("<p><strong>%s</strong></p>%s") % (title, details)
        ticket._social_care_log(body, speaker=speaker, mention=self.mention_id)


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def action_social_review(self):
        """Open the answer that waits for approval."""
        self.ensure_one()
        return self._social_care_waiting_replies()[:1]._get_records_action(context={})
