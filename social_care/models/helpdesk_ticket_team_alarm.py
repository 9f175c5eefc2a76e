from odoo import fields, models

LATE = "social_care.mail_activity_type_late"
WARN_SHARE = 75  # per cent of a promise's time, also where a ticket has no team


class HelpdeskTicketTeam(models.Model):
    """When a team is warned of a promise, and what becomes of a late ticket."""

    _name = "helpdesk.ticket.team"
    _inherit = ["helpdesk.ticket.team", "mail.activity.mixin"]

    social_warn_share = fields.Integer(
        string="Warn after",
        default=WARN_SHARE,
        help="Share of a promise's working time after which whoever holds the ticket is told. "
        "100: only at the deadline.",
    )
    social_breach_assign = fields.Selection(
        [
            ("keep", "Stays where it is"),
            ("leader", "Goes to the team leader"),
            ("nobody", "Becomes free"),
        ],
        string="A late ticket",
        default="keep",
        required=True,
    )
    social_breach_raise = fields.Boolean(
        string="Raise its priority", help="A late ticket gets the highest priority."
    )

    _social_warn_share_range = models.Constraint(
        "CHECK (social_warn_share BETWEEN 1 AND 100)",
        "Warn after 1 to 100 % of the time.",
    )

    def _social_care_set_late_activity(self, user, count):
        """Have this person's activity tell how many answers are late."""
        self.ensure_one()
        known = self.activity_search([LATE], user_id=user.id)
        if not count:
            known.unlink()
            return
        local = self.with_context(lang=user.lang, mail_activity_quick_update=True)
        summary = local.env._("Late answers: %(count)s", count=count)
        if known:
            known[0].summary = summary
        elif self.with_user(user).has_access("read"):
            self._social_care_claim_people()  # one activity, of however many who hand over at once
            local.activity_schedule(LATE, summary=summary, user_id=user.id)
