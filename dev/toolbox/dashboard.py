"""Write the spreadsheet dashboard and its sample: ``cd dev && python3 -m toolbox.dashboard``.

Both have one layout. The dashboard asks pivots, charts and lists of Odoo; the sample, which is shown until the first
message comes, has figures made up here. Texts are English: Odoo translates ``=_t(…)``, titles and links.
"""

import json
import sys

from .dashboard_arrivals import ArrivalsBook
from .dashboard_book import CRISIS, LEFT, MENU, REAL, REPORT, RIGHT, TICKET, matching
from .dashboard_sheet import column
from .paths import CHECKOUT

FOLDER = CHECKOUT / "spreadsheet_dashboard_social_care/data/files"
FILES = {"social_care_dashboard.json": False, "social_care_sample_dashboard.json": True}
NOW_MENU = "social_care.social_care_now_menu"
INBOX_MENU = "social_care.social_care_inbox_menu"
STORMS_MENU = "social_care.social_care_crisis_menu"

# As the Now screen counts.
WAITING = [
    ["social_waiting_since", "!=", False],
    ["closed", "=", False],
    ["social_account_id.practice", "=", False],
]
LATE = [*WAITING, ["social_deadline", "<", "now"]]

WEEKS, NETWORKS, ROWS = 14, 8, 8

# Made up: messages, tickets, rate, share, missed, first response, promised.
SAMPLE_NETWORKS = (
    ("Bluesky", 96, 61, 0.97, 0.93, 4, 0.8, 2),
    ("Facebook", 410, 300, 0.95, 0.9, 30, 1.2, 2),
    ("Instagram", 380, 262, 0.92, 0.84, 42, 2.4, 2),
    ("Mastodon", 54, 40, 0.98, 0.95, 2, 0.7, 2),
    ("X", 300, 228, 0.94, 0.89, 25, 0.9, 1),
)


