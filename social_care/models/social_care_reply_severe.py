from odoo import models
from odoo.exceptions import UserError

UNAPPROVED = "severe_unapproved"
APPROVE = "social_care.mail_activity_type_approve"


class SocialCareReply(models.Model):
    """What we say to something severe is read by a second person before it goes out."""

    _inherit = "social.care.reply"

    def action_retry(self):
        """Sending what waits for a reviewer is approving it: by a reviewer, and not by its author."""
        waiting = self.filtered(lambda reply: reply.error_code == UNAPPROVED)
        authors = {reply: reply.user_id for reply in waiting}
        for reply in waiting:
            if self.env.user not in reply._get_reviewers():
                raise UserError(
                    self.env._("A reviewer who did not write this answer has to approve it.")
                )
        result = super().action_retry()
        for reply, author in authors.items():
            reply.sudo().write({"approver_id": self.env.uid, "user_id": author.id})
            reply.sudo().ticket_id.activity_unlink([APPROVE])
        return result

    def _enqueue(self, then_close=False):
        result = super()._enqueue(then_close)
        for reply in self.filtered("ticket_id.social_severe"):
            reviewers = reply._get_reviewers()
            if reviewers:
                reply._ask_reviewers(reviewers)
            else:
                # There is nobody else: recorded, so that it can be seen.
                reply.sudo().approver_id = self.env.user
        return result

    def _get_reviewers(self):
        """Who may approve: active reviewers who can read the ticket, without the author."""
        self.ensure_one()
        group = self.env.ref("social_care.social_care_group_reviewer")
        reviewers = group.sudo().all_user_ids.filtered(
            lambda user: user.active and not user.share and user != self.user_id
        )
        return reviewers.filtered(lambda user: self.ticket_id.with_user(user).has_access("write"))

    def _ask_reviewers(self, reviewers):
        """Hold the answer back, and tell those named by the rule, else the team's leader or all."""
        self.sudo().write({"state": "to_approve", "error_code": UNAPPROVED, "approver_id": False})
        ticket = self.sudo().ticket_id
        named = ticket.social_reviewer_ids & reviewers
        for user in named or (ticket.team_id.user_id & reviewers) or reviewers[:1]:
            if not ticket.activity_search([APPROVE], user_id=user.id):
                ticket.activity_schedule(APPROVE, user_id=user.id)
