"""What the scripts of dev/bench share inside Odoo's shell: measuring in turn, a brand, messages, many rows."""

import json
import time
from datetime import timedelta

from odoo import Command, fields
from odoo.tools import SQL

from odoo.addons.social_care import networks

TEXT = "@aurora my parcel has been on its way for nine days now, its number is {number}"


def tell(key, **values):
    """Hand something to bench_run.py: of a figure the rounds of ``ours`` and of the ``yardstick``, and a ``note``."""
    print("BENCH", json.dumps({"key": key, **values}), flush=True)


def in_turn(rounds, *sides, warm_up=1):
    """Let the sides take turns; each gives a number. The rounds that warm up do not count.

    :return: for each side the list of its numbers
    """
    numbers = [[side() for side in sides] for _round in range(warm_up + rounds)][warm_up:]
    return [list(side) for side in zip(*numbers, strict=True)]


def seconds(work):
    """How long ``work()`` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def check(expected, found, what):
    """A measure of something that went wrong is none."""
    if found != expected:
        raise AssertionError(f"{what}: {found} instead of {expected}")


def run_cron(env, xml_id, is_done):
    """Run a scheduled action as the scheduler does, which stops after some seconds, until nothing waits."""
    while not is_done():
        env.ref(xml_id).method_direct_trigger()
        env.cr.commit()


def drain_triage(env):
    """Have all new messages decided, as the scheduled action does."""
    mentions = env["social.care.mention"]
    waiting = [("state", "=", "new"), ("triaged_at", "=", False)]
    run_cron(env, "social_care.ir_cron_triage", lambda: not mentions.search_count(waiting, limit=1))


class Brand:
    """A team with a calendar and two response promises, and an account whose network is in memory."""

    def __init__(self, env):
        self.env = env
        env["helpdesk.sla"].search([]).active = False
        self.calendar = env["resource.calendar"].create(
            {
                "name": "Weekdays 9-18",
                "tz": "Europe/Madrid",
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {"name": f"{day}", "dayofweek": str(day), "hour_from": 9, "hour_to": 18}
                        )
                        for day in range(5)
                    ),
                ],
            }
        )
        self.team = self.make_team("Care", use_sla=True)
        self.policies = self.make_policies(self.team, social_target="first_response")
        self.account = self.connect("aurora")
        env.cr.commit()

    def make_team(self, name, **values):
        """A team that works on weekdays."""
        return self.env["helpdesk.ticket.team"].create(
            {"name": name, "resource_calendar_id": self.calendar.id, **values}
        )

    def make_policies(self, team, **values):
        """Two promises of the team."""
        return self.env["helpdesk.sla"].create(
            [
                {"name": f"{hours} h", "hours": hours, "team_ids": team.ids, **values}
                for hours in (2, 8)
            ]
        )

    def connect(self, handle, network="mastodon", **values):
        """An account as it is once connected."""
        return self.env["social.care.account"].create(
            {
                "name": "Aurora Air",
                "network": network,
                "base_url": "https://bench.example",
                "external_id": f"{handle}@bench.example",
                "handle": handle,
                "state": "connected",
                "since": fields.Datetime.now() - timedelta(days=365),
                "team_line_ids": [Command.create({"team_id": self.team.id})],
                **values,
            }
        )


class Customers:
    """Says things: new ids each time, the authors in turn."""

    def __init__(self, name, authors=None):
        self.name = name
        self.authors = authors  # how many; None: each message is from somebody new
        self.said = 0

    def say(self, count, text=TEXT):
        """A page of so many messages as a network hands it over."""
        now = fields.Datetime.now()
        page = []
        for _message in range(count):
            self.said += 1
            who = f"{self.name}{self.said % self.authors if self.authors else self.said}"
            author = networks.Author(
                external_id=f"{who}@bench.example", handle=who, name=who.capitalize()
            )
            page.append(
                networks.Mention(
                    external_id=f"{self.name}-{self.said}",
                    author=author,
                    body=text.format(number=self.said),
                    posted_at=now - timedelta(minutes=1),
                    lang="en",
                    url=f"https://bench.example/{self.name}/{self.said}",
                    raw={"id": self.said, "content": text},
                )
            )
        return page


def store(account, page):
    """Store a page as polling and webhooks do, in a transaction of its own; gives what changed."""
    return account._run_unit(lambda: account._ingest(page))[0]


def copy_rows(env, record, count, **changes):
    """Copy a record's row by SQL; ``changes`` are expressions in which ``n`` is the number of the copy.

    :return: the smallest id of the copies, which follow each other
    """
    env.flush_all()
    columns = [
        row[0]
        for row in env.execute_query(
            SQL(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                " AND NOT attisdropped AND attname != 'id' ORDER BY attnum",
                record._table,
            )
        )
    ]
    values = [changes.pop(column, None) or f'"{column}"' for column in columns]
    check({}, changes, f"columns that {record._table} does not have")
    table = SQL.identifier(record._table)
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s, generate_series(1, %s) AS n WHERE id = %s"
            " ORDER BY n",
            table,
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ".join(values).replace("%", "%%")),
            table,
            count,
            record.id,
        )
    )
    check(count, env.cr.rowcount, "rows copied")
    [[last]] = env.execute_query(SQL("SELECT max(id) FROM %s", table))
    env.cr.commit()
    env.invalidate_all()
    return last - count + 1
