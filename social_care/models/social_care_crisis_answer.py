"""One statement for many: each answer passes the outbox and its checks like any other."""

from collections import Counter, defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .social_care_reply_decide import CANCELLABLE


class SocialCareCrisis(models.Model):
    _inherit = "social.care.crisis"

    answer_ids = fields.One2many("social.care.reply", "crisis_id", string="Answers", readonly=True)
    queued_count = fields.Integer(string="On their way", compute="_compute_progress")
    progress_text = fields.Char(string="Progress", compute="_compute_progress")

    @api.depends("answer_ids.state")
    @api.depends_context("lang")
    def _compute_progress(self):
        replies_sudo = self.env["social.care.reply"].sudo()
        groups = replies_sudo._read_group(
            [("crisis_id", "in", self.ids)], ["crisis_id", "state"], ["__count"]
        )
        counts = defaultdict(Counter)
        for crisis, state, count in groups:
            counts[crisis.id][state] = count
        for crisis in self:
            own = counts[crisis.id]
            crisis.queued_count = own["queued"] + own["sending"]
            crisis.progress_text = ", ".join(self._describe_progress(own))

    def _describe_progress(self, counts):
        """In words, what there is of each: a Counter of states."""
        _ = self.env._
        if number := counts["sent"]:
            yield _("sent: %(count)s", count=number)
        if number := counts["queued"] + counts["sending"]:
            yield _("on their way: %(count)s", count=number)
        if number := counts["to_approve"]:
            yield _("waiting for approval: %(count)s", count=number)
        if number := counts["failed"] + counts["unconfirmed"]:
            yield _("failed: %(count)s", count=number)
        if number := counts["cancelled"]:
            yield _("called off: %(count)s", count=number)

    def action_view_answers(self):
        domain = [("crisis_id", "=", self.id)]
        return self._open_list("social.care.reply", domain, self.env._("Answers"))

    def action_solved(self):
        """Send the closing text to everybody who waited."""
        self.ensure_one()
        self._check_leading()
        heard = self.sudo().answer_ids.filtered(lambda reply: reply.state != "cancelled").ticket_id
        # Also whom somebody answered one by one; not what was closed without an answer.
        waited = heard | self.sudo().ticket_ids.filtered(
            lambda ticket: ticket.social_waiting_since or ticket.social_first_response_at
        )
        return self._answer(waited.with_env(self.env), "closing")

    def action_stop(self):
        """Call off what has not left yet."""
        self.ensure_one()
        self._check_leading()
        left = self.answer_ids.filtered(lambda reply: reply.state in CANCELLABLE)
        if left:
            left.action_cancel()
        return True

    def _answer(self, tickets, kind="statement"):
        """Put approved wordings into the outbox, spread over time, in the user's name.

        Who cannot be answered so stays as they are; the notice says how many, and why.

        :param tickets: of this crisis; those that have it already are passed over
        """
        self.ensure_one()
        tickets = tickets.filtered(lambda ticket: ticket.social_crisis_id == self)
        self._check_said(kind)
        given = self.sudo().answer_ids.filtered(
            lambda reply: reply.crisis_kind == kind and reply.state not in ("cancelled", "failed")
        )
        values, left_out = self._prepare_answers(tickets - given.ticket_id, kind)
        replies = self.env["social.care.reply"].sudo().create(values)
        own = replies.with_env(self.env)
        own._check_acting()
        own._check_text()
        begin = max(given.filtered("next_try_at").mapped("next_try_at"), default=None)
        replies._queue_now()
        replies._spread(begin)
        return self._tell_answered(replies, left_out)

    def _check_said(self, kind):
        """Something of this kind is written, and approved."""
        wordings = self.sudo().wording_ids.filtered(lambda line: line.kind == kind)
        if not wordings:
            label = dict(wordings._fields["kind"]._description_selection(self.env))[kind]
            raise UserError(
                self.env._(
                    "Write wordings of the kind “%(kind)s” first: there are none.", kind=label
                )
            )
        if not any(wordings.mapped("approved")):
            raise UserError(self.env._("A reviewer has to approve the wordings first."))

    def _prepare_answers(self, tickets, kind):
        """Values of the answers, and how many get none: two queries for the ways of all."""
        mentions, now = self.env["social.care.mention"].sudo(), fields.Datetime.now()
        # Who waits longest comes first.
        for ticket in tickets.sudo().sorted(
            lambda item: (item.social_waiting_since or now, item.id)
        ):
            mentions |= ticket.social_mention_ids.filtered(
                lambda item: item.crisis_id == self and not item.deleted_at
            ).sorted()[:1]
        number, values = len(self.sudo().answer_ids), []
        for mention, ways in mentions._get_ways().items():
            wordings = self.sudo()._get_approved(kind, mention)
            way = mention._get_acknowledging_way(ways)
            if not wordings or not way:
                continue
            wording = wordings[(number + len(values)) % len(wordings)]
            body = wording._render(mention, self.env.user)
            count = mention.account_id._count_text(body, mention, way)
            if count["length"] <= count["max_length"]:
                values.append(
                    {
                        "mention_id": mention.id,
                        "visibility": way,
                        "body": body,
                        "user_id": self.env.uid,
                        "crisis_id": self.id,
                        "crisis_kind": kind,
                    }
                )
        return values, len(tickets) - len(values)

    def _tell_answered(self, replies, left_out):
        waits = len(replies.filtered(lambda reply: reply.state == "to_approve"))
        left = len(replies) - waits
        message = self.env._("Answers on their way: %(count)s.", count=left)
        if waits:
            message += " " + self.env._("Waiting for approval: %(count)s.", count=waits)
        if left_out:
            message += " " + self.env._(
                "Left out: %(count)s, as no wording in their language fits or no way is open. "
                "Answer them one by one.",
                count=left_out,
            )
        kind = "warning" if left_out else "success"
        return self.account_id._notify_user(self.display_name, message, kind)


class SocialCareReply(models.Model):
    _inherit = "social.care.reply"

    crisis_id = fields.Many2one(
        "social.care.crisis", readonly=True, copy=False, index="btree_not_null"
    )
    crisis_kind = fields.Char(readonly=True, copy=False)

    def _spread(self, after=None):
        """One after the other, at the pace that the account allows."""
        moment = max(fields.Datetime.now(), after or fields.Datetime.now())
        for reply in self.filtered(lambda item: item.state == "queued"):
            reply.next_try_at = moment
            moment += timedelta(minutes=1) / max(reply.account_id.crisis_pace, 1)
