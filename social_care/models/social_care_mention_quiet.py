from odoo import api, fields, models


class SocialCareMention(models.Model):
    """A post whose comments need no answer for a while: a giveaway, a campaign."""

    _inherit = "social.care.mention"

    can_quiet = fields.Boolean(compute="_compute_can_quiet", help="It was said below a post.")

    @api.depends("thread_external_id", "external_id", "kind", "visibility")
    def _compute_can_quiet(self):
        for mention in self:
            # A network may name a post of its author's own as the thread it begins.
            below = mention.thread_external_id not in (False, mention.external_id)
            mention.can_quiet = below and "direct" not in (mention.kind, mention.visibility)

    def action_quiet_post(self):
        """Ask until when the comments on its post make no tickets."""
        self.ensure_one()
        self._check_deciding()
        return self.env["social.care.quiet"]._get_records_action(
            name=self.env._("No tickets from this post"),
            target="new",
            context={"default_mention_id": self.id},
        )
