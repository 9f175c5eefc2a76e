import io

import xlsxwriter

from odoo import models
from odoo.tools import html2plaintext

from .social_care_export import quote_cell

# Model → fields on its sheet.
SHEETS = {
    "social.care.author": (
        *("network", "name", "handle", "url", "external_id", "avatar_url", "followers_count"),
        *("verified", "lang", "standing", "partner_id"),
    ),
    "social.care.mention": (
        *("account_id", "kind", "visibility", "posted_at", "edited_at", "deleted_at", "body"),
        *("url", "media", "likes", "reposts", "replies", "views", "intent", "severe", "state"),
        *("reason_id", "decided_at", "decision_note", "ticket_id/number", "gone_text"),
    ),
    "social.care.reply": (
        *("account_id", "origin", "kind", "visibility", "state", "body", "url"),
        *("queued_at", "sent_at", "ticket_id/number"),
    ),
    "social.care.question": (
        *("create_date", "question", "answered_at", "answer", "state", "ticket_id/number"),
    ),
    "helpdesk.ticket": (
        *("number", "name", "description", "stage_id", "team_id", "partner_id", "partner_name"),
        *("partner_email", "social_intent", "create_date", "closed_date"),
        *("social_first_response_at", "social_outcome"),
    ),
}


class SocialCareAuthor(models.Model):
    _inherit = "social.care.author"

    def _export_person(self):
        """What is kept of these people, as a workbook with a sheet a model.

        :return: bytes of an XLSX
        """
        file = io.BytesIO()
        with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
            heading = book.add_format({"bold": True})
            for model, records in self._get_personal_data().items():
                sheet = book.add_worksheet(self._name_sheet(model))
                fields = [self.env[model]._fields[path.split("/")[0]] for path in SHEETS[model]]
                for column, field in enumerate(fields):
                    sheet.write_string(0, column, field._description_string(self.env), heading)
                rows = records.export_data(list(SHEETS[model]))["datas"]
                for line, row in enumerate(rows, start=1):
                    for column, cell in enumerate(row):
                        text = html2plaintext(cell) if fields[column].type == "html" else cell
                        # Always as text: a stranger's words are never calculated.
                        text = "" if text is None or text is False else str(text)
                        sheet.write_string(line, column, quote_cell(text))
        return file.getvalue()

    def _name_sheet(self, model):
        _ = self.env._
        return {
            "social.care.author": _("Profiles"),
            "social.care.mention": _("Messages"),
            "social.care.reply": _("Answers"),
            "social.care.question": _("Questions to colleagues"),
            "helpdesk.ticket": _("Tickets"),
        }[model]
