from odoo import api, fields, models


class MailComposeMessage(models.TransientModel):
    _inherit = "mail.compose.message"

    social_recipients_text = fields.Char(compute="_compute_social_recipients_text")

    @api.depends("model", "res_ids", "partner_ids", "subtype_is_log", "composition_mode")
    def _compute_social_recipients_text(self):
        for composer in self:
            composer.social_recipients_text = composer._social_care_describe_recipients()

    def _social_care_describe_recipients(self):
        """Whom it reaches, where it is written on one ticket from a network."""
        ids = self._evaluate_res_ids() if self.model == "helpdesk.ticket" else []
        if len(ids) != 1 or self.subtype_is_log or self.composition_mode != "comment":
            return False
        ticket = self.env["helpdesk.ticket"].browse(ids).exists()
        told = ticket and ticket.social_care_recipients(self.partner_ids._origin.ids)
        return told and told["text"]
