from odoo import models

from .social_care_words import LEFT_OUT


class SocialCareMention(models.Model):
    """What the desk wrote about a customer goes with them: questions, reviews, notices."""

    _inherit = "social.care.mention"

    def _social_care_erase(self):
        result = super()._social_care_erase()
        questions = self.env["social.care.question"].sudo()
        questions.search([("mention_id", "in", self.ids)])._social_care_erase()
        return result


class SocialCareReply(models.Model):
    _inherit = "social.care.reply"

    def _social_care_erase(self):
        waiting = self.filtered(lambda reply: reply.state == "to_approve")
        self._forget_rejection()  # the activity has the note, too
        result = super()._social_care_erase()
        waiting._end_review("cancelled")
        self.filtered("deleted_reason").deleted_reason = LEFT_OUT
        return result


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _social_care_erase(self):
        result = super()._social_care_erase()
        # Who is rung, or told, reads the customer's name as well.
        notices = self.env["mail.message"].sudo()
        notices = notices.search(
            [
                ("model", "=", self._name),
                ("res_id", "in", self.ids),
                ("message_type", "=", "user_notification"),
            ]
        )
        notices.subject = False
        notices._social_care_erase()
        # What came of it stays; not the ticket elsewhere that would tell who it was.
        self.write({"social_outcome_evidence": False, "social_outcome_pending": False})
        return result


class SocialCareQuestion(models.Model):
    _inherit = "social.care.question"

    def _social_care_erase(self):
        """That somebody was asked stays, without what."""
        self._withdraw()
        self.write({"question": self.env._("Erased on request."), "answer": False})
        # Notices of the activities, and what was talked over here.
        messages = self.env["mail.message"].sudo()
        messages.search([("model", "=", self._name), ("res_id", "in", self.ids)]).unlink()
        notes = [("social_mention_id", "in", self.mention_id.ids), ("author_id", "!=", False)]
        messages.search(notes)._social_care_erase()
