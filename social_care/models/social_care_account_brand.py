from odoo import fields, models


class SocialCareAccount(models.Model):
    """What tells one brand from another while somebody writes, and how its answers end."""

    _inherit = "social.care.account"

    brand_color = fields.Char(
        string="Colour", help="Marks the reply dialog, so that nobody writes for the wrong brand."
    )

    _brand_color_is_one = models.Constraint(
        "CHECK (brand_color ~ '^#[0-9A-Fa-f]{6}$')",
        "Choose a colour, or write it like #1D9BF0.",
    )

    def _get_ending(self, user=None):
        """How an answer ends: the brand's signature and the agent's initials, once each."""
        parts = [self.sudo().signature, (user or self.env.user).sudo().social_signature]
        return " ".join(dict.fromkeys(part.strip() for part in parts if part and part.strip()))

    def _says_something(self, text, mention, user=None):
        """Whether a text is more than a handle and a signature."""
        said = (text or "").strip().removesuffix(self._get_ending(user)).strip()
        if self._get_network_class() is None:
            return bool(said)
        handle = self._get_adapter_for_text().prepare_text("", mention.sudo()._to_wire())
        return said not in ("", handle.strip())
