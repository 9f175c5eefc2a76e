from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

RING_MINUTES = 10


class SocialCareRing(models.Model):
    """One person asked to take one ticket. The ring itself lets them read it."""

    _name = "social.care.ring"
    _description = "Ring"
    _inherit = ["social.care.export"]
    _order = "rung_at desc, id desc"
    _rec_name = "ticket_id"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade", index=True
    )
    team_id = fields.Many2one(related="ticket_id.team_id", store=True)
    company_id = fields.Many2one(related="ticket_id.company_id", store=True)
    user_id = fields.Many2one("res.users", string="Who", required=True, readonly=True)
    on_call = fields.Boolean(readonly=True, help="Rung while the team was closed.")
    rung_at = fields.Datetime(string="Rung", required=True, readonly=True)
    expires_at = fields.Datetime(string="Until", required=True, readonly=True)
    answered_at = fields.Datetime(string="Answered", readonly=True)
    # Written when it ends: empty in the database until then, so that no average counts it.
    wait_minutes = fields.Float(
        string="Minutes until the answer", readonly=True, copy=False, aggregator="avg"
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
    _open = models.Index("(user_id, expires_at) WHERE result IS NULL")
    _last = models.Index("(user_id, rung_at)")

    # -- What the person rung presses ------------------------------------------

    def action_take(self):
        """The ticket is mine, also after "not now" as long as nobody has it: assign and open it."""
        self._check_mine(after_all=True)
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

    def _check_mine(self, after_all=False):
        self.ensure_one()
        self.check_access("read")
        if self.user_id != self.env.user:
            raise UserError(self.env._("Only the person who is rung can answer."))
        passed = after_all and self.result == "passed" and not self.sudo().ticket_id.user_id
        if self.result and not passed:
            raise UserError(self.env._("It no longer rings: somebody else has it, or time is up."))

    # -- Business ------------------------------------------------------------

    @api.model
    def _ring(self, people, on_call=False):
        """Ask one person each to take a ticket: a notice with two buttons, inbox, mail, phone.

        :param dict people: helpdesk.ticket → res.users
        """
        now = fields.Datetime.now()
        rings = self.create(
            [
                {
                    "ticket_id": ticket.id,
                    "user_id": user.id,
                    "on_call": on_call,
                    "rung_at": now,
                    "expires_at": now + timedelta(minutes=ticket.team_id.social_ring_minutes),
                }
                for ticket, user in people.items()
            ]
        )
        for ring in rings:
            ring._tell()
        return rings

    def _tell(self):
        user = self.user_id
        ticket = self.ticket_id.with_context(lang=user.lang, tz=user.tz)
        notice = self._get_notice()
        text, subject = notice["text"], notice["title"]
        body = ticket._social_care_to_html(text) + Markup("<p>%s</p>") % ticket.env._(
            "Open the ticket to take it."
        )
        ticket.message_notify(partner_ids=user.partner_id.ids, subject=subject, body=body)
        if self.on_call and user.notification_type == "inbox":
            # Outside hours nobody looks into Odoo's inbox.
            self._mail(user, subject, body, ticket._notify_get_action_link("view"))
        user._bus_send("social_care.ring", notice)

    def _get_notice(self):
        """What the person rung sees, for the web client."""
        self.ensure_one()
        ticket = self.ticket_id.with_context(lang=self.user_id.lang, tz=self.user_id.tz)
        _, who = ticket.env._, ticket._social_care_who()
        left = self.expires_at - fields.Datetime.now()
        return {
            "id": self.id,
            "title": _("Urgent: %(who)s", who=who)
            if self.on_call
            else _("For you: %(who)s", who=who),
            "text": ticket._social_care_ring_text(),
            "deadline": fields.Datetime.to_string(ticket.social_deadline),
            "seconds": max(0, left.total_seconds()),
        }

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
        now = fields.Datetime.now()
        for ring in self:
            wait = (now - ring.rung_at) / timedelta(minutes=1)
            ring.write({"result": result, "answered_at": now, "wait_minutes": wait})
        self.flush_recordset(["result"])  # before the next one is rung: one rings at a time
        for ring in self:
            ring.user_id._bus_send("social_care.ring_ended", {"id": ring.id})
