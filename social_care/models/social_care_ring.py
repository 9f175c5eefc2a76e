from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

RING_MINUTES = 10


class SocialCareRing(models.Model):
    """One person asked to take one ticket. The ring itself lets them read it."""

    _name = "social.care.ring"
    _description = "Ring"
    _order = "rung_at desc, id desc"
    _rec_name = "ticket_id"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade", index=True
    )
    team_id = fields.Many2one(related="ticket_id.team_id", store=True)
    company_id = fields.Many2one(related="ticket_id.company_id", store=True)
    user_id = fields.Many2one("res.users", string="Who", required=True, readonly=True, index=True)
    on_call = fields.Boolean(readonly=True, help="Rung while the team was closed.")
    rung_at = fields.Datetime(string="Rung", required=True, readonly=True)
    expires_at = fields.Datetime(string="Until", required=True, readonly=True)
    answered_at = fields.Datetime(string="Answered", readonly=True)
    wait_minutes = fields.Float(
        string="Minutes until the answer",
        compute="_compute_wait_minutes",
        store=True,
        aggregator="avg",
    )
    result = fields.Selection(
        [
            ("taken", "Taken"),
            ("passed", "Not now"),
            ("missed", "No answer"),
            ("withdrawn", "Withdrawn"),
        ],
        readonly=True,
        help="Empty while it rings.",
    )

    _one_open = models.UniqueIndex(
        "(ticket_id) WHERE result IS NULL", "Somebody is being rung for this ticket."
    )
    _expiry = models.Index("(expires_at) WHERE result IS NULL")

    @api.depends("answered_at", "rung_at")
    def _compute_wait_minutes(self):
        for ring in self:
            answered = ring.answered_at or ring.rung_at
            ring.wait_minutes = answered and (answered - ring.rung_at) / timedelta(minutes=1)

    # -- What the person rung presses ------------------------------------------

    def action_take(self):
        """The ticket is mine: assign it and open it."""
        self._check_mine()
        ticket = self.sudo().ticket_id
        self.sudo()._end("taken")
        ticket.user_id = self.env.user
        return ticket.with_env(self.env)._social_care_open()

    def action_pass(self):
        """Not now: the next one is rung."""
        self._check_mine()
        self.sudo()._end("passed")
        self.env["helpdesk.ticket.team"].sudo()._social_care_wake_route()
        return True

    def _check_mine(self):
        self.ensure_one()
        self.check_access("read")
        if self.user_id != self.env.user:
            raise UserError(self.env._("Only the person who is rung can answer."))
        if self.result:
            raise UserError(self.env._("It no longer rings: somebody else has it, or time is up."))

    # -- Business ------------------------------------------------------------

    @api.model
    def _ring(self, ticket, user, on_call=False):
        """Ask one person to take a ticket: a notice with two buttons, inbox, mail, phone."""
        now = fields.Datetime.now()
        minutes = ticket.team_id.social_ring_minutes or RING_MINUTES
        ring = self.create(
            {
                "ticket_id": ticket.id,
                "user_id": user.id,
                "on_call": on_call,
                "rung_at": now,
                "expires_at": now + timedelta(minutes=minutes),
            }
        )
        ring._tell()
        return ring

    def _tell(self):
        user = self.user_id
        ticket = self.ticket_id.with_context(lang=user.lang, tz=user.tz)
        _ = ticket.env._
        who = ticket.social_author_id.display_name or ticket.partner_name or ""
        subject = _("Urgent: %(who)s", who=who) if self.on_call else _("For you: %(who)s", who=who)
        text = ticket._social_care_ring_text()
        body = ticket._social_care_to_html(text)
        body += Markup("<p>%s</p>") % _("Open the ticket to take it.")
        ticket.message_notify(partner_ids=user.partner_id.ids, subject=subject, body=body)
        if self.on_call and user.notification_type == "inbox":
            # Outside hours nobody looks into Odoo's inbox.
            self._mail(user, subject, body, ticket._notify_get_action_link("view"))
        user._bus_send("social_care.ring", {"id": self.id, "title": subject, "text": text})

    def _mail(self, user, subject, body, link):
        """By mail as well, at once."""
        mail = self.env["mail.mail"].create(
            {
                "subject": subject,
                "body_html": Markup('%s<p><a href="%s">%s</a></p>') % (body, link, subject),
                "email_to": user.email_formatted,
                "email_from": self.company_id.email_formatted or self.env.user.email_formatted,
                "auto_delete": True,
            }
        )
        mail.send_after_commit()

    def _end(self, result):
        self.write({"result": result, "answered_at": fields.Datetime.now()})
        self.flush_recordset(["result"])  # before the next one is rung: one rings at a time
        for ring in self:
            ring.user_id._bus_send("social_care.ring_ended", {"id": ring.id})
