"""A spreadsheet as Odoo's dashboards are stored: sheets, and the sources and figures that stand on them."""

from .dashboard_sheet import STYLES, Sheet, column

REPORT = "social.care.report"
TICKET = "helpdesk.ticket"
CRISIS = "social.care.crisis"
MENU = "social_care.social_care_report_menu"
REAL = [["history", "=", False]]  # as the analysis begins

PERIOD, ACCOUNT, TEAM, NETWORK = "period", "account", "team", "network"
FILTERS = [
    {"id": PERIOD, "type": "date", "label": "Period", "defaultValue": "last_90_days"},
    {
        "id": ACCOUNT,
        "type": "relation",
        "label": "Account",
        "modelName": "social.care.account",
        "domainOfAllowedValues": [["practice", "=", False]],
    },
    {"id": TEAM, "type": "relation", "label": "Team", "modelName": "helpdesk.ticket.team"},
    {
        "id": NETWORK,
        "type": "selection",
        "label": "Network",
        "resModel": "social.care.account",
        "selectionField": "network",
    },
]
# What each filter means to each model. The backlog is of now, whatever the period.
FIELDS = {
    REPORT: {ACCOUNT: "account_id", TEAM: "team_id", NETWORK: "network"},
    TICKET: {ACCOUNT: "social_account_id", TEAM: "team_id", NETWORK: "social_network"},
    CRISIS: {ACCOUNT: "account_id", NETWORK: "account_id.network"},
}
DATES = {REPORT: "posted_at", CRISIS: "opened_at"}
TYPES = {ACCOUNT: "many2one", TEAM: "many2one", NETWORK: "selection"}


def matching(model, period=0):
    """How the filters reach a model; ``period`` None: not the period, −1: the one before."""
    found = {name: {"chain": chain, "type": TYPES[name]} for name, chain in FIELDS[model].items()}
    if period is not None and model in DATES:
        found[PERIOD] = {"chain": DATES[model], "type": "datetime", "offset": period}
    return found


HEADING = {"fontSize": 14, "bold": True, "color": "#01666B"}
LEFT, RIGHT = (0, 598), (618, 598)  # where half a screen begins, and its width


