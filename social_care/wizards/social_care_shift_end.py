from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

CHOICES = [("keep", "Keep"), ("hand", "Hand over"), ("wait", "Remind me")]
BACK = [("shift", "On my next shift"), ("other", "At another time"), ("say", "When I say so")]


class SocialCareShiftEnd(models.TransientModel):
    """Before one goes home: what becomes of each open conversation. Then one is off."""

    _name = "social.care.shift.end"
    _description = "End of a shift"

    off_until = fields.Datetime(default=lambda self: self._default_off_until())
    back = fields.Selection(
        BACK,
        required=True,
        default="shift",
        help="Until then nothing rings you, and colleagues get your new conversations.",
    )
    back_at = fields.Datetime(default=lambda self: self._default_back_at())
    line_ids = fields.One2many("social.care.shift.end.line", "wizard_id", string="Conversations")
    choice = fields.Selection(CHOICES, string="All of them")
    colleague_id = fields.Many2one("res.users", string="All to")
    colleague_ids = fields.Many2many("res.users", compute="_compute_colleague_ids")

    @api.model
    def _default_off_until(self):
        until = self.env.user.sudo().social_off_until
        return until and until > fields.Datetime.now() and until

    @api.model
    def _default_back_at(self):
        user = self.env.user
        return user._social_care_back_at(user.sudo().helpdesk_team_ids | self._find_mine().team_id)

    @api.depends("line_ids.colleague_ids")
    def _compute_colleague_ids(self):
        for wizard in self:
            wizard.colleague_ids = wizard.line_ids.colleague_ids

    @api.onchange("back")
    def _onchange_back(self):
        if self.back != "other":
            self.back_at = self.back == "shift" and self._default_back_at()

    @api.onchange("choice", "colleague_id")
    def _onchange_all(self):
        for line in self.line_ids:
            line.choice = self.choice or line.choice
            # Not everybody is in every team.
            line.colleague_id = self.colleague_id & line.colleague_ids._origin

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if "line_ids" in fields:
            back_at = self._default_back_at()
            values["line_ids"] = [
                Command.create(
                    {
                        "ticket_id": ticket.id,
                        # Nobody is kept waiting only because a shift ends.
                        "choice": "hand" if ticket._social_care_runs_out(back_at) else "keep",
                    }
                )
                for ticket in self._find_mine()
            ]
        return values

    @api.model
    def _find_mine(self):
        return self.env["helpdesk.ticket"].search(
            [
                ("user_id", "=", self.env.uid),
                ("social_account_id", "!=", False),
                ("closed", "=", False),
            ],
            order="social_deadline, social_severe desc, social_waiting_since, id",
        )

    def action_apply(self):
        """Do what each line says; what somebody took meanwhile is theirs."""
        self.ensure_one()
        if self.back_at and self.back_at <= fields.Datetime.now():
            raise UserError(self.env._("Choose a time in the future to be back at."))
        # Nothing more is given to who is about to leave.
        self.env.user.sudo().helpdesk_team_ids._social_care_claim_people()
        lines = self.line_ids.filtered(
            lambda line: line.ticket_id.user_id == self.env.user and not line.ticket_id.closed
        )
        lines.ticket_id.check_access("write")
        lines._check_colleagues()
        lines._post_notes()
        handed = lines.filtered(lambda line: line.choice == "hand")
        lines.filtered(lambda line: line.choice == "wait")._remind()
        # To nobody: then whoever is free is found.
        for colleague, to_one in handed.grouped("colleague_id").items():
            to_one.ticket_id.user_id = colleague
        # What came while the dialog was open: as it would have proposed.
        came = (self._find_mine() - self.line_ids.ticket_id).filtered(
            lambda ticket: ticket._social_care_runs_out(self.back_at)
        )
        came.user_id = False
        # Who goes home is asked no more: the next one is.
        rings = self.env["social.care.ring"]
        for ring in rings.search([("user_id", "=", self.env.uid), ("result", "=", False)]):
            ring.action_pass()
        self.env.user._social_care_end_shift(self.back_at)
        message = self.env._(
            "%(handed)s handed over, %(kept)s stay yours. Have a good rest!",
            handed=len(handed) + len(came),
            kept=len(lines - handed),
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message if lines or came else self.env._("Have a good rest!"),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_back(self):
        """I am back: conversations come to me again."""
        self.env.user._social_care_come_back()
        return {"type": "ir.actions.client", "tag": "soft_reload"}


class SocialCareShiftEndLine(models.TransientModel):
    """One open conversation at the end of a shift."""

    _name = "social.care.shift.end.line"
    _description = "Open conversation at the end of a shift"

    wizard_id = fields.Many2one("social.care.shift.end", required=True, ondelete="cascade")
    ticket_id = fields.Many2one("helpdesk.ticket", required=True, ondelete="cascade")
    social_author_id = fields.Many2one(
        "social.care.author", string="Customer", compute="_compute_ticket"
    )
    last_text = fields.Char(string="Last message", compute="_compute_ticket")
    deadline = fields.Datetime(string="Answer by", compute="_compute_ticket")
    runs_out = fields.Boolean(string="Due before you are back", compute="_compute_ticket")
    choice = fields.Selection(CHOICES, required=True, default="keep")
    colleague_id = fields.Many2one("res.users", string="To")
    colleague_ids = fields.Many2many("res.users", compute="_compute_colleague_ids")
    note = fields.Char(help="Colleagues read it in the chatter, the customer does not.")

    @api.depends("ticket_id", "wizard_id.back_at")
    def _compute_ticket(self):
        # Whatever ticket a line is made for: its user sees what they may read.
        readable = self.ticket_id._origin._filtered_access("read")
        for line in self:
            ticket = line.ticket_id._origin & readable
            line.social_author_id = ticket.social_author_id
            line.last_text = ticket.social_last_text
            line.deadline = ticket.social_deadline
            line.runs_out = ticket._social_care_runs_out(line.wizard_id.back_at)

    @api.depends("ticket_id")
    def _compute_colleague_ids(self):
        now = fields.Datetime.now()
        there = {
            team: team._social_care_on_shift(
                team._social_care_answering(team.user_ids) - self.env.user, now
            )
            for team in self.ticket_id.team_id
        }
        for line in self:
            line.colleague_ids = there.get(line.ticket_id.team_id)

    def _check_colleagues(self):
        for line in self.filtered(lambda line: line.choice == "hand" and line.colleague_id):
            if line.colleague_id not in line.colleague_ids:
                raise UserError(
                    self.env._(
                        "%(who)s is not on shift for %(team)s. Choose somebody else, or leave it "
                        "to whoever is free.",
                        who=line.colleague_id.name,
                        team=line.ticket_id.team_id.name,
                    )
                )

    def _post_notes(self):
        for line in self.filtered("note"):
            to = line.colleague_id if line.choice == "hand" else line.colleague_id.browse()
            line.ticket_id.message_post(
                body=line.note, subtype_xmlid="mail.mt_note", partner_ids=to.partner_id.ids
            )

    def _remind(self):
        """An activity on the day one is back.

        Not a waiting stage: that pauses promises, also where the customer waits for us.
        """
        back_at = self.wizard_id.back_at or fields.Datetime.now() + timedelta(days=1)
        self.ticket_id.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=fields.Datetime.context_timestamp(self, back_at).date(),
            summary=self.env._("Go on with this conversation"),
            user_id=self.env.uid,
        )
