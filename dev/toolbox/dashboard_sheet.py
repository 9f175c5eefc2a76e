"""One sheet of a spreadsheet: its cells and their looks, as Odoo stores them."""

STYLES = {
    "heading": {"fontSize": 14, "bold": True, "textColor": "#01666B"},
    "label": {"bold": True, "textColor": "#434343"},
    "number": {"bold": True, "textColor": "#434343", "align": "right"},
    "left": {"align": "left"},
    "center": {"align": "center"},
    "total": {"bold": True, "fillColor": "#F5F5F5"},
    "note": {"italic": True, "textColor": "#666666"},
}


def column(index):
    """0 → A."""
    return chr(ord("A") + index)


class Sheet:
    """Cells, formats and figures of one sheet."""

    def __init__(self, name, widths, height, rows):
        """:param widths, height: pixels; :param rows: how many"""
        self.name, self.widths, self.height, self.rows = name, widths, height, rows
        self.cells, self.styles, self.formats, self.borders = {}, {}, {}, {}
        self.merges, self.conditions, self.figures = [], [], []
        self.next_row = 1

    def put(self, cell, content):
        """A figure, a text or a formula."""
        if content != "":
            self.cells[cell] = str(content)

    def text(self, cell, words):
        """Words that Odoo translates."""
        self.put(cell, words and f'=_t("{words}")')

    def row(self, cell, values):
        """Figures beside each other, from a cell in one of the columns A to Z."""
        for index, value in enumerate(values, ord(cell[0])):
            self.put(chr(index) + cell[1:], value)

    def style(self, cells, name):
        """Give cells one of STYLES."""
        self.styles[cells] = list(STYLES).index(name) + 1

    def top(self, row):
        """Where a row begins, in pixels."""
        return (row - 1) * self.height

    def dump(self, formats):
        """The sheet as it is stored. ``formats`` numbers those that are used."""
        return {
            "id": self.name.lower(),
            "name": self.name,
            "colNumber": len(self.widths),
            "rowNumber": self.rows,
            "rows": {str(index): {"size": self.height} for index in range(self.rows)},
            "cols": {str(index): {"size": size} for index, size in enumerate(self.widths)},
            "merges": self.merges,
            "cells": self.cells,
            "styles": self.styles,
            "formats": {
                cells: formats.setdefault(form, len(formats) + 1)
                for cells, form in self.formats.items()
            },
            "borders": self.borders,
            "conditionalFormats": self.conditions,
            "dataValidationRules": [],
            "figures": self.figures,
            "tables": [],
            "areGridLinesVisible": True,
            "isVisible": True,
            "headerGroups": {"ROW": [], "COL": []},
            "comments": {},
        }
