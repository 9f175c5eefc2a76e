from odoo import fields, models

from .. import networks


class SocialCareAccount(models.Model):
    """What an answer in a brand's name may be: its colour for who writes, its length, its ending."""

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

    def _can_publish(self):
        """Whether answers can go out through this account at all."""
        network = self._get_network_class()
        return bool(network) and (self.practice or network.supports_publish)

    def _get_visibilities(self, mention):
        """The ways this mention can be answered now, the usual one first."""
        return [name for name, way in mention._get_ways()[mention].items() if not way.code]

    def _count_text(self, text, mention, visibility):
        """Length of an answer as the network counts it, and what it takes that way.

        :return: ``{"length": int, "max_length": int}``
        """
        network = self._get_network_class()
        if network is None:
            return {"length": len(text), "max_length": 0}
        if mention:
            text = self._get_adapter_for_text().prepare_text(text, mention._to_wire())
        length, limit = network.measure(text, visibility)
        if self.max_length and limit == network.max_length:
            limit = self.max_length  # what this very server takes, not servers in general
        return {"length": length, "max_length": limit}

    def _get_adapter_for_text(self):
        """An adapter that knows the account but neither secrets nor files: texts only."""
        credentials = networks.Credentials(
            base_url=self.sudo().base_url or "",
            external_id=self.sudo().external_id or "",
            handle=self.sudo().handle or "",
        )
        return self._get_present_class()(credentials, networks.Transport())

    def _get_opening_text(self, mention, text=""):
        """A text with what an answer has: the customer's handle where needed, and the signature."""
        opening = self._get_adapter_for_text().prepare_text(text, mention.sudo()._to_wire())
        ending = self._get_ending()
        return f"{opening}\n{ending}" if ending else opening
