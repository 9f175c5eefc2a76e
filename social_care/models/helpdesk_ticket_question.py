from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from .social_care_reply_ways import GIVEN
from .social_care_roles import AGENT


class HelpdeskTicket(models.Model):
    """Help from a colleague: who is asked, what they said."""

    _inherit = "helpdesk.ticket"

    social_question_ids = fields.One2many(
        "social.care.question",
        "ticket_id",
        string="Questions to colleagues",
        readonly=True,
        groups=AGENT,
    )
    social_shown_question_ids = fields.Many2many(
        "social.care.question",
        string="Asked",
        compute="_compute_social_shown_question_ids",
        groups=AGENT,
        help="Open questions, and answers that nobody has used yet.",
    )

    @api.depends(
        "social_question_ids.state", "social_question_ids.reply_id", "social_reply_ids.state"
    )
    def _compute_social_shown_question_ids(self):
        for ticket in self:
            answers = ticket.social_reply_ids.filtered(
                lambda reply: reply.kind == "answer" and reply.state in (*GIVEN, "to_approve")
            )
            last = max((reply.queued_at or reply.write_date for reply in answers), default=False)
            ticket.social_shown_question_ids = ticket.social_question_ids.filtered(
                lambda question, last=last: (
                    question.state == "open"
                    or (
                        question.state == "answered" and not (last and last >= question.answered_at)
                    )
                )
            )

    def action_social_ask(self):
        """Ask somebody who knows."""
        return self._social_care_open_ask(self.env._("Ask a colleague"))

    def _social_care_open_ask(self, title, **defaults):
        self.ensure_one()
        self._social_care_check_answering()
        return self.env["social.care.ask"]._get_records_action(
            name=title,
            target="new",
            context={
                "default_ticket_id": self.id,
                **{f"default_{name}": value for name, value in defaults.items()},
            },
        )

    def _social_care_ask(self, users, text, deadline, team=None):
        """Ask these people: a note that names them, and an activity for each.

        :param users: res.users, insiders of the ticket's company
        :param deadline: naive UTC
        :param team: helpdesk.ticket.team they are asked as
        :return: the social.care.question
        """
        self.ensure_one()
        self._social_care_check_answering()
        strangers = users.filtered(
            lambda user: user.share or not user.active or self.company_id not in user.company_ids
        )
        if strangers or not users:
            raise UserError(
                self.env._(
                    "Choose somebody who works for %(company)s.", company=self.company_id.name
                )
            )
        # sudo: nobody writes questions but through this
        questions_sudo = (
            self.env["social.care.question"]
            .sudo()
            .with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        )
        question = questions_sudo.create(
            {
                "ticket_id": self.id,
                "mention_id": self.social_mention_ids[:1].id,
                "asker_id": self.env.uid,
                "user_ids": users.ids,
                "team_id": team and team.id,
                "question": text.strip(),
                "deadline": deadline,
            }
        )
        question._ask()
        self._social_care_note_asked(question)
        return question

    def _social_care_question_deadline(self):
        """Half of the time that is left to the promise: naive UTC."""
        now = fields.Datetime.now()
        if not self.social_deadline:
            return now + timedelta(days=1)
        if self.social_deadline <= now:
            return now + timedelta(hours=1)
        return (now + (self.social_deadline - now) / 2).replace(microsecond=0)

    def _social_care_note_asked(self, question):
        """In the chatter, named; only who may read the ticket is sent there."""
        users = question.user_ids
        insiders = users.filtered(lambda user: self.with_user(user).has_access("read"))
        mention = Markup(
            '<a href="#" data-oe-model="res.partner" data-oe-id="%s" class="o_mail_redirect">@%s</a>'
        )
        names = Markup(", ").join(mention % (user.partner_id.id, user.name) for user in users)
        note = self.message_post(
            body=Markup("<p>%s</p>") % names + self._social_care_to_html(question.question),
            partner_ids=insiders.partner_id.ids,
            subtype_xmlid="mail.mt_note",
        )
        # sudo: what is asked of a customer goes when all that is kept of them goes
        note.sudo().social_mention_id = question.mention_id

    def _social_care_note_helped(self, question):
        """What the colleague said, told to who asked and to who has the ticket."""
        local = self._social_care_in_its_language()
        title = local.env._("Answer for a colleague")
        body = Markup("<p><strong>%s</strong></p>%s") % (
            title,
            self._social_care_to_html(question.answer),
        )
        # sudo: who answers may not be allowed on the ticket
        note = self.sudo().message_post(
            body=body,
            author_id=question.answered_by_id.partner_id.id,
            partner_ids=(question.asker_id | self.user_id).partner_id.ids,
            subtype_xmlid="mail.mt_note",
        )
        note.social_mention_id = question.mention_id
        _ = self.with_context(lang=question.asker_id.lang).env._
        question.asker_id._bus_send(
            "simple_notification",
            {
                "type": "info",
                "title": _("%(who)s answered", who=question.answered_by_id.name),
                "message": self.display_name,
            },
        )

    def _social_care_closed(self):
        # sudo: activities are those of others
        self.sudo().social_question_ids._withdraw()
        return super()._social_care_closed()

    def _social_care_carry_to(self, target):
        result = super()._social_care_carry_to(target)
        self.social_question_ids.write({"ticket_id": target.id})
        return result
