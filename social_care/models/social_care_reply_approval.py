"""Approval: what a second person has to read before it goes out, and that nothing else does.

Whatever puts an answer into the outbox passes ``_queue_now``: it asks once why this answer
may not go out unread. The sender asks again, and compares what goes out with what was let go.
"""

import hashlib
import json

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import networks
from .social_care_roles import REVIEWER

CONTENT_FIELDS = {"body", "attachment_ids", "visibility", "mention_id"}
NOT_APPROVED = {
    "approver_id": False,
    "approved_at": False,
    "approved_digest": False,
    "approved_guards": False,
    "self_approved": False,
}


class SocialCareReply(models.Model):
    """Why an answer waits for approval, and whether the one given still holds."""

    _inherit = "social.care.reply"

    approval_reasons = fields.Json(readonly=True, copy=False, help="Codes.")
    approval_text = fields.Char(string="Why it waits", compute="_compute_approval_text")
    asked_at = fields.Datetime(string="Approval asked on", readonly=True, copy=False)
    approved_at = fields.Datetime(string="Approved on", readonly=True, copy=False)
    approved_guards = fields.Json(
        readonly=True, copy=False, help="Ids of the checks that the approval knew of."
    )
    self_approved = fields.Boolean(
        string="Approved by its author",
        readonly=True,
        copy=False,
        help="There was no other reviewer.",
    )
    content_digest = fields.Char(
        compute="_compute_content_digest", help="What is approved is what was read."
    )
    marked_body = fields.Html(
        string="Words to check", compute="_compute_marked_body", sanitize=False
    )

    @api.depends("approval_reasons")
    @api.depends_context("lang")
    def _compute_approval_text(self):
        for reply in self:
            reply.approval_text = reply._describe_reasons(reply.approval_reasons) or False

    @api.depends("approval_reasons")
    def _compute_status_text(self):
        result = super()._compute_status_text()
        for reply in self.filtered(lambda item: item.state == "to_approve"):
            reply.status_text = reply.approval_text
        return result

    @api.depends("body", "attachment_ids", "visibility", "state")
    def _compute_content_digest(self):
        for reply in self:
            reply.content_digest = reply.state == "to_approve" and reply._get_digest()

    @api.depends("body", "attachment_ids.description", "visibility", "state")
    def _compute_marked_body(self):
        for reply in self:
            found = reply._find_guarded() if reply.state == "to_approve" else []
            reply.marked_body = bool(found) and reply._mark(found)

    def _mark(self, found):
        """The text with what the checks found marked, and what they say below."""
        text, marked, end = self._get_read_text(), [], 0
        for start, stop in sorted(span for finding in found for span in finding["spans"]):
            start, stop = max(start, end), max(stop, end)
            marked += [escape(text[end:start]), Markup("<mark>%s</mark>") % text[start:stop]]
            end = stop
        marked.append(escape(text[end:]))
        body = Markup("<br/>").join(Markup("").join(marked).splitlines())
        lines = Markup("").join(Markup("<li>%s</li>") % item["text"] for item in found)
        return Markup("<p>%s</p><ul>%s</ul>") % (body, lines)

    # -- Why --------------------------------------------------------------------

    def _get_approval_reasons(self):
        """Why this answer may not go out unread: codes of :meth:`_get_reason_texts`.

        ``blocked`` is no matter of approval: the words have to change.
        """
        self.ensure_one()
        if self.kind == "acknowledgement":
            return []
        reply_sudo = self.sudo()
        ticket = reply_sudo.ticket_id
        severity = self._get_worst_severity()
        # A ticket without a team is answered by the account's.
        teams = ticket.team_id or reply_sudo.account_id.team_line_ids.team_id
        asked_by = set(teams.mapped("social_approval"))
        reasons = {
            "blocked": severity == "block",
            "severe": ticket.social_severe or any(ticket.social_mention_ids.mapped("severe")),
            "guard": severity == "approve",
            "user": reply_sudo.user_id.social_needs_approval,
            "team": "all" in asked_by or ("public" in asked_by and self.visibility == "public"),
        }
        return [code for code, holds in reasons.items() if holds]

    @api.model
    def _get_reason_texts(self):
        """Code of a reason → sentence; an addon with its own reasons extends it."""
        _ = self.env._
        return {
            "blocked": _("It has words that must not be sent."),
            "severe": _("It answers something severe."),
            "guard": _("It has words that somebody has to check."),
            "user": _("The answers of its author are read first."),
            "team": _("The answers of this team are read first."),
            "changed": _("It was changed after it was sent off."),
            "author_gone": _(
                "Its author may no longer answer this ticket. Send it in your own name."
            ),
        }

    @api.model
    def _describe_reasons(self, codes):
        texts = self._get_reason_texts()
        return " ".join(texts.get(code, code) for code in codes or [])

    def _get_open_reasons(self):
        """The reasons that no approval covers: it was given to these words, for the reasons then."""
        self.ensure_one()
        reasons = self._get_approval_reasons()
        if not self._is_approved():
            return reasons
        known = set(self.approval_reasons or [])
        if "guard" in reasons and not self._get_guards() <= set(self.approved_guards or []):
            known.discard("guard")
        return [code for code in reasons if code not in known or code == "blocked"]

    def _is_approved(self):
        """Whether somebody entitled to it has read what the answer says now."""
        by_another = self.approver_id and self.approver_id != self.user_id
        return bool(by_another or self.self_approved) and (
            self.approved_digest == self._get_digest()
        )

    def _get_guards(self):
        """Ids of the checks that want this text approved."""
        return {item["guard_id"] for item in self._find_guarded() if item["severity"] == "approve"}

    def _get_digest(self):
        """Hash of what goes out: text, way, the message answered, pictures with their content."""
        self.ensure_one()
        # The content itself: an attachment's own checksum does not follow all its fields.
        pictures = [
            [
                picture.id,
                hashlib.sha256(picture.raw or b"").hexdigest(),
                picture.name,
                picture.mimetype,
                picture.description or "",
            ]
            for picture in self.sudo().attachment_ids
        ]
        content = [
            self.body or "",
            self.visibility,
            self.mention_id.id,
            self.account_id.id,
            pictures,
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    # -- Into the outbox ----------------------------------------------------------

    def _queue_now(self):
        """Into the outbox; what a second person has to read first waits for one."""
        now = fields.Datetime.now()
        queued = self.browse()
        for reply in self:
            if reply._is_changed():
                reply.user_id = self.env.user  # whoever sends it on answers for it
            reasons = reply._get_open_reasons()
            if "blocked" in reasons:
                raise UserError(reply._describe_blocked(reply._find_guarded()))
            if reasons:
                reply.asked_at = now
                reply._ask_reviewers(reasons)
                continue
            if not reply._is_approved():
                reply.write({**NOT_APPROVED, "approval_reasons": False, "asked_at": False})
            reply.approved_digest = reply._get_digest()
            queued |= reply
        self._forget_rejection()
        return super(SocialCareReply, queued)._queue_now() if queued else None

    def _describe_blocked(self, found):
        """Which words must not be sent, and which check says so."""
        blocked = [
            self.env._(
                "“%(words)s” (%(check)s)",
                words="”, “".join(dict.fromkeys(item["words"])),
                check=item["name"],
            )
            for item in found
            if item["severity"] == "block"
        ]
        found = ", ".join(blocked)
        if self._get_read_text() != (self.body or ""):
            return self.env._(
                "This cannot be sent: %(found)s. Change the text, or what describes the pictures.",
                found=found,
            )
        return self.env._("This cannot be sent: %(found)s. Change the text.", found=found)

    # -- Out of it ----------------------------------------------------------------

    def _get_objections(self):
        """Why a queued answer must not go out now, though it was let go: codes."""
        self.ensure_one()
        if self.kind == "acknowledgement":
            return []
        if not self._is_still_allowed():
            return ["author_gone"]
        if self._is_changed():
            return ["changed", *self._get_approval_reasons()]
        return self._get_open_reasons()

    def _is_still_allowed(self):
        """Whether the author may still answer this ticket through this account."""
        self.ensure_one()
        author = self.user_id
        if not author or not self.ticket_id:
            return True
        attachments = self.attachment_ids.with_user(author)
        return self._may_be_sent_by(author) and (not attachments or attachments.has_access("read"))

    def _is_changed(self):
        """Whether it is no longer what was let go; what is out may be given another text."""
        waits = self.state != "sent" and bool(self.approved_digest)
        return waits and self.approved_digest != self._get_digest()

    def _check_new_text(self, text):
        """What is public already cannot wait for approval: a reviewer changes it, or nobody."""
        result = super()._check_new_text(text)
        found = self._find_in_answer(self.mention_id, text, self.visibility)
        severities = {item["severity"] for item in found}
        if "block" in severities:
            raise UserError(self._describe_blocked(found))
        is_reviewer = self.env.user.has_group(REVIEWER)
        reasons = {*self._get_approval_reasons()} - {"guard", "blocked"}
        if (reasons or "approve" in severities) and (
            not is_reviewer or self.user_id == self.env.user
        ):
            raise UserError(
                self.env._(
                    "This text needs somebody else's approval. Have a reviewer change it, "
                    "or write a further answer."
                )
            )
        return result

    def _send_back(self, reasons):
        """From the outbox to the reviewers."""
        self.asked_at = self.asked_at or self.queued_at
        self._ask_reviewers(reasons)

    def _to_wire(self, adapter):
        # A picture can be changed at any time: what is sent is what was let go.
        if self._is_changed():
            error = networks.RejectedError("changed")
            if self.attempts > 1:  # an earlier attempt may have arrived
                error.published = None
            raise error
        return super()._to_wire(adapter)
