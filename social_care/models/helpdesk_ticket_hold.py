from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

HOLD_FIELDS = {"social_legal_hold", "social_legal_hold_reason"}


class HelpdeskTicket(models.Model):
    """Legal hold: while there is a dispute, nothing that was said here goes away."""

    _inherit = "helpdesk.ticket"

    social_legal_hold = fields.Boolean(
        string="Legal hold",
        readonly=True,
        copy=False,
        tracking=True,
        help="What the customer wrote stays, though they delete it, its time is over, or "
        "somebody asks to erase it, until a manager releases it.",
    )
    social_legal_hold_reason = fields.Char(string="Why held", readonly=True, copy=False)

    @api.model
    def _check_social_fields(self, vals):
        if not self.env.su and HOLD_FIELDS & set(vals):
            raise AccessError(
                self.env._(
                    "A manager sets or releases a legal hold by the ticket's button, with a reason."
                )
            )
        return super()._check_social_fields(vals)

    def action_social_hold(self):
        """Ask why the ticket is held, or released."""
        self._social_care_check_holding()
        release = bool(self.env.context.get("default_release"))
        return self.env["social.care.hold"]._get_records_action(
            name=self.env._("Release the legal hold") if release else self.env._("Legal hold"),
            target="new",
            context={"default_ticket_ids": self.ids, "default_release": release},
        )

    def _social_care_check_holding(self):
        if not self.env.user.has_group("social_care.social_care_group_manager"):
            raise AccessError(self.env._("A legal hold takes the social care manager role."))
        self.check_access("write")
        if not all(ticket.sudo().social_account_id for ticket in self):
            raise UserError(self.env._("Only tickets from social networks can be held."))

    def _social_care_hold(self, reason):
        self._social_care_log_hold(self.env._("Why it is held: %(reason)s", reason=reason))
        self.write({"social_legal_hold": True, "social_legal_hold_reason": reason})

    def _social_care_release(self, reason):
        """End the hold; what was due meanwhile happens as soon as the queue runs."""
        self._social_care_log_hold(self.env._("Why it is released: %(reason)s", reason=reason))
        self.write({"social_legal_hold": False, "social_legal_hold_reason": False})
        for mention in self.social_mention_ids.filtered("context"):
            mention.context = mention.context  # writing leaves out what went elsewhere meanwhile
        self.social_mention_ids._wake("social_care.ir_cron_retain")

    def _social_care_log_hold(self, text):
        self._track_set_log_message(Markup("<p>%s</p>") % text)

    def _social_care_pass_hold(self, target):
        """Messages of these tickets moved: a held one's are held on the other ticket as well."""
        held = self.filtered("social_legal_hold")
        if held and target - held:
            (target - held).sudo()._social_care_hold(held[0].social_legal_hold_reason)

    def _social_care_check_not_held(self):
        """:raises UserError: naming the tickets whose words must stay"""
        held = self.filtered("social_legal_hold")
        if held:
            raise UserError(
                self.env._(
                    "Nothing was erased: a legal hold keeps %(tickets)s. "
                    "Erase it after a manager has released the hold.",
                    tickets=", ".join(sorted(held.mapped("number"))),
                )
            )
