from datetime import datetime, time, timedelta

from markupsafe import Markup
from pytz import timezone

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.res_partner import _tz_get

from ..models.social_care_acknowledge_words import PLACEHOLDER, TEXTS, pick_text, say_when
from ..models.social_care_times import to_local

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COMPLAINT_HOURS = 4


class SocialCareSolo(models.TransientModel):
    """For a small company: hours, one agent, one phone for emergencies. Makes plain records to edit."""

    _name = "social.care.solo"
    _description = "One-person set-up"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        string="Who answers",
        required=True,
        default=lambda self: self.env.user,
        # Who may not answer cannot be the one who does.
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("social_care.social_care_group_agent").ids)
        ],
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', [company_id, False])]",
        help="Empty: a new one is made.",
    )
    account_ids = fields.Many2many(
        "social.care.account",
        string="Accounts",
        default=lambda self: self.env["social.care.account"].search(
            [("company_id", "=", self.env.company.id)]
        ),
        domain="[('company_id', '=', company_id)]",
        help="Their new messages come to this person.",
    )
    tz = fields.Selection(
        _tz_get, string="Time zone", required=True, default=lambda self: self._default_tz()
    )
    mon = fields.Boolean(default=True)
    tue = fields.Boolean(default=True)
    wed = fields.Boolean(default=True)
    thu = fields.Boolean(default=True)
    fri = fields.Boolean(default=True)
    sat = fields.Boolean()
    sun = fields.Boolean()
    morning_from = fields.Float(string="Morning", default=9)
    morning_to = fields.Float(default=13)
    afternoon_from = fields.Float(string="Afternoon", default=14)
    afternoon_to = fields.Float(default=18)
    answer_days = fields.Integer(string="Answers within", default=1)
    complaint_hours = fields.Integer(string="Complaints within", default=COMPLAINT_HOURS)
    expected = fields.Char(string="What customers expect", compute="_compute_expected")
    phone = fields.Char(
        string="Phone for emergencies",
        compute="_compute_phone",
        store=True,
        readonly=False,
        help="Shown to colleagues who look for help with something severe.",
    )
    morning_summary = fields.Boolean(string="One summary each morning", default=True)
    acknowledge = fields.Boolean(
        string="Acknowledge in closed hours",
        default=True,
        help="Whoever writes while you are closed is told when an answer will come. "
        "It is sent automatically.",
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.model
    def _default_tz(self):
        return self.env.user.tz or self.env.company.resource_calendar_id.tz or "UTC"

    @api.depends("user_id", "company_id")
    def _compute_team_id(self):
        teams = self.env["helpdesk.ticket.team"]
        for form in self:
            mine = teams.search(
                [("user_ids", "=", form.user_id.id), ("company_id", "=", form.company_id.id)]
            )
            form.team_id = mine.filtered(lambda team: len(team.user_ids) == 1)[:1]

    @api.depends("user_id")
    def _compute_phone(self):
        for form in self:
            form.phone = form.user_id.phone

    @api.depends("company_id")
    def _compute_expected(self):
        networks = self.env["social.care.account"]._get_network_classes().values()
        self.expected = ", ".join(
            self.env._(
                "%(network)s %(hours)s h", network=cls.name, hours=cls.recommended_minutes // 60
            )
            for cls in sorted(networks, key=lambda cls: cls.name)
            if cls.supports_publish
        ) + self.env._("; a complaint 1 h")

    @api.depends(
        *DAYS, "tz", "morning_from", "morning_to", "afternoon_from", "afternoon_to", "company_id"
    )
    def _compute_preview(self):
        for form in self:
            form.preview = form._get_preview(fields.Datetime.now())

    def _get_preview(self, now):
        """What whoever writes tonight at ten would be told, in each language we have words in."""
        zone = timezone(self.tz or "UTC")
        night = zone.localize(datetime.combine(to_local(now, zone).date(), time(22)))
        opening = next(
            (
                zone.localize(datetime.combine(day, time()) + timedelta(hours=start))
                for day in (night.date() + timedelta(days=number) for number in range(1, 8))
                if self[DAYS[day.weekday()]]
                for start, _end in self._get_shifts()
            ),
            None,
        )
        if not opening:
            return False
        texts = ((pick_text(TEXTS["closed"], [lang]), lang) for lang in TEXTS["closed"])
        return Markup("").join(
            Markup("<div>%s</div>")
            % text.replace(PLACEHOLDER, say_when("closed", opening, night, lang))
            for (text, _found), lang in texts
        )

    def action_apply(self):
        """Make or change the working hours, the team, its promises and its accounts."""
        self.ensure_one()
        self._check_hours()
        team = self.team_id or self.env["helpdesk.ticket.team"].create(
            {"name": self.env._("Customer care"), "company_id": self.company_id.id}
        )
        team.write(
            {
                "user_ids": [Command.set(self.user_id.ids)],
                "user_id": self.user_id.id,
                "use_sla": True,
                "resource_calendar_id": self._save_calendar(team).id,
                "social_on_call_ids": [
                    Command.clear(),
                    Command.create({"user_id": self.user_id.id, "phone": self.phone}),
                ],
                "social_morning_summary": self.morning_summary,
                "social_ack_closed": self.acknowledge,
            }
        )
        self._save_promises(team)
        self._save_accounts(team)
        return team._get_records_action(context={})

    def _check_hours(self):
        if not any(self[day] for day in DAYS):
            raise UserError(self.env._("Choose at least one day on which you answer."))
        if not self._get_shifts():
            raise UserError(self.env._("Enter the hours in which you answer."))
        times = [moment for shift in self._get_shifts() for moment in shift]
        if times != sorted(times) or times[-1] > 24:
            raise UserError(self.env._("The hours overlap or run backwards. Check them."))
        if self.answer_days < 1 or self.complaint_hours < 1:
            raise UserError(self.env._("A promise takes at least an hour, or a day."))

    def _get_shifts(self):
        """Hours of a day as (from, to); one that is empty is left out."""
        shifts = [
            (self.morning_from, self.morning_to),
            (self.afternoon_from, self.afternoon_to),
        ]
        return [shift for shift in shifts if shift[0] != shift[1]]

    def _prepare_calendar(self):
        return {
            "name": self.env._("Working hours of %(who)s", who=self.user_id.name),
            "tz": self.tz,
            "company_id": self.company_id.id,
            "attendance_ids": [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "name": f"{start:g}–{end:g}",
                            "dayofweek": str(number),
                            "day_period": "morning" if end <= 14 else "afternoon",
                            "hour_from": start,
                            "hour_to": end,
                        }
                    )
                    for number, day in enumerate(DAYS)
                    if self[day]
                    for start, end in self._get_shifts()
                ),
            ],
        }

    def _save_calendar(self, team):
        """The calendar of this team alone, changed; one that others use stays as it is.

        Odoo leaves working hours to administrators; whoever sets promises sets their hours here.
        """
        calendar_sudo = team.resource_calendar_id.sudo()
        values = self._prepare_calendar()
        if calendar_sudo.name == values["name"] and not self._is_shared(calendar_sudo, team):
            calendar_sudo.write(values)
            return calendar_sudo
        return calendar_sudo.create(values)

    def _is_shared(self, calendar_sudo, team):
        """Whether anybody else works by these hours."""
        used = [("resource_calendar_id", "=", calendar_sudo.id)]
        return bool(
            self.env["helpdesk.ticket.team"].sudo().search_count([*used, ("id", "!=", team.id)])
            or self.env["res.company"].sudo().search_count(used)
            or self.env["resource.resource"]
            .sudo()
            .search_count([("calendar_id", "=", calendar_sudo.id)])
        )

    def _save_promises(self, team):
        """Two policies: for everything, and the stricter one for complaints."""
        policies = self.env["helpdesk.sla"]
        for intent, name, span in (
            (False, self.env._("First response"), {"days": self.answer_days, "hours": 0}),
            (
                "complaint",
                self.env._("First response to complaints"),
                {"days": 0, "hours": self.complaint_hours},
            ),
        ):
            values = {"social_minutes": 0, **span}
            known = policies.search(
                [
                    ("social_target", "=", "first_response"),
                    ("team_ids", "=", team.id),
                    ("social_intent", "=", intent),
                    ("social_channel_ids", "=", False),
                ],
                limit=1,
            )
            if known:
                known.write(values)
            else:
                policies.create(
                    {
                        "name": name,
                        "company_id": self.company_id.id,
                        "team_ids": [Command.set(team.ids)],
                        "social_target": "first_response",
                        "social_intent": intent,
                        **values,
                    }
                )

    def _save_accounts(self, team):
        missing = self.account_ids.filtered(lambda one: team not in one.team_line_ids.team_id)
        self.env["social.care.account.team"].create(
            [{"account_id": account.id, "team_id": team.id, "sequence": 0} for account in missing]
        )
