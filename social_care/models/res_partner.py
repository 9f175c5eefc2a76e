from odoo import models

PHONE_DIGITS = 9  # the last of a number, without a country's ways to begin it


class ResPartner(models.Model):
    _inherit = "res.partner"

    # What a customer writes in private finds their contact at once, among however many.
    _social_email = models.Index("(email_normalized) WHERE email_normalized IS NOT NULL")
    _social_phone = models.Index(
        f"(RIGHT(REGEXP_REPLACE(phone, '[^0-9]', '', 'g'), {PHONE_DIGITS})) WHERE phone IS NOT NULL"
    )