class Book:
    """Collects cells, figures and their sources, as the dashboard or as the sample."""

    def __init__(self, sample):
        self.sample = sample
        self.main = Sheet("Dashboard", [115, *[69] * 7, 20, 115, *[69] * 7], 23, 99)
        self.data = Sheet("Data", [200, *[90] * 17], 23, 160)
        self.pivots, self.lists, self.menus = {}, {}, {}

    # -- Sources -----------------------------------------------------------------

    def pivot(self, model, domain, measures, rows=(), columns=(), period=0):
        """Add a pivot and give its number. Measures: ``field:aggregator`` or ``__count``."""
        number = str(len(self.pivots) + 1)
        self.pivots[number] = {
            "type": "ODOO",
            "id": number,
            "formulaId": number,
            "name": "–",  # shown where there is nothing
            "model": model,
            "domain": domain,
            "context": {},
            "measures": [self._measure(name) for name in measures],
            "rows": list(rows),
            "columns": list(columns),
            "sortedColumn": None,
            "fieldMatching": matching(model, period),
        }
        return number

    @staticmethod
    def _measure(name):
        field, _, aggregator = name.partition(":")
        form = {"response_rate": "0%", "kept_share": "0%"}.get(field)
        form = form or ('0.0" h"' if field.endswith("hours") else "#,##0")
        measure = {"id": name, "fieldName": field, "format": form}
        return measure | ({"aggregator": aggregator} if aggregator else {})

    # -- Headings ----------------------------------------------------------------

    def heading(self, row, side, text, menu=MENU):
        """A title over one half, which leads to a menu."""
        first, last = ("A", "H") if side == LEFT else ("J", "Q")
        self.main.put(f"{first}{row}", f"[{text}](odoo://ir_menu_xml_id/{menu})")
        self.main.style(f"{first}{row}:{last}{row}", "heading")
        self.main.borders[f"{first}{row}:{last}{row}"] = 1

    def headers(self, row, first, texts, figures=True):
        """Headings of a table's columns; after the first they may stand over figures."""
        for index, text in enumerate(texts):
            self.main.text(f"{column(first + index)}{row}", text)
        self.main.style(f"{column(first)}{row}", "label")
        over = f"{column(first + 1)}{row}:{column(first + len(texts) - 1)}{row}"
        self.main.style(over, "number" if figures else "label")

    # -- Figures -------------------------------------------------------------------

    def card(self, place, title, row, menu, compared, mode="difference", more="better"):
        """A scorecard of a row of the data sheet: B now; C before, if it is compared."""
        colors = ["#00A04A", "#DC6965"]
        up, down = colors if more == "better" else reversed(colors)
        data = {
            "type": "scorecard",
            "title": {"text": title, "bold": True, "color": "#434343"},
            "background": "#EFF6FF",
            "keyValue": f"Data!B{row}",
            "humanize": False,
            "baselineMode": mode,
            "baselineColorUp": up,
            "baselineColorDown": down,
        }
        if compared:
            words = "sample figures" if self.sample else "since last period"
            data |= {"baseline": f"Data!C{row}", "baselineDescr": {"text": words}}
        box, y = (306 * (place % 4), 298), 8 + 116 * (place // 4)
        self._figure(f"card{place}", box, y, 108, data, self._menu_of_cells(menu))

    def odoo_chart(
        self, name, title, row, box, height, kind, model, domain, groups, figures, **options
    ):
        """A chart of Odoo's; in the sample a plain one of made-up figures.

        :param box: where it begins, and its width, in pixels
        :param groups: fields
        :param figures: their heading, {label: figure}
        """
        measure, period = options.pop("measure", "__count"), options.pop("period", 0)
        color = options.pop("color", None)
        menu = options.pop("menu", MENU)
        if self.sample:
            options.pop("order", None)
            return self.plain_chart(
                name, title, row, box, height, kind, figures, menu, color, **options
            )
        data = {
            "type": f"odoo_{kind}",
            "title": {**HEADING, "text": title},
            "background": "#FFFFFF",
            "legendPosition": "none",
            "metaData": {
                "groupBy": groups,
                "measure": measure,
                "order": options.pop("order", None),
                "resModel": model,
                "mode": kind,
            },
            "searchParams": {
                "context": {},
                "domain": domain,
                "groupBy": groups,
                "orderBy": [],
            },
            "dataSets": [{"backgroundColor": color}],
            "verticalAxisPosition": "left",
            "stacked": False,
            "fieldMatching": matching(model, period),
            **options,
        }
        return self._figure(name, box, self.main.top(row), height, data, menu)

    def plain_chart(self, name, title, row, box, height, kind, figures, menu, color, **options):
        """A chart of made-up figures, which are written to the data sheet."""
        heading, points = figures
        first, last = self.data.next_row, self.data.next_row + len(points)
        self.data.next_row = last + 2
        self.data.text(f"B{first}", heading)
        for place, values in enumerate(points.items(), first + 1):
            self.data.row(f"A{place}", values)
        labels, series = f"Data!A{first}:A{last}", [f"Data!B{first}:B{last}"]
        self.range_chart(
            name, title, row, box, height, kind, labels, series, menu, color, **options
        )

    def range_chart(
        self, name, title, row, box, height, kind, labels, series, menu=MENU, color=None, **options
    ):
        """A chart of cells; the first one of a series is its heading."""
        data = {
            "type": kind,
            "title": {**HEADING, "text": title},
            "background": "#FFFFFF",
            "legendPosition": "top" if len(series) > 1 else "none",
            "dataSetsHaveTitle": True,
            "dataSets": [
                {"dataRange": cells, "yAxisId": "y", "backgroundColor": color} for cells in series
            ],
            "labelRange": labels,
            "stacked": False,
            "aggregated": False,
            "cumulative": False,
            "labelsAsText": True,
            **options,
        }
        self._figure(name, box, self.main.top(row), height, data, self._menu_of_cells(menu))

    def _menu_of_cells(self, menu):
        """None, with which a figure opens the rows of its pivot's cell. Those of the sample have none."""
        return menu if self.sample else None

    def _figure(self, name, box, y, height, data, menu):
        x, width = box
        self.main.figures.append(
            {
                "id": name,
                "tag": "chart",
                "width": width,
                "height": height,
                "col": 0,
                "row": 0,
                "offset": {"x": x, "y": y},
                "data": {**data, "chartId": name},
            }
        )
        if menu:
            self.menus[name] = menu

    def dump(self):
        """The workbook as it is stored."""
        formats = {}
        return {
            "version": "18.5.10",
            "sheets": [self.main.dump(formats), self.data.dump(formats)],
            "styles": {str(index): style for index, style in enumerate(STYLES.values(), 1)},
            "formats": {str(index): form for form, index in formats.items()},
            "borders": {"1": {"bottom": {"style": "thin", "color": "#CCCCCC"}}},
            "revisionId": "START_REVISION",
            "uniqueFigureIds": True,
            "settings": {},
            "pivots": {} if self.sample else self.pivots,
            "pivotNextId": len(self.pivots) + 1,
            "customTableStyles": {},
            "globalFilters": FILTERS,
            "lists": {} if self.sample else self.lists,
            "listNextId": len(self.lists) + 1,
            "chartOdooMenusReferences": self.menus,
        }
