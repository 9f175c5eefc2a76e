from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class SocialCareContact(models.TransientModel):
    """Link a profile to a contact: one that is suggested, any other, or a new one."""

    _name = "social.care.contact"
    _description = "Link a profile to a contact"

    author_id = fields.Many2one("social.care.author", required=True, readonly=True)
    line_ids = fields.One2many("social.care.contact.line", "wizard_id", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Contact")
    name = fields.Char()
    email = fields.Char()
    phone = fields.Char()
    can_create = fields.Boolean(compute="_compute_can_create")

    @api.depends_context("uid")
    def _compute_can_create(self):
        self.can_create = self.env["res.partner"].has_access("create")

    @api.model
    def _open(self, author):
        """The dialog. A new contact is proposed with what the customer told us, no more."""
        author.check_access("write")
        mails, phones = author._get_person()._find_in_private()
        wizard = self.sudo().create(
            {
                "author_id": author.id,
                "line_ids": [
                    Command.create({"partner_id": partner.id, "reason": reason})
                    for partner, reason in author._suggest_contacts()
                ],
                "name": author.name,
                # Two addresses may be two people's.
                "email": mails[0] if len(mails) == 1 else False,
                "phone": phones[0] if len(phones) == 1 else False,
            }
        )
        return wizard._get_records_action(
            name=self.env._("Link %(who)s to a contact", who=author.display_name),
            target="new",
            context={},
        )

    def action_link(self):
        self.ensure_one()
        if not self.partner_id:
            raise UserError(self.env._("Choose a contact first."))
        self.author_id._link_contact(self.partner_id)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_create(self):
        """A new contact, with the user's own right to make one."""
        self.ensure_one()
        if not self.name:
            raise UserError(self.env._("Give the new contact a name."))
        partner = self.env["res.partner"].create(
            {
                "name": self.name,
                "email": self.email,
                "phone": self.phone,
                "company_id": self.author_id.sudo().company_id.id,
            }
        )
        self.author_id._link_contact(partner)
        return {"type": "ir.actions.client", "tag": "soft_reload"}


class SocialCareContactLine(models.TransientModel):
    """A suggested contact and why."""

    _name = "social.care.contact.line"
    _description = "Suggested contact"

    wizard_id = fields.Many2one("social.care.contact", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", required=True, ondelete="cascade")
    reason = fields.Char()

    def action_link(self):
        self.ensure_one()
        self.wizard_id.author_id._link_contact(self.partner_id)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
