from odoo import models

# What a spreadsheet takes for the beginning of a formula.
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")


def quote_formula(text):
    """A stranger's line where it becomes a title or a name: never the beginning of a formula."""
    return f"“{text}”" if text and text.startswith(FORMULA_MARKS) else text


def quote_cell(cell):
    """A cell of a table that leaves Odoo: text that a spreadsheet would calculate is quoted."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_MARKS) else cell


class HelpdeskTicket(models.Model):
    """Of a ticket only the addon's own fields are strangers' words, beyond what is quoted in it."""

    _inherit = "helpdesk.ticket"

    def export_data(self, fields_to_export):
        exported = super().export_data(fields_to_export)
        ours = [path.startswith("social_") for path in fields_to_export]
        exported["datas"] = [
            [quote_cell(cell) if own else cell for cell, own in zip(row, ours, strict=True)]
            for row in exported["datas"]
        ]
        return exported


class SocialCareExport(models.AbstractModel):
    """Strangers' words leave Odoo as text: a spreadsheet must not calculate them."""

    _name = "social.care.export"
    _description = "Social care export"

    def export_data(self, fields_to_export):
        exported = super().export_data(fields_to_export)
        exported["datas"] = [[quote_cell(cell) for cell in row] for row in exported["datas"]]
        return exported
