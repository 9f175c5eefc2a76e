from markupsafe import Markup, escape

from odoo import api, fields, models

from .social_care_guard_match import GuardedText, TimedOutError, check_pattern
from .social_care_keywords import BadKeyword
from .social_care_personal_data import KINDS


class SocialCareGuard(models.Model):
    """What a guard would find in a text, while it is edited."""

    _inherit = "social.care.guard"

    sample = fields.Text(string="An answer to try it on", store=False)
    sample_result = fields.Html(compute="_compute_sample_result", sanitize=False)

    @api.depends(
        "sample", "kind", "pattern", "company_id", "allowed", *(f"data_{kind}" for kind in KINDS)
    )
    def _compute_sample_result(self):
        for guard in self:
            guard.sample_result = guard.sample and guard._try_sample()

    def _try_sample(self):
        """The text with what is found marked, or why nothing can be found."""
        if self.kind == "regex":
            reason = check_pattern(self.env.cr, (self.pattern or "").strip())
            if reason and reason != "matches_all":
                return escape(reason)
        guarded = GuardedText(self.env.cr, self.sample, self.company_id or self.env.company)
        try:
            places = guarded.look(self._to_check())
        except TimedOutError:
            return escape(self.env._("This takes too long. It counts as found."))
        except BadKeyword as error:
            return escape(self.env["social.care.rule"]._describe_bad_keyword(error.code))
        if not places:
            return escape(self.env._("Nothing found."))
        marked, last = Markup(), 0
        for start, end, _kind in places:
            marked += Markup("%s<mark>%s</mark>") % (
                guarded.text[last:start],
                guarded.text[start:end],
            )
            last = end
        return Markup('<p class="o_social_care_bubble_text" dir="auto">%s%s</p>') % (
            marked,
            guarded.text[last:],
        )
