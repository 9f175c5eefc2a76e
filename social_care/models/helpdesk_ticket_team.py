from odoo import api, fields, models

from .social_care_roles import AGENT

JOIN_HOURS = 24
REOPEN_DAYS = 7


class HelpdeskTicketTeam(models.Model):
    _inherit = "helpdesk.ticket.team"

    social_join_hours = fields.Integer(
        string="Join within",
        default=JOIN_HOURS,
        help="A customer's new message joins their open ticket when that moved within so many "
        "hours. In the same thread or in private it always joins.",
    )
    social_reopen_days = fields.Integer(
        string="Reopen within",
        default=REOPEN_DAYS,
        help="A customer who writes again within so many days reopens their last ticket.",
    )
    social_stage_mails = fields.Boolean(
        string="Stage e-mails for social tickets",
        help="Send the helpdesk's stage e-mails for tickets from social networks too, "
        "when a person moves them and the customer has an address.",
    )
    social_account_line_ids = fields.One2many(
        "social.care.account.team",
        "team_id",
        string="Social accounts",
        groups=AGENT,
    )
    social_warning = fields.Char(
        string="Warning",
        compute="_compute_social_warning",
        groups=AGENT,
    )

    @api.depends("social_account_line_ids", "use_sla", "resource_calendar_id", "user_ids")
    def _compute_social_warning(self):
        for team in self:
            team.social_warning = bool(team.social_account_line_ids) and team._get_social_warning()

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        if teams.user_ids:
            self._social_care_forget_members()
        return teams

    def write(self, vals):
        result = super().write(vals)
        if {"resource_calendar_id", "use_sla"} & vals.keys():
            clocks = self.env["helpdesk.ticket.sla"]
            clocks._social_care_mark([("ticket_id.team_id", "in", self.ids)])
        if "user_ids" in vals:
            self._social_care_forget_members()
        return result

    @api.model
    def _social_care_forget_members(self):
        """The helpdesk's record rules are cached with the list of a user's teams.

        Who left a team must not go on answering its customers.
        """
        self.env.registry.clear_cache()
        self.env["res.users"].invalidate_model(["helpdesk_team_ids"])

    def _get_social_warning(self):
        """Why this team's tickets from networks would get no deadline, or nobody would see them."""
        calendar = self._social_care_calendar()
        if not self.use_sla:
            return self.env._("“Use SLA” is off: tickets get no deadline.")
        if not calendar.attendance_ids and not calendar.flexible_hours:
            return self.env._(
                "The working hours “%(calendar)s” have no working time: tickets get no deadline.",
                calendar=calendar.name or "",
            )
        if not self.user_ids:
            return self.env._("The team has no members: nobody sees its tickets.")
        return False

    def _social_care_company(self):
        return self.company_id or self.env.company

    def _social_care_calendar(self, company=None):
        """The working hours the promises run in: the team's, else the company's."""
        company = company or self._social_care_company()
        return self.resource_calendar_id or company.resource_calendar_id

    def _social_care_tz(self, company=None):
        """Name of the zone whose clock these working hours follow."""
        # sudo: a zone is no secret
        return self._social_care_calendar(company).sudo().tz or "UTC"
