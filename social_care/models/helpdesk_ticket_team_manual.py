from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .social_care_roles import AGENT

MANUAL_ACTION = "/odoo/action-social_care.helpdesk_ticket_team_manual_action"


class HelpdeskTicketTeam(models.Model):
    """The team's manual: how we speak, what we promise, whom to ask. A page here, or an address."""

    _inherit = "helpdesk.ticket.team"

    # Teams are read in the portal as well: how we speak of customers is not for them.
    # Nor copied: who duplicates a team may be without the role.
    social_manual = fields.Html(string="Manual", copy=False, groups=AGENT)
    social_manual_url = fields.Char(
        string="Address of the manual",
        copy=False,
        groups=AGENT,
        help="Where the manual is kept elsewhere: https://… It opens in place of the page here.",
    )

    @api.constrains("social_manual_url")
    def _check_social_manual_url(self):
        for team in self:
            if team.social_manual_url and not team.social_manual_url.startswith("https://"):
                raise ValidationError(
                    self.env._("The address of the manual begins with https://. Copy it whole.")
                )

    def _social_care_manual_url(self):
        """Where the manual opens, in a tab of its own; "" without one."""
        if self.social_manual_url:
            return self.social_manual_url
        return f"{MANUAL_ACTION}/{self.id}" if self.social_manual else ""


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    social_manual_url = fields.Char(
        string="Manual", compute="_compute_social_manual_url", groups=AGENT
    )

    @api.depends("team_id.social_manual", "team_id.social_manual_url")
    def _compute_social_manual_url(self):
        for ticket in self:
            ticket.social_manual_url = ticket.team_id.sudo()._social_care_manual_url()

    def action_social_manual(self):
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": self.social_manual_url, "target": "new"}
