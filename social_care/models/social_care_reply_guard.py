from odoo import api, models

from .social_care_guard_match import Occasion
from .social_care_languages import short_code

SEVERITIES = ("", "warn", "approve", "block")  # the worst last


class SocialCareReply(models.Model):
    """What the checks find in an answer before it is sent."""

    _inherit = "social.care.reply"

    @api.model
    def check_text(self, mention_id, text, visibility="public"):
        """What the checks find in an answer that is being written, for the dialog.

        :return: as :meth:`_find_guarded`
        """
        mention = self.env["social.care.mention"].browse(mention_id)
        self._check_may_answer(mention)
        return self._find_in_answer(mention, text, visibility)

    def _find_guarded(self):
        """What the checks find in this answer, in their order.

        :return: list of ``{"guard_id": int, "name": str, "severity": warn, approve or block,
            "kind": keywords, regex or personal_data, "spans": [[start, end], …], "words": [str, …],
            "text": a sentence for the agent}``; no spans where a pattern took too long. They are
            places in :meth:`_get_read_text`
        """
        self.ensure_one()
        return self._find_in_answer(self.mention_id, self._get_read_text(), self.visibility)

    def _get_read_text(self):
        """All words that customers get to read: the text, below it what describes the pictures."""
        # sudo: what goes out is looked at, whoever may open its pictures
        descriptions = self.sudo().attachment_ids.mapped("description")
        return "\n".join([self.body or "", *filter(None, descriptions)])

    def _get_worst_severity(self):
        """``""``, ``warn``, ``approve`` or ``block``."""
        found = {finding["severity"] for finding in self._find_guarded()}
        return max(found, key=SEVERITIES.index, default="")

    @api.model
    def _find_in_answer(self, mention, text, visibility):
        mention_sudo = mention.sudo()
        occasion = Occasion(
            company=mention_sudo.company_id,
            account_id=mention_sudo.account_id.id,
            team_id=mention_sudo.ticket_id.team_id.id,
            lang=short_code(mention_sudo.lang),
            is_public=visibility == "public",
        )
        return self.env["social.care.guard"]._find(text, occasion)
