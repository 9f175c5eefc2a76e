from odoo import api, models

from .social_care_roles import REVIEWER

APPROVE = "social_care.mail_activity_type_approve"


def find_reviewers(company, author):
    """The active reviewers of a company, without who wrote what they are to read."""
    reviewers = company.env.ref(REVIEWER).sudo().all_user_ids
    return reviewers.filtered(
        lambda user: (
            user.active and not user.share and user != author and company in user.company_ids
        )
    )


class SocialCareReply(models.Model):
    """Who may approve an answer, and who of them is told that it waits."""

    _inherit = "social.care.reply"

    def _get_reviewers(self):
        """Who may approve: active reviewers who may send on this ticket, without the author."""
        self.ensure_one()
        reply_sudo = self.sudo()
        people = find_reviewers(reply_sudo.company_id, reply_sudo.user_id)
        return people.filtered(reply_sudo._may_be_sent_by)

    def _tell_reviewers(self):
        """Those named by the rules and the team's leader, else its reviewers, else anybody."""
        self.ticket_id._social_care_claim()  # each is told once, of however many at once
        for reply in self:
            ticket = reply.ticket_id
            reviewers = reply._get_reviewers()
            named = (ticket.social_reviewer_ids | ticket.team_id.user_id) & reviewers
            asked = named or reviewers & ticket.team_id.user_ids or reviewers[:1]
            told = ticket.activity_search([APPROVE]).user_id
            for user in asked - told:
                ticket.activity_schedule(APPROVE, user_id=user.id)

    def _social_care_erase(self):
        result = super()._social_care_erase()
        self.ticket_id._social_care_forget_reviewers()
        return result


class HelpdeskTicket(models.Model):
    """An answer that waits is told to those who may approve it, whoever comes and goes."""

    _inherit = "helpdesk.ticket"

    def write(self, vals):
        result = super().write(vals)
        if "team_id" in vals:
            self.sudo()._social_care_tell_reviewers_anew()
        return result

    @api.model
    def _social_care_set_free(self, users, teams=None):
        result = super()._social_care_set_free(users, teams)
        if users:
            told = [
                ("user_id", "in", users.ids),
                ("activity_type_id", "=", self.env.ref(APPROVE).id),
            ]
            self.sudo().search([("activity_ids", "any", told)])._social_care_tell_reviewers_anew()
        return result

    def _social_care_waiting_replies(self):
        return self.social_reply_ids.filtered(lambda reply: reply.state == "to_approve")

    def _social_care_tell_reviewers_anew(self):
        """Others may approve than did."""
        waiting = self._social_care_waiting_replies()
        waiting.ticket_id.activity_unlink([APPROVE])
        waiting._tell_reviewers()

    def _social_care_forget_reviewers(self):
        """Nobody has to look any more where no answer waits."""
        (self - self._social_care_waiting_replies().ticket_id).activity_unlink([APPROVE])
