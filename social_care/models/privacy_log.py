from odoo import models
from odoo.tools import email_normalize


class PrivacyLog(models.Model):
    _inherit = "privacy.log"

    def _anonymize_email(self, label):
        """A profile is no address: its first letter stays."""
        if email_normalize(label) and not label.startswith("@") and "/" not in label:
            return super()._anonymize_email(label)
        handle = (label or "").rstrip("/").rpartition("/")[2].lstrip("@")
        return f"@{handle[:1]}{'*' * len(handle[1:])}"
