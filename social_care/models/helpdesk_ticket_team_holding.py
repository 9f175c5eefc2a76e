from odoo import fields, models

from .social_care_acknowledge_words import pick_text

# Texts of our own, not terms to translate: a customer is answered in a language that Odoo need not have.
TEXTS = {
    "en": "Thank you for your patience. The right colleague is looking into this, and we will "
    "answer you here.",
    "es": "Gracias por tu paciencia. La persona adecuada lo está mirando y te responderemos aquí.",
}


class HelpdeskTicketTeam(models.Model):
    """What customers are told while a colleague is asked."""

    _inherit = "helpdesk.ticket.team"

    social_holding_text = fields.Text(
        string="Holding message",
        translate=True,
        help="What “Pass on” proposes to tell the customer.",
    )

    def _social_care_holding(self, langs):
        """The holding message.

        :param langs: codes of languages, the customer's first
        """
        own = self._social_care_translations("social_holding_text") if self else {}
        return pick_text(TEXTS | own, langs)[0]
