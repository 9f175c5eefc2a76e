import base64
from urllib.parse import urlsplit

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize
from odoo.tools.sql import escape_psql

PERSONAL_MODELS = (
    "social.care.author",
    "social.care.mention",
    "social.care.reply",
    "social.care.question",
    "helpdesk.ticket",
)


class PrivacyLookupWizard(models.TransientModel):
    """Odoo's privacy look-up knows e-mail and contact; people on networks have neither."""

    _inherit = "privacy.lookup.wizard"

    email = fields.Char(required=False)
    social_profile = fields.Char(
        string="Profile on a network",
        help="@handle as the network writes it, or the profile's address.",
    )
    social_export = fields.Binary(readonly=True, attachment=False)

    def _get_query(self):
        if not self.email and not self.social_profile:
            raise UserError(self.env._("Enter an e-mail address, or a profile on a network."))
        parts = [super()._get_query()] if self.email else []  # refuses what is no address
        found = self._find_social_authors()._get_personal_data()
        if not any(found.values()):
            return parts[0] if parts else SQL("SELECT 0, 0, TRUE WHERE FALSE")
        for model, records in found.items():
            parts.append(
                SQL(
                    "SELECT %s AS res_model_id, id AS res_id, %s AS is_active FROM %s WHERE id = ANY(%s)",
                    self.env["ir.model"]._get_id(model),
                    SQL("active") if "active" in records._fields else SQL("TRUE"),
                    SQL.identifier(records._table),
                    records.ids,
                )
            )
        # A contact's profiles and tickets are found by Odoo as well.
        union = SQL(" UNION ").join(SQL("(%s)", part) for part in parts)
        return SQL("SELECT * FROM (%s) AS found ORDER BY res_model_id, res_id", union)

    def _find_social_authors(self):
        """Profiles by handle or address, and those of contacts whom Odoo finds by e-mail and name."""
        domain = Domain.FALSE
        if self.email:
            contacts = self.env["res.partner"].sudo().with_context(active_test=False)
            name = escape_psql(self.name.strip())
            domain |= Domain(
                "partner_id",
                "in",
                contacts.search(
                    Domain("email_normalized", "=", email_normalize(self.email))
                    | Domain("name", "=ilike", name)
                ).ids,
            )
        if self.social_profile:
            domain |= _get_profile_domain(self.social_profile.strip())
        return self.env["social.care.author"].sudo().search(domain)

    def _post_log(self):
        if self.email or self.log_id or not self.execution_details:
            super()._post_log()
            return
        self.log_id = self.env["privacy.log"].create(
            {
                "anonymized_name": self.name,
                "anonymized_email": self.social_profile,
                "execution_details": self.execution_details,
                "records_description": self.records_description,
            }
        )

    def action_social_export(self):
        """Download what the networks' profiles found here have said and been told."""
        self.ensure_one()
        lines = self.line_ids.filtered(
            lambda line: line.res_model == "social.care.author" and not line.is_unlinked
        )
        if not lines:
            raise UserError(self.env._("No profile on a network was found for this person."))
        authors = self.env["social.care.author"].sudo().browse(lines.mapped("res_id")).exists()
        self.social_export = base64.b64encode(authors._export_person())
        for line in lines:
            line._note_social(self.env._("Exported"))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/social_export/personal_data.xlsx?download=true",
            "target": "self",
        }


class PrivacyLookupWizardLine(models.TransientModel):
    _inherit = "privacy.lookup.wizard.line"

    def action_unlink(self):
        """A message deleted for good would come back from its network: it is erased instead."""
        self.ensure_one()
        record = self._get_social_record()
        if self.is_unlinked or not record:
            super().action_unlink()
            return
        if record._name == "social.care.author":
            self._mark_erased(record._get_personal_data())
        record._social_care_erase()
        self._note_social(self.env._("Erased"))
        self.is_unlinked = True

    def _get_social_record(self):
        """The line's record where it is ours, or a ticket from a network; else None."""
        if self.res_model not in PERSONAL_MODELS:
            return None
        record = self.env[self.res_model].sudo().browse(self.res_id).exists()
        of_helpdesk = record._name == "helpdesk.ticket" and not record.social_account_id
        return None if of_helpdesk else record

    def _mark_erased(self, person):
        """With somebody's profile goes all that they said: the other lines are done too."""
        for line in self.wizard_id.line_ids - self:
            records = person.get(line.res_model)
            if records and line.res_id in records.ids:
                line.is_unlinked = True

    def _note_social(self, what):
        note = f"{what} {self.res_model_id.name} #{self.res_id}"
        self.execution_details = ", ".join(filter(None, [self.execution_details, note]))


def _get_profile_domain(profile):
    """Domain of authors by ``@handle``, address or the network's own id."""
    handle = escape_psql(profile.lstrip("@"))
    domain = Domain("handle", "=ilike", handle) | Domain("external_id", "=", profile)
    address = urlsplit(profile)
    if address.netloc:
        place = escape_psql(address.netloc.removeprefix("www.") + address.path.rstrip("/"))
        for prefix in ("", "www."):
            for end in ("", "/"):
                domain |= Domain("url", "=ilike", f"http%://{prefix}{place}{end}")
    return domain
