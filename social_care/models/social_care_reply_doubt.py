from datetime import timedelta

from odoo import api, fields, models

ASK_AFTER = timedelta(hours=1)  # what waited less is what its author still means to say
UNSENT = "social_care.mail_activity_type_unsent"
# Codes of an answer that has not been sent because the world went on meanwhile.
DOUBTS = ("too_old", "customer_deleted", "closed_meanwhile", "answered_meanwhile")


class SocialCareAccount(models.Model):
    _inherit = "social.care.account"

    reply_max_age_hours = fields.Integer(
        string="Ask before late answers",
        default=24,
        help="Hours that an answer may wait for the account or the network. After that a person is "
        "asked before it goes out. 0: never ask.",
    )


class SocialCareReply(models.Model):
    """An answer that waited while the world went on asks before it goes out."""

    _inherit = "social.care.reply"

    is_doubtful = fields.Boolean(compute="_compute_is_doubtful")

    @api.depends("state", "error_code")
    def _compute_is_doubtful(self):
        for reply in self:
            reply.is_doubtful = reply.state == "failed" and reply.error_code in DOUBTS

    def write(self, vals):
        asking = self.browse()
        if vals.get("state", "failed") not in ("failed", "unconfirmed"):
            asking = self.filtered(lambda reply: reply.state in ("failed", "unconfirmed"))
        result = super().write(vals)
        asking._forget_asking()
        return result

    def _get_doubt(self):
        """Code of why a person is asked first, or "". Whoever sends it anyway queues it anew."""
        self.ensure_one()
        if self.kind == "acknowledgement" or not self.queued_at:
            return ""
        deleted_at, ticket = self.mention_id.deleted_at, self.ticket_id
        waited = fields.Datetime.now() - self.queued_at
        limit = timedelta(hours=self.account_id.reply_max_age_hours)
        if deleted_at and deleted_at >= self.queued_at:
            return "customer_deleted"
        if limit and waited >= limit:
            return "too_old"
        if waited < ASK_AFTER:
            return ""
        if ticket.closed and (ticket.closed_date or self.queued_at) > self.queued_at:
            return "closed_meanwhile"
        return "answered_meanwhile" if self._search_answers_since() else ""

    def _search_answers_since(self):
        """Answers that overtook this one: from outside Odoo, or written after it."""
        return self.search(
            [
                ("ticket_id", "=", self.ticket_id.id),
                ("kind", "=", "answer"),
                ("state", "=", "sent"),
                ("sent_at", ">", self.queued_at),
                ("id", "!=", self.id),
                "|",
                ("origin", "=", "network"),
                ("queued_at", ">", self.queued_at),
            ],
            limit=1,
        )

    # -- Whom it waits for ------------------------------------------------------

    def _ask_somebody(self):
        """Leave whoever wrote it, else whoever has the ticket, an activity there."""
        for reply in self.filtered(lambda item: item.state in ("failed", "unconfirmed")):
            ticket = reply.ticket_id
            user = (reply.user_id | ticket.user_id).filtered("active")[:1]
            if not user or not ticket.with_user(user).has_access("read"):
                continue  # an activity for them would be refused
            if not ticket.activity_search([UNSENT], user_id=user.id):
                # Many at once, after a long outage: the list of activities says it, no mails.
                ticket.with_context(mail_activity_quick_update=True).activity_schedule(
                    UNSENT, note=reply.with_context(lang=user.lang).error_text, user_id=user.id
                )

    def _forget_asking(self):
        """Somebody decided: the activities go with the ticket's last open question."""
        asking = self._read_group(
            [
                ("ticket_id", "in", self.ticket_id.ids),
                ("state", "in", ("failed", "unconfirmed")),
            ],
            ["ticket_id"],
        )
        open_tickets = self.env["helpdesk.ticket"].union(*(ticket for [ticket] in asking))
        (self.ticket_id - open_tickets).sudo().activity_unlink([UNSENT])


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _social_care_note_failed(self, reply):
        result = super()._social_care_note_failed(reply)
        if self:
            reply._ask_somebody()
        return result
