"""Inside Odoo's shell: two databases that differ in how much there is, and the same work in both."""

import contextlib

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import SQL

from .bench_inside import Brand, Customers, check, copy_rows, in_turn, seconds, store, tell

PASSES = 50  # of the look at the clocks a round: one takes a moment
PAGE = 500
OTHERS = ("bluesky", "facebook", "x")  # beside the account that is read
MEASURES = ("mention_count", "ticket_count", "answered_count", "response_rate")
MEASURES += ("first_response_hours", "kept_share")


def main(env, options):
    """Fill both databases and measure what is asked for."""
    small_name, _big_name = options["databases"]
    sizes, keys = options["sizes"], options["keys"]
    with Registry(small_name).cursor() as cr:
        small = Volume(
            api.Environment(cr, SUPERUSER_ID, {}), sizes["small_table"], sizes["small_clocks"]
        )
        big = Volume(env, sizes["big_table"], sizes["big_clocks"])
        if "sla_idle_100k_vs_1k" in keys:
            ours, yardstick = in_turn(sizes["rounds"], big.look_at_clocks, small.look_at_clocks)
            tell("sla_idle_100k_vs_1k", ours=ours, yardstick=yardstick)
        if "ingest_1m_vs_10k" in keys:
            ours, yardstick = in_turn(sizes["rounds"], big.ingest, small.ingest)
            tell("ingest_1m_vs_10k", ours=ours, yardstick=yardstick, note="a message of a page")
        if "pivot_vs_count" in keys:
            ours, yardstick = in_turn(sizes["rounds"], big.pivot, big.count)
            tell("pivot_vs_count", ours=ours, yardstick=yardstick)


class Volume:
    """A database with so many messages and open clocks; a tenth of the messages became tickets."""

    def __init__(self, env, messages, clocks):
        self.env, self.messages, self.clocks = env, messages, clocks
        self.brand = Brand(env)
        self.customers = Customers("later", messages // 10)
        [first] = store(self.brand.account, Customers("first").say(1))
        first._triage()
        env.cr.commit()
        self._fill(first)
        # As it is in a database that has run for some time.
        connection = psycopg2.connect(dbname=env.cr.dbname)
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")

    def _fill(self, first):
        env, tickets, authors = self.env, self.messages // 10, self.messages // 10
        accounts = first.account_id + env["social.care.account"].concat(
            *(self.brand.connect(f"other-{network}", network) for network in OTHERS)
        )
        author = copy_rows(
            env,
            first.author_id,
            authors,
            external_id=f"'later' || n % {authors} || '@bench.example'",
            handle=f"'later' || n % {authors}",
        )
        ticket = copy_rows(env, first.ticket_id, tickets, number="'B' || n")
        [clock] = first.ticket_id.ticket_sla_ids
        copy_rows(
            env,
            clock,
            self.clocks - 1,
            ticket_id=f"{ticket} + n % {tickets}",
            # In the order of their deadlines they are all over the table.
            deadline="deadline + interval '1 day' + n * 7919 % 86400 * interval '1 second'",
            social_alarm_at="social_alarm_at + interval '1 day' + n * 7919 % 86400 * interval '1 second'",
        )
        reason = env["social.care.reason"].search([], limit=1)
        codes = ", ".join(f"'{network}'" for network in accounts.mapped("network"))
        copy_rows(
            env,
            first,
            self.messages - 1,
            external_id="'copy' || n",
            account_id=f"(ARRAY[{', '.join(map(str, accounts.ids))}])[1 + n % {len(accounts)}]",
            network=f"(ARRAY[{codes}])[1 + n % {len(accounts)}]",
            author_id=f"{author} + n % {authors}",
            # All over a year.
            posted_at="posted_at - n::bigint * 7919 % 31536000 * interval '1 second'",
            received_at="received_at - n::bigint * 7919 % 31536000 * interval '1 second'",
            state="CASE WHEN n % 10 = 0 THEN 'ticket' ELSE 'ignored' END",
            ticket_id=f"CASE WHEN n % 10 = 0 THEN {ticket} + n / 10 - 1 END",
            first_of_ticket="n % 10 = 0",
            reason_id=f"CASE WHEN n % 10 != 0 THEN {reason.id} END",
        )

    def look_at_clocks(self):
        """Milliseconds of the scheduled action that watches the deadlines, when none is due."""
        clocks = self.env["helpdesk.ticket.sla"]
        took = seconds(lambda: [clocks._cron_watch() for _pass in range(PASSES)])
        [found] = self.env.execute_query(
            SQL(
                """SELECT count(*), count(social_breached_at), count(social_alarm_at)
                     FROM helpdesk_ticket_sla WHERE state = 'in_progress'"""
            )
        )
        check((self.clocks, 0, self.clocks), found, "open, missed and waiting clocks")
        self.env.cr.commit()
        return 1000 * took / PASSES

    def ingest(self):
        """Milliseconds for a message in a page of new ones from people who wrote before."""
        page = self.customers.say(PAGE)
        took = seconds(lambda: check(PAGE, len(store(self.brand.account, page)), "messages stored"))
        self.messages += PAGE
        return 1000 * took / PAGE

    def pivot(self):
        """Milliseconds of the analysis with its own measures and filter, by network and week."""
        report = self.env["social.care.report"].with_user(self.env.ref("base.user_admin"))
        rows = []

        def ask():
            self.env.invalidate_all()
            rows.extend(
                report.formatted_read_grouping_sets(
                    [("history", "=", False)],
                    [[], ["network"], ["posted_at:week"], ["network", "posted_at:week"]],
                    [f"{name}:{report._fields[name].aggregator}" for name in MEASURES],
                )
            )

        took = seconds(ask)
        total, by_network, by_week, by_both = rows
        for groups in (total, by_network, by_week, by_both):
            found = sum(group["mention_count:sum"] for group in groups)
            check(self.messages, found, "messages in the analysis")
        check(1 + len(OTHERS), len(by_network), "networks in the analysis")
        return 1000 * took

    def count(self):
        """Milliseconds of count(*)."""
        found = []
        took = seconds(
            lambda: found.extend(
                self.env.execute_query(SQL("SELECT count(*) FROM social_care_mention"))
            )
        )
        check([(self.messages,)], found, "messages counted")
        return 1000 * took
