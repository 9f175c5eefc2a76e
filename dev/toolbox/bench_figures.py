"""What dev/bench measures: each figure with what it is to reach, how much of everything, and the table."""

import dataclasses
import json
import os
import statistics
import time

from .console import Problem, say


@dataclasses.dataclass(frozen=True)
class Figure:
    """One line of the table. ``most`` tells that ``reach`` is not to be exceeded."""

    key: str
    unit: str  # of ours and of the yardstick
    reach: float
    most: bool = False
    kind: str = "ratio"  # or difference, or count: what the number is

    def number(self, ours, yardstick):
        """The number that is compared with what is to be reached."""
        if self.kind == "count":
            return ours
        return ours - yardstick if self.kind == "difference" else ours / yardstick

    def is_reached(self, number):
        """Whether it is good enough."""
        return number <= self.reach if self.most else number >= self.reach


RATE, MILLISECONDS, MIB = "/s", "ms", "MiB"
# Stage → its figures: what needs the same database is measured together.
STAGES = {
    "desk": (
        Figure("tickets_vs_mail_gateway", RATE, 20),
        Figure("tickets_vs_bare_create", RATE, 0.7),
        Figure("known_vs_insert", RATE, 0.3),
        Figure("ignored_vs_insert", RATE, 0.1),
        Figure("deadlines_vs_plan_hours", RATE, 500),
    ),
    "webhooks": (
        Figure("webhook_vs_health", RATE, 0.6),
        Figure("webhook_vs_health_db", RATE, 0.9),
        Figure("webhook_p99_vs_health", MILLISECONDS, 2, most=True),
        Figure("webhook_100_vs_1", MILLISECONDS, 3, most=True),
    ),
    "volume": (
        Figure("sla_idle_100k_vs_1k", MILLISECONDS, 1.5, most=True),
        Figure("ingest_1m_vs_10k", MILLISECONDS, 1.3, most=True),
        Figure("pivot_vs_count", MILLISECONDS, 10, most=True),
    ),
    "crowd": (
        Figure("backlog_memory_mib", MIB, 100, most=True, kind="difference"),
        Figure("workers_lost", "", 0, most=True, kind="count"),
        Figure("workers_duplicates", "", 0, most=True, kind="count"),
        Figure("workers_throughput", RATE, 1.3),
    ),
}
FIGURES = {figure.key: figure for figures in STAGES.values() for figure in figures}


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much of everything; rounds that count, items a round."""

    rounds: int = 5
    tickets: int = 1000
    mails: int = 50
    page: int = 1000
    plan_hours: int = 1000
    requests: int = 1000
    big_table: int = 1_000_000
    small_table: int = 10_000
    big_clocks: int = 100_000
    small_clocks: int = 1_000
    backlog: int = 100_000
    calls: int = 200  # of ten events, for the workers


FULL = Sizes()
QUICK = Sizes(
    rounds=3,
    tickets=100,
    mails=10,
    plan_hours=100,
    requests=200,
    big_table=100_000,
    backlog=3_000,
    calls=50,
)


def named(keys):
    """The keys asked for, or all; raises Problem for one that is none."""
    unknown = set(keys) - set(FIGURES)
    if unknown:
        raise Problem(f"no figure is called {', '.join(sorted(unknown))}; see dev/bench --help")
    return set(keys) or set(FIGURES)


def summarise(key, told):
    """Medians of the rounds ``told["ours"]`` and ``told["yardstick"]``, and the number that counts."""
    figure = FIGURES[key]
    # What is counted must be right in each round.
    middle = max if figure.kind == "count" else statistics.median
    ours = middle(told["ours"])
    yardstick = middle(told["yardstick"])
    number = figure.number(ours, yardstick)
    return {
        "number": number,
        "ours": ours,
        "yardstick": yardstick,
        "unit": figure.unit,
        "to_reach": figure.reach,
        "at_most": figure.most,
        "reached": figure.is_reached(number),
        "rounds": {"ours": told["ours"], "yardstick": told["yardstick"]},
        **({"note": told["note"]} if told.get("note") else {}),
    }


def show(measured, sizes):
    """Print the table."""
    say(f"\n{'':26}{'ours':>12}{'yardstick':>12}       {'ratio':>9}   to reach")
    for key, one in measured.items():
        sign = "≤" if one["at_most"] else "≥"
        say(
            f"{key:26}{_short(one['ours']):>12}{_short(one['yardstick']):>12} {one['unit']:4}"
            f"  {_short(one['number']):>9}   {sign} {_short(one['to_reach']):5}"
            f" {'' if one['reached'] else '  not yet'}"
        )
    for key, one in measured.items():
        if one.get("note"):
            say(f"{key}: {one['note']}")
    say(f"\nMedians of {sizes.rounds} rounds, {os.cpu_count()} processors.")
    if sizes.big_table != FULL.big_table:
        say(
            f"Quick: {sizes.big_table:,} messages in the big table, a backlog of {sizes.backlog:,}. "
            "Without --quick: 1,000,000 and 100,000."
        )


def check_writable(path):
    """Raise Problem where the file cannot be written: better before the minutes of measuring than after."""
    try:
        with open(path, "a"):
            pass
    except OSError as error:
        raise Problem(f"{path} cannot be written: {error.strerror}") from None


def write(path, measured, sizes):
    """Write the numbers by key, and all that was measured."""
    content = {
        **{key: one["number"] for key, one in measured.items()},
        "details": measured,
        "sizes": dataclasses.asdict(sizes),
        "processors": os.cpu_count(),
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    with open(path, "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")


def _short(number):
    if number == int(number) and abs(number) < 1e6:
        return f"{int(number):,}"
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
