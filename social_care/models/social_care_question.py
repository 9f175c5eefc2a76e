from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .social_care_roles import AGENT

ASKED = "social_care.mail_activity_type_question"


class SocialCareQuestion(models.Model):
    """One question to a colleague about a customer's matter.

    Who is asked may be anybody inside: they read this row alone, neither the ticket nor its
    messages, and answer here. Its text can then be sent to the customer.
    """

    _name = "social.care.question"
    _description = "Question to a colleague"
    _inherit = ["mail.thread", "mail.activity.mixin", "social.care.export"]
    _order = "id desc"
    _rec_name = "question"

    # What leads further than the quote is for those who may go there.
    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
        groups=AGENT,
    )
    mention_id = fields.Many2one(
        "social.care.mention",
        string="Message asked about",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        groups=AGENT,
    )
    reply_id = fields.Many2one(
        "social.care.reply",
        string="Sent as",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        groups=AGENT,
    )
    reply_state = fields.Selection(
        related="reply_id.state",
        string="State of the answer sent",
        groups=AGENT,
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Team asked",
        readonly=True,
        groups=AGENT,
    )
    company_id = fields.Many2one(related="ticket_id.company_id", store=True)
    # Not copied: it changes and goes with the customer's own.
    quote = fields.Text(string="The customer wrote", related="mention_id.body")
    customer_name = fields.Char(string="Customer", related="mention_id.author_id.name")
    asker_id = fields.Many2one(
        "res.users", string="Asked by", required=True, readonly=True, ondelete="restrict"
    )
    user_ids = fields.Many2many("res.users", string="Asked", readonly=True)
    question = fields.Text(required=True, readonly=True)
    deadline = fields.Datetime(string="Answer by", readonly=True)
    answer = fields.Text()
    state = fields.Selection(
        [("open", "Open"), ("answered", "Answered"), ("withdrawn", "Withdrawn")],
        default="open",
        required=True,
        readonly=True,
    )
    answered_at = fields.Datetime(string="Answered on", readonly=True)
    answered_by_id = fields.Many2one("res.users", string="Answered by", readonly=True)
    asked_names = fields.Char(compute="_compute_asked_names")
    is_asked = fields.Boolean(compute="_compute_is_asked")

    @api.depends("user_ids")
    def _compute_asked_names(self):
        for question in self:
            # sudo: the names of colleagues
            question.asked_names = ", ".join(question.sudo().user_ids.mapped("name"))

    @api.depends("user_ids", "state")
    @api.depends_context("uid")
    def _compute_is_asked(self):
        for question in self:
            question.is_asked = question.state == "open" and self.env.user in question.user_ids

    def write(self, vals):
        if not self.env.su:
            if set(vals) - {"answer"}:
                raise AccessError(self.env._("Only the answer to a question can be written."))
            self._check_asked()
        return super().write(vals)

    # -- Who is asked -----------------------------------------------------------

    def action_answer(self):
        """Give the answer to who asked; the customer reads it once they send it."""
        self.ensure_one()
        self._check_asked()
        if not (self.answer or "").strip():
            raise UserError(self.env._("Write your answer first."))
        # sudo: ticket and activities are not theirs who answer
        question_sudo = self.sudo()
        question_sudo.write(
            {
                "state": "answered",
                "answered_at": fields.Datetime.now(),
                "answered_by_id": self.env.uid,
            }
        )
        question_sudo.activity_unlink([ASKED])
        question_sudo.ticket_id._social_care_note_helped(question_sudo)
        return {"type": "ir.actions.act_window_close"}

    def _check_asked(self):
        self.check_access("write")
        if any(question.state != "open" for question in self):
            raise UserError(self.env._("This question is no longer open."))
        if any(self.env.user not in question.user_ids for question in self):
            raise AccessError(self.env._("Only who was asked can answer."))

    def _ask(self):
        """Put it among the activities of those who are asked."""
        for question in self:
            for user in question.user_ids:
                theirs = question.with_context(tz=user.tz)
                day = fields.Datetime.context_timestamp(theirs, question.deadline).date()
                # Who may read the ticket is mentioned there.
                told = question.ticket_id.with_user(user).has_access("read")
                question.with_context(mail_activity_quick_update=told).activity_schedule(
                    ASKED,
                    date_deadline=day,
                    summary=question.question.splitlines()[0][:80],
                    user_id=user.id,
                )

    # -- Who asked ----------------------------------------------------------------

    def action_withdraw(self):
        """It is no longer needed."""
        self.ticket_id._social_care_check_answering()
        if any(question.state != "open" for question in self):
            raise UserError(self.env._("This question is no longer open."))
        # sudo: activities are those of others
        self.sudo()._withdraw()
        return True

    def _withdraw(self):
        """Nobody has to answer what is still open. As superuser."""
        still_open = self.filtered(lambda question: question.state == "open")
        still_open.activity_unlink([ASKED])
        still_open.state = "withdrawn"

    def action_send(self):
        """Their text is the answer: send it, through all checks.

        Where the customer wrote since it was asked, it is read beside that first.
        """
        ticket, body = self._prepare_answer()
        mention = ticket.social_mention_ids[:1]
        if self.mention_id and mention != self.mention_id:
            return self.action_use()
        values = {"mention_id": mention.id, "body": body}
        possible = mention.sudo().account_id._get_visibilities(mention.sudo())
        if possible:
            values["visibility"] = possible[0]
        reply = self.env["social.care.reply"].create(values)
        # sudo: only the answer is written by people
        self.sudo().reply_id = reply
        return reply.action_send_wait()

    def action_use(self):
        """Open the reply dialog with their text."""
        ticket, body = self._prepare_answer()
        action = ticket.action_social_reply()
        action["res_id"] = False
        action["context"]["default_body"] = body
        return action

    def _prepare_answer(self):
        """The ticket, and their text as an answer has it."""
        self.ensure_one()
        ticket = self.ticket_id
        ticket._social_care_check_answering()
        if self.state != "answered":
            raise UserError(self.env._("Nobody has answered this question yet."))
        if self.reply_id and self.reply_state != "cancelled":
            raise UserError(self.env._("This has become an answer already."))
        mention = ticket.social_mention_ids[:1]
        return ticket, mention.sudo().account_id._get_opening_text(mention, self.answer.strip())
