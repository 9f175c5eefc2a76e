from ast import literal_eval

from odoo import api, models
from odoo.fields import Domain

MOST = 999  # counted no further: the menu says "999+"


class SocialCareMention(models.Model):
    """What the menus say waits behind them."""

    _inherit = "social.care.mention"

    @api.model
    def get_menu_counts(self):
        """For the web client: XML id of a menu → what stands behind its name, "" for nothing."""
        inbox = self.env["ir.actions.act_window"]._for_xml_id(
            "social_care.social_care_inbox_action"
        )
        replies = self.env["social.care.reply"]
        # What they wrote themselves others approve.
        to_approve = Domain("state", "=", "to_approve") & Domain("user_id", "!=", self.env.uid)
        waiting = self._count_in_words(self, Domain(literal_eval(inbox["domain"])))
        is_reviewer = self.env.user.has_group("social_care.social_care_group_reviewer")
        approve = is_reviewer and self._count_in_words(replies, to_approve)
        return {
            "social_care.social_care_inbox_menu": waiting,
            "social_care.social_care_reply_menu": self.env._("%(count)s to approve", count=approve)
            if approve
            else "",
        }

    @api.model
    def _count_in_words(self, records, domain):
        """How many the user may read, as text; empty for none."""
        count = records.search_count(domain, limit=MOST + 1)
        return f"{MOST}+" if count > MOST else str(count or "")
