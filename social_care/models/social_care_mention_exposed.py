from bisect import bisect_right
from itertools import accumulate

from odoo import api, fields, models

BETWEEN = "\n\n"  # two messages; nothing is found across it


class SocialCareMention(models.Model):
    """Personal data that a customer wrote where everybody can read it."""

    _inherit = "social.care.mention"

    has_personal_data = fields.Boolean(
        string="Personal data in public",
        compute="_compute_has_personal_data",
        help="A phone number, a mail address, an order… that everybody can read.",
    )

    @api.depends("body", "kind", "visibility", "hidden_at", "deleted_at")
    def _compute_has_personal_data(self):
        exposed = self._find_exposed()
        for mention in self:
            mention.has_personal_data = mention.id in exposed

    def _find_exposed(self):
        """Personal data that everybody can read: one look at all of a company's messages.

        :return: {id of a message: [kind, …]}, those without left out
        """
        exposed = {}
        for company, mentions in (
            self.sudo()._filter_readable_by_all().grouped("company_id").items()
        ):
            bodies = [mention.body or "" for mention in mentions]
            # Where each message begins in all of them together.
            starts = list(accumulate((len(body) + len(BETWEEN) for body in bodies), initial=0))
            found = self.env["social.care.guard"]._find_personal_data(BETWEEN.join(bodies), company)
            for kind, start, _end, _value in found:
                mention = mentions[bisect_right(starts, start) - 1]
                exposed.setdefault(mention.id, {})[kind] = True
        return {mention_id: list(kinds) for mention_id, kinds in exposed.items()}

    def _filter_readable_by_all(self):
        return self.filtered(
            lambda mention: (
                mention.kind != "direct"
                and mention.visibility in ("public", "unlisted")
                and not mention.hidden_at
                and not mention.deleted_at
            )
        )

    def _get_private_way(self):
        """How it can be answered now where nobody else reads: private_reply, direct or ""."""
        self.ensure_one()
        possible = self.sudo().account_id._get_visibilities(self.sudo())
        return next((way for way in possible if way != "public"), "")