class Dashboard(ArrivalsBook):
    """The parts of the screen, one under the other."""

    def build(self):
        """The whole workbook."""
        self.cards()
        self.weeks(12)
        self.networks(30)
        self.arrivals(42)
        self.backlog(73)
        self.reasons_and_storms(85)
        return self.dump()

    def cards(self):
        measures = (
            *("mention_count:sum", "response_rate:avg"),
            *("kept_share:avg", "first_response_hours:avg"),
        )
        now, before = (self.pivot(REPORT, REAL, measures, period=period) for period in (0, -1))
        undecided = self.pivot(
            REPORT, [*REAL, ["state", "=", "new"]], ["mention_count:sum"], period=None
        )
        waiting, late = (
            self.pivot(TICKET, domain, ["__count"], period=None) for domain in (WAITING, LATE)
        )
        storms = self.pivot(CRISIS, [["state", "=", "open"]], ["__count"], period=None)
        both = (now, before)
        self.data.row("A1", ['=_t("Figure")', '=_t("Period")', '=_t("Period before")'])
        for place, (title, pivots, measure, made_up, menu, options) in enumerate(
            (
                ("Messages", both, 0, (1240, 1130), MENU, {"mode": "percentage"}),
                ("Response rate", both, 1, (0.94, 0.91), MENU, {}),
                ("Promises kept", both, 2, (0.88, 0.9), MENU, {}),
                ("First response", both, 3, (1.3, 1.6), MENU, {"more": "worse"}),
                ("Waiting now", [waiting], 0, [12], NOW_MENU, {}),
                ("Late now", [late], 0, [2], NOW_MENU, {}),
                ("To decide", [undecided], 0, [7], INBOX_MENU, {}),
                ("Storms under way", [storms], 0, [1], STORMS_MENU, {}),
            )
        ):
            row = place + 2
            self.data.text(f"A{row}", title)
            for cell, pivot, figure in zip("BC", pivots, made_up, strict=False):
                asked = self.pivots[pivot]["measures"][measure]
                formula = f'=PIVOT.VALUE({pivot},"{asked["id"]}")'
                # Nobody waits: 0. No answer to be had: no share of it. IF hands on a cell with its rows.
                if "avg" not in asked["id"] and not self.sample:
                    source = f"{chr(ord(cell) + 2)}{row}"
                    self.data.put(source, formula)
                    formula = f"=IF(ISNUMBER({source}),{source},0)"
                self.data.put(f"{cell}{row}", figure if self.sample else formula)
                self.data.formats[f"{cell}{row}"] = asked["format"]
            self.card(place, title, row, menu, compared=len(pivots) > 1, **options)
        if self.sample:
            # Odoo only pales the charts of a sample: whoever reads the tables must be told.
            self.main.text("A11", "Sample figures. Your own stand here from the first message on.")
            self.main.style("A11", "note")

    def weeks(self, row):
        self.heading(row, LEFT, "Week by week")
        texts = ("Tickets", "Answered", "% answ.", "Kept", "Missed", "% kept", "Response")
        self.headers(row + 1, 0, ("Week", *texts))
        measures = (
            *("ticket_count:sum", "answered_count:sum", "response_rate:avg", "kept_count:sum"),
            *("missed_count:sum", "kept_share:avg", "first_response_hours:avg"),
        )
        week = {"fieldName": "posted_at", "granularity": "week", "order": "desc"}
        recent = self.pivot(REPORT, REAL, measures, [week])
        whole = self.pivot(
            REPORT, REAL, ("response_rate:avg", "kept_share:avg"), [{**week, "order": "asc"}]
        )
        first = self.data.next_row = 12
        self.data.text(f"B{first}", "Answered")
        self.data.text(f"C{first}", "Kept")
        if self.sample:
            for index in range(WEEKS):
                tickets = 88 - 3 * (index % 5)
                answered, kept = tickets - 4 - index % 4, tickets - 9 - index % 6
                values = (tickets, answered, answered / tickets, kept, tickets - kept)
                values = (*values, kept / tickets, 1 + index % 4 / 10)
                self.main.row(f"A{row + 2 + index}", (f"W{46 - index}", *values))
                place = first + WEEKS - index
                self.data.row(f"A{place}", (f"W{46 - index}", values[2], values[5]))
        else:
            self.main.put(f"A{row + 2}", spill(recent, WEEKS))
            self.data.put(f"A{first + 1}", spill(whole, 53))
        last = first + 54
        self.data.next_row = last + 2
        self.data.formats[f"B{first + 1}:C{last}"] = "0%"
        self.table_formats(
            row + 2, WEEKS, ("#,##0", "#,##0", "0%", "#,##0", "#,##0", "0%", '0.0" h"')
        )
        series = [f"Data!{name}{first}:{name}{last}" for name in "BC"]
        title, labels = "Answered and kept, by week", f"Data!A{first}:A{last}"
        self.range_chart("weeks", title, row, RIGHT, 368, "line", labels, series)

    def table_formats(self, row, count, forms):
        for index, form in enumerate(forms, 1):
            name = column(index)
            self.main.formats[f"{name}{row}:{name}{row + count - 1}"] = form

    def networks(self, row):
        self.heading(row, LEFT, "Network by network")
        texts = ("Messages", "Tickets", "% answ.", "% kept", "Missed", "Response", "Promised")
        self.headers(row + 1, 0, ("Network", *texts))
        measures = (
            *("mention_count:sum", "ticket_count:sum", "response_rate:avg", "kept_share:avg"),
            *("missed_count:sum", "first_response_hours:avg", "promised_hours:avg"),
        )
        pivot = self.pivot(REPORT, REAL, measures, [{"fieldName": "network", "order": "asc"}])
        if self.sample:
            for index, line in enumerate(SAMPLE_NETWORKS):
                self.main.row(f"A{row + 2 + index}", line)
        else:
            self.main.put(f"A{row + 2}", spill(pivot, NETWORKS))
        self.table_formats(
            row + 2, NETWORKS, ("#,##0", "#,##0", "0%", "0%", "#,##0", '0.0" h"', '0.0" h"')
        )
        last = row + 1 + NETWORKS
        series = [f"{name}{row + 1}:{name}{last}" for name in "GH"]
        title, labels = "First response and promise, working hours", f"A{row + 1}:A{last}"
        self.range_chart("networks", title, row, RIGHT, 230, "bar", labels, series)

    def backlog(self, row):
        self.heading(row, LEFT, "Who waits, the most urgent first", NOW_MENU)
        self.headers(row + 1, 0, ("Customer", "", "", "Team", "", "Answer by"), False)
        number = "1"
        self.lists[number] = {
            "id": number,
            "name": "Who waits",
            "model": TICKET,
            "domain": WAITING,
            "context": {},
            "columns": ["social_author_id", "team_id", "social_deadline"],
            "orderBy": [{"name": "social_deadline", "asc": True}],
            "fieldMatching": matching(TICKET, None),
        }
        made_up = (("Ana Ruiz", "Care"), ("Bo Lind", "Care"), ("Cleo Marsh", "Cargo"))
        self.table(row + 2, number, ("A:C", "D:E", "F:H"), made_up)
        for place, (name, title, domain, made_up) in enumerate(
            (
                ("waiting", "Waiting, by team", WAITING, {"Care": 9, "Cargo": 3}),
                ("late", "Late, by team", LATE, {"Care": 2}),
            )
        ):
            self.odoo_chart(
                *(
                    name,
                    title,
                    row,
                    (618 + 304 * place, 294),
                    239,
                    "bar",
                    TICKET,
                    domain,
                    ["team_id"],
                ),
                (title, made_up),
                period=None,
                menu=NOW_MENU,
            )

    def table(self, row, number, spans, made_up):
        """The first lines of a list, each column over some columns of the sheet."""
        names = self.lists[number]["columns"]
        for line in range(ROWS):
            for index, (name, span) in enumerate(zip(names, spans, strict=True)):
                first, last = span.split(":")
                cell = f"{first}{row + line}"
                self.main.style(cell, "left")
                self.main.merges.append(f"{cell}:{last}{row + line}")
                if not self.sample:
                    self.main.put(cell, f'=ODOO.LIST({number},{line + 1},"{name}")')
                elif line < len(made_up) and index < len(made_up[line]):
                    self.main.put(cell, made_up[line][index])

    def reasons_and_storms(self, row):
        reasons = {"Spam": 64, "Not for us": 41, "Thanks": 38, "Answered already": 12}
        self.odoo_chart(
            *(
                "reasons",
                "Why there was no answer",
                row,
                LEFT,
                299,
                "bar",
                REPORT,
                [*REAL, ["reason_id", "!=", False]],
            ),
            *(["reason_id"], ("Messages", reasons)),
            measure="mention_count",
            order="DESC",
            horizontal=True,
        )
        self.heading(row, RIGHT, "Storms", STORMS_MENU)
        self.headers(row + 1, 9, ("Account", "Why", "", "", "", "Opened", "", ""), False)
        number = "2"
        self.lists[number] = {
            "id": number,
            "name": "Storms",
            "model": CRISIS,
            "domain": [],
            "context": {},
            "columns": ["account_id", "trigger_text", "opened_at"],
            "orderBy": [{"name": "opened_at", "asc": False}],
            "fieldMatching": matching(CRISIS),
        }
        made_up = (("Aurora Air", "38 messages in an hour, usually 4"),)
        self.table(row + 2, number, ("J:J", "K:N", "O:Q"), made_up)


def spill(pivot, rows):
    """A pivot without its totals and headings."""
    return f"=PIVOT({pivot},{rows},FALSE,FALSE,99,FALSE)"


def texts():
    """File name → its content."""
    return {
        name: json.dumps(Dashboard(sample).build(), ensure_ascii=False, indent=1) + "\n"
        for name, sample in FILES.items()
    }


def main():
    """Write both files."""
    for name, text in texts().items():
        (FOLDER / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
