from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .social_care_intent import INTENTS

# What a change of moves deadlines that were promised.
DECIDING = {
    "active",
    "company_id",
    "team_ids",
    "category_ids",
    "tag_ids",
    "days",
    "domain",
    "hours",
    "ignore_stage_ids",
    "social_target",
    "social_minutes",
    "social_intent",
    "social_channel_ids",
}


class HelpdeskSla(models.Model):
    _inherit = "helpdesk.sla"

    social_target = fields.Selection(
        [
            ("stage", "Stage reached"),
            ("first_response", "First response"),
            ("next_response", "Next response"),
        ],
        string="Promise",
        default="stage",
        required=True,
        help="“Stage reached” is the helpdesk's own target. The responses are promises to "
        "customers on social networks: the clock starts when they post and stops at an answer.",
    )
    social_minutes = fields.Integer(string="Minutes")
    social_intent = fields.Selection(
        INTENTS,
        string="Message type",
        help="Leave empty for all.",
    )
    social_channel_ids = fields.Many2many(
        "helpdesk.ticket.channel",
        string="Channels",
        groups="base.group_user",  # in the portal nobody reads channels
        help="Leave empty for all.",
    )

    @api.constrains("social_target", "days", "hours", "social_minutes")
    def _check_social_time(self):
        for policy in self.filtered(lambda item: item.social_target != "stage"):
            if policy.days < 0 or policy.hours < 0 or policy.social_minutes < 0:
                raise ValidationError(self.env._("A promise cannot be due before it starts."))
            if not (policy.days or policy.hours or policy.social_minutes):
                raise ValidationError(
                    self.env._(
                        "“%(policy)s” promises an answer in zero time. Enter days, hours or minutes.",
                        policy=policy.name,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & DECIDING:
            self.env["helpdesk.ticket.sla"]._social_care_mark([("sla_id", "in", self.ids)])
        return result

    def _social_care_hours(self, calendar):
        """The promised time in working hours; a day is the calendar's average day."""
        self.ensure_one()
        return self.days * calendar.hours_per_day + self.hours + self.social_minutes / 60

    def _social_care_applies(self, ticket):
        """Whether this response promise is given for a ticket."""
        self.ensure_one()
        return (
            self.company_id in (self.company_id.browse(), ticket.company_id)
            and self.social_intent in (False, ticket.social_intent)
            and (not self.social_channel_ids or ticket.channel_id in self.social_channel_ids)
        )
