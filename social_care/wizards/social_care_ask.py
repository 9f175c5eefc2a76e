from odoo import api, fields, models
from odoo.exceptions import UserError


class SocialCareAsk(models.TransientModel):
    """Ask somebody who knows; or tell the customer first that the right person looks into it."""

    _name = "social.care.ask"
    _description = "Ask a colleague, pass on"

    ticket_id = fields.Many2one("helpdesk.ticket", required=True)
    pass_on = fields.Boolean()
    near_user_ids = fields.Many2many("res.users", compute="_compute_near_user_ids")
    anybody = fields.Boolean(
        string="From the whole company", help="Not only the team and who follows the ticket."
    )
    user_id = fields.Many2one("res.users", string="Whom")
    team_id = fields.Many2one(
        "helpdesk.ticket.team", string="or a team", help="Its leader is asked, else all of it."
    )
    question = fields.Text()
    deadline = fields.Datetime(
        string="Answer by",
        compute="_compute_deadline",
        compute_sudo=False,  # of a ticket that its reader may see
        store=True,
        readonly=False,
        help="Half of the time that is left to the promise.",
    )
    text = fields.Text(
        string="To the customer",
        compute="_compute_text",
        compute_sudo=False,
        store=True,
        readonly=False,
    )

    @api.depends("ticket_id")
    def _compute_near_user_ids(self):
        for wizard in self:
            wizard.ticket_id.check_access("read")
            # sudo: the names of colleagues
            ticket_sudo = wizard.ticket_id.sudo()
            team = ticket_sudo.team_id
            near = team.user_ids | team.user_id | ticket_sudo.message_partner_ids.user_ids
            wizard.near_user_ids = near.filtered("active").filtered(
                lambda user: not user.share and user != self.env.user
            )

    @api.depends("ticket_id")
    def _compute_deadline(self):
        for wizard in self:
            wizard.deadline = wizard.ticket_id._social_care_question_deadline()

    @api.depends("ticket_id", "pass_on")
    def _compute_text(self):
        for wizard in self:
            wizard.text = wizard.pass_on and wizard.ticket_id._social_care_holding_text()

    @api.constrains("ticket_id")
    def _check_ticket_id(self):
        """A dialog shows its ticket's title, to whom it may be shown."""
        # Constraints run as superuser.
        self.with_user(self.env.user).ticket_id.check_access("write")

    def action_apply(self):
        self.ensure_one()
        asks = self.user_id or self.team_id
        if not asks and not self.pass_on:
            raise UserError(self.env._("Choose whom to ask."))
        if asks and not (self.question or "").strip():
            raise UserError(self.env._("Write your question."))
        if self.pass_on:
            self.ticket_id._social_care_pass_on(self.text or "")
        if asks:
            # sudo: who leads a team is no secret
            team = self.team_id.sudo()
            users = self.user_id or team.user_id or team.user_ids
            self.ticket_id._social_care_ask(
                users.sudo(False),
                self.question,
                self.deadline or self.ticket_id._social_care_question_deadline(),
                team=not self.user_id and team,
            )
        return {"type": "ir.actions.act_window_close"}
