"""When messages come in the week, held against the opening hours."""

from .dashboard_book import LEFT, REAL, REPORT, RIGHT, Book
from .dashboard_sheet import column

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
HOURS = [f"{hour:02}" for hour in range(24)]
CLOSED = ',"opening","out"'
# Of the busiest closed hour, from which share on an hour has this colour.
CLOSED_SHADES = ((2 / 3, "#F08A24"), (1 / 3, "#F9BE7C"), (0, "#FDE6CB"))
OPEN_SHADE = "#DDF3E4"


class ArrivalsBook(Book):
    """A workbook that can show arrivals."""

    def arrivals(self, row):
        """Hour by weekday; coloured where messages came while the team was away."""
        self.heading(row, LEFT, "When customers write, and when you are there")
        self.main.text(f"A{row + 1}", "Green: while open. Orange: while closed. By your own clock.")
        self.main.style(f"A{row + 1}", "note")
        self.headers(row + 2, 0, ("Hour", *DAYS))
        top = row + 3
        pivot = self.pivot(
            REPORT,
            REAL,
            ["mention_count:sum"],
            [{"fieldName": "hour", "order": "asc"}],
            [{"fieldName": "weekday", "order": "asc"}, {"fieldName": "opening", "order": "asc"}],
        )
        for index, hour in enumerate(HOURS):
            self.main.put(f"A{top + index}", f'="{hour}:00"')
            for day in range(7):
                cell = f"{column(1 + day)}{top + index}"
                shadow = f"{column(11 + day)}{top + index}"
                where = f'"hour","{hour}","weekday","{day + 1}"'
                if self.sample:
                    came, closed = sample_arrivals(index, day)
                    self.main.put(cell, came or "")
                    self.data.put(shadow, closed)
                    continue
                self.main.put(cell, value(pivot, where))
                self.data.put(shadow, value(pivot, where + CLOSED))
        bottom = top + len(HOURS)
        for offset, (text, extra) in enumerate((("All day", ""), ("While closed", CLOSED))):
            self.main.text(f"A{bottom + offset}", text)
            for day in range(7):
                name = column(1 + day)
                made_up = f"=SUM({name}{top}:{name}{bottom - 1})"
                if extra:
                    shadow = column(11 + day)
                    made_up = f"=SUM(Data!{shadow}{top}:{shadow}{bottom - 1})"
                asked = value(pivot, f'"weekday","{day + 1}"{extra}')
                self.main.put(f"{name}{bottom + offset}", made_up if self.sample else asked)
        self.main.style(f"A{bottom}:H{bottom + 1}", "total")
        self.main.style(f"B{top}:H{bottom - 1}", "center")
        self.shades(top, bottom - 1)
        self.weekdays_and_hours(row)

    def shades(self, top, last):
        """Colours of the hours: three of orange by how much came while closed, one of green."""
        cells = f"B{top}:H{last}"
        biggest = f"MAX(Data!$L${top}:$R${last})"
        closed = f"SUM(Data!L{top})"
        mostly = f"{closed}*2>SUM(B{top})"
        rules = [
            (f"=AND({mostly},{closed}>={share}*{biggest})", color) for share, color in CLOSED_SHADES
        ]
        for number, (formula, color) in enumerate([*rules, (f"=SUM(B{top})>0", OPEN_SHADE)]):
            self.main.conditions.append(
                {
                    "id": f"shade{number}",
                    "ranges": [cells],
                    "rule": {
                        "type": "CellIsRule",
                        "operator": "customFormula",
                        "values": [formula],
                        "style": {"fillColor": color},
                    },
                }
            )

    def weekdays_and_hours(self, row):
        """The same as bars: what came while nobody was there."""
        closed = [[sample_arrivals(hour, day)[1] for day in range(7)] for hour in range(24)]
        days = zip(DAYS, zip(*closed, strict=True), strict=True)
        by_day = {f'=_t("{day}")': sum(figures) for day, figures in days}
        by_hour = {f'="{hour}:00"': sum(closed[int(hour)]) for hour in HOURS}
        for place, (name, title, made_up) in enumerate(
            (
                ("weekday", "While closed, by weekday", by_day),
                ("hour", "While closed, by hour of the day", by_hour),
            )
        ):
            self.odoo_chart(
                *(
                    name,
                    title,
                    row + 15 * place,
                    RIGHT,
                    337,
                    "bar",
                    REPORT,
                    [*REAL, ["opening", "=", "out"]],
                ),
                *([name], ("While closed", made_up)),
                measure="mention_count",
                color=CLOSED_SHADES[0][1],
            )


def value(pivot, where):
    return f'=PIVOT.VALUE({pivot},"mention_count:sum",{where})'


def sample_arrivals(hour, day):
    """Made up: messages of an hour of the week, and how many of them while closed."""
    came = max(0, 9 - abs(hour - 12)) + (6 if 18 <= hour <= 21 else 0)
    came = came * (2 if day == 6 else 3) // 4
    is_open = day < 5 and 9 <= hour < 18
    return came, 0 if is_open else came
