from datetime import datetime

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.http import request


class HelpdeskTicket(models.Model):
    """Closing what nobody answered takes a reason; it never fails for want of one."""

    _inherit = "helpdesk.ticket"

    social_close_reason_id = fields.Many2one(
        "social.care.reason",
        string="Closed without an answer",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Why the customer got no answer.",
    )
    social_ask_reason = fields.Boolean(compute="_compute_social_ask_reason")
    social_reopened_count = fields.Integer(
        string="Times reopened", readonly=True, copy=False, help="By the customer or by one of us."
    )

    @api.depends("social_close_reason_id")
    def _compute_social_ask_reason(self):
        default = self._social_care_default_reason()
        for ticket in self:
            reason = ticket.social_close_reason_id
            ticket.social_ask_reason = bool(reason) and reason == default

    def action_social_close(self):
        """Ask why these tickets need no answer, once for all, and close them."""
        self.check_access("write")
        if not self.env.user.has_group("social_care.social_care_group_agent"):
            raise AccessError(
                self.env._("Closing without an answer takes the social care agent role.")
            )
        return self.env["social.care.close"]._get_records_action(
            name=self.env._("Close without an answer"),
            target="new",
            context={"default_ticket_ids": self.ids},
        )

    def _social_care_default_reason(self):
        return (
            self.env.ref("social_care.reason_unanswered", raise_if_not_found=False)
            or self.env["social.care.reason"].browse()
        )

    def _social_care_closed(self):
        """These tickets were closed, in whatever way: who waited gets no answer any more."""
        # An answer on its way stops the clock when it is sent.
        tickets = self.sudo().filtered(lambda ticket: not ticket._social_care_answers_under_way())
        if not tickets:
            return
        tickets.ticket_sla_ids._social_care_open()._social_care_cancel()
        unanswered = tickets.filtered("social_waiting_since")
        if not unanswered:
            return
        default = tickets._social_care_default_reason()
        chosen = self.env.context.get("social_care_close") or {}
        given = default.browse(chosen.get("reason_id")).exists()
        unanswered.social_waiting_since = False
        unanswered._social_care_set_reason(given or default, chosen.get("note"))
        if not given:
            unanswered._social_care_ask_reason()

    def _social_care_answers_under_way(self):
        return self.social_reply_ids.filtered(
            lambda reply: (
                reply.kind == "answer"
                and reply.state in ("to_approve", "queued", "sending", "unconfirmed")
            )
        )

    def _social_care_answered_after_all(self):
        """An answer came to light, or was given, after the closing: the promise counts again."""
        last = self._social_care_last_ended()
        last._social_care_revive()
        self.write(
            {"social_close_reason_id": False, "social_waiting_since": last.social_started_at}
        )

    def _social_care_last_ended(self):
        """Each ticket's last clock that ended without an answer."""
        clocks = self.ticket_sla_ids._social_care_ended().sorted("social_started_at")
        return clocks.browse(rows[-1:].id for rows in clocks.grouped("ticket_id").values())

    def _social_care_set_reason(self, reason, note=""):
        """Keep why there was no answer, and tell it in the chatter."""
        self.social_close_reason_id = reason
        self._social_care_last_ended()._social_care_excuse(reason.nobody_waited)
        default = self._social_care_default_reason()
        bodies = {}
        for ticket in self:
            local = ticket._social_care_in_its_language()
            title = local.env._("Closed without an answer")
            why = "" if reason == default else reason.with_env(local.env).name
            bodies[ticket.id] = Markup("<p><strong>%s</strong> %s</p>%s") % (
                title,
                why,
                self._social_care_to_html(note) if note else "",
            )
        self._message_log_batch(bodies)

    def _social_care_ask_reason(self):
        """Ask the person who dragged them to Done, afterwards: one dialog for all."""
        user = self.env.user
        if request and user.has_group("social_care.social_care_group_agent"):
            user._bus_send("social_care.ask_reason", {"ticket_ids": self.ids})

    def _social_care_reopened(self):
        """Who was closed without an answer waits again, since they wrote."""
        for ticket in self.sudo():
            ticket.social_close_reason_id = False
            ticket.social_reopened_count += 1
            if ticket.social_waiting_since:
                continue  # they wrote again: the wait began with that
            run = ticket._social_care_find_run(datetime.min)
            answered_at = ticket._social_care_last_answer()
            if answered_at:
                run = run.filtered(lambda item, at=answered_at: item._get_clock_start() > at)
            if run:
                ticket.social_waiting_since = run[0]._get_clock_start()
                ticket._social_care_restart_clock(run[0])

    def _social_care_restart_clock(self, mention):
        """Let the clock go on that closing had ended, else give a new promise."""
        ended = self.ticket_sla_ids._social_care_ended().filtered(
            lambda row: row.social_started_at == self.social_waiting_since
        )[:1]
        if not ended:
            self._social_care_start_clock(mention)
            return
        ended._social_care_revive()
        ended._social_care_replan(choose=True, note=False)
