from babel import Locale, UnknownLocaleError

from odoo import models


class SocialCareMention(models.Model):
    _inherit = "social.care.mention"

    def _describe_language(self):
        """What the customer writes in, as a sentence; "" where the network did not say."""
        try:
            code = (self.lang or "").replace("-", "_").partition("_")[0]
            spoken = Locale.parse(code, resolve_likely_subtags=False)
            language = spoken.get_display_name(self.env.lang or "en_US")
        except (ValueError, TypeError, UnknownLocaleError):
            return ""
        name = self.author_id.name or self.author_id.handle or self.env._("The customer")
        return self.env._("%(name)s writes %(language)s.", name=name, language=language)
