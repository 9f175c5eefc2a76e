"""Inside Odoo's shell: processes forked from one that has loaded everything, as Odoo's own workers are."""

import multiprocessing
import resource
import time

import odoo.sql_db
from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.tools import SQL

from odoo.addons.social_care import networks

from . import bench_calls
from .bench_inside import Brand, Customers, check, drain_triage, in_turn, run_cron, tell
from .bench_inside_webhooks import connect_page

EVENTS = 10  # a call
WORKERS = 4
PAGE = 100
FORK = multiprocessing.get_context("fork")
PATIENCE_SECONDS = 300


def main(env, options):
    """Measure what is asked for."""
    sizes, keys = options["sizes"], options["keys"]
    brand = Brand(env)
    if "backlog_memory_mib" in keys:
        backlog = Backlog(env, brand)
        # Each is a process of its own: there is nothing to warm up.
        ours, yardstick = in_turn(
            sizes["rounds"],
            lambda: backlog.round(sizes["backlog"]),
            lambda: backlog.round(1000),
            warm_up=0,
        )
        tell("backlog_memory_mib", ours=ours, yardstick=yardstick)
    if any(key.startswith("workers_") for key in keys):
        queue = Queue(env, brand, sizes["calls"])
        many, one = in_turn(sizes["rounds"], lambda: queue.round(WORKERS), lambda: queue.round(1))
        rates = {
            "ours": [rate for rate, *_wrong in many],
            "yardstick": [rate for rate, *_wrong in one],
        }
        tell("workers_lost", ours=[lost for _rate, lost, _twice in many], yardstick=[0])
        tell("workers_duplicates", ours=[twice for _rate, _lost, twice in many], yardstick=[0])
        tell("workers_throughput", **rates)


def in_child(dbname, work, *arguments):
    """Start ``work(env, *arguments)`` in a process of its own, with connections of its own."""

    def run():
        # psycopg2 leaves alone the connections that another process opened.
        odoo.sql_db._Pool = odoo.sql_db._Pool_readonly = None
        registry = Registry(dbname)
        registry._db = odoo.sql_db.db_connect(dbname)
        with registry.cursor() as cr:
            work(api.Environment(cr, SUPERUSER_ID, {}), *arguments)

    process = FORK.Process(target=run)
    process.start()
    return process


def join(processes):
    """Wait for all; each must have ended well."""
    for process in processes:
        process.join(PATIENCE_SECONDS)
        check(0, process.exitcode, "a process ended with")


# -- Memory -----------------------------------------------------------------------


class Backlog:
    """An account whose network has many pages waiting: read, stored and decided by the scheduled actions."""

    def __init__(self, env, brand):
        self.env, self.brand = env, brand
        env["social.care.rule"].search([]).active = False
        reason = env["social.care.reason"].search([], limit=1)
        env["social.care.rule"].create(
            {"name": "All of it", "action": "ignore", "reason_id": reason.id, "keywords": "parcel"}
        )
        env.cr.commit()
        self.rounds = 0

    def round(self, count):
        """Peak memory in MiB of the process that works it off."""
        self.rounds += 1
        account = self.brand.connect(
            f"backlog{self.rounds}", access_token="a-token", next_poll_at=fields.Datetime.now()
        )
        self.env.cr.commit()
        receiver, sender = FORK.Pipe(duplex=False)
        process = in_child(self.env.cr.dbname, _work_off, account.id, count, sender)
        peak = receiver.recv() if receiver.poll(3 * PATIENCE_SECONDS) else None
        join([process])
        self.env.invalidate_all()
        self.env.cr.rollback()
        found = self.env["social.care.mention"]._read_group(
            [("account_id", "=", account.id)], ["state"], ["__count", "external_id:count_distinct"]
        )
        check([("ignored", count, count)], found, "messages of the backlog")
        account.state = "paused"
        self.env.cr.commit()
        return peak / 1024


def _work_off(env, account_id, count, sender):
    account = env["social.care.account"].browse(account_id)

    class Waiting(networks.Mastodon):
        """A network with a page after the other."""

        customers = Customers(f"backlog{account_id}-", authors=500)

        def fetch(self, cursor, since):
            read = cursor.get("read", 0) + PAGE
            mentions = tuple(self.customers.say(PAGE))
            return networks.Page(mentions=mentions, cursor={"read": read}, more=read < count)

        def refresh(self, external_ids):
            return []

    env.registry["social.care.account"]._get_network_classes = lambda _self: {"mastodon": Waiting}

    def is_read():
        env.cr.commit()
        return (account.cursor or {}).get("read", 0) >= count

    run_cron(env, "social_care.ir_cron_poll", is_read)
    drain_triage(env)
    # KiB on Linux
    sender.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


# -- Workers ----------------------------------------------------------------------


class Queue:
    """Webhook calls that wait, and workers that share them."""

    def __init__(self, env, brand, calls):
        self.env, self.calls = env, calls
        self.app, self.account = connect_page(env, brand)

    def round(self, workers):
        """Messages a second, how many were lost, and how many calls were read again."""
        sent = set()
        for _call in range(self.calls):
            body = bench_calls.body(EVENTS)
            sent.update(bench_calls.external_ids(body))
            self.env["social.care.delivery"]._receive(self.app, body)
        self.env.cr.commit()
        barrier = FORK.Barrier(workers + 1)
        pipes = [FORK.Pipe(duplex=False) for _worker in range(workers)]
        processes = [
            in_child(self.env.cr.dbname, _process, barrier, sender) for _receiver, sender in pipes
        ]
        barrier.wait(PATIENCE_SECONDS)
        started = time.perf_counter()
        while self._is_waiting():
            check(True, time.perf_counter() - started < PATIENCE_SECONDS, "calls were processed")
            time.sleep(0.02)
        took = time.perf_counter() - started
        read = [call for receiver, _sender in pipes for call in _receive(receiver)]
        join(processes)
        rows = self.env.execute_query(
            SQL(
                "SELECT external_id FROM social_care_mention WHERE account_id = %s"
                " AND external_id = ANY(%s)",
                self.account.id,
                list(sent),
            )
        )
        self.env.cr.commit()
        found = [external_id for (external_id,) in rows]
        check(self.calls, len(set(read)), "calls were read")
        return len(sent) / took, len(sent - set(found)), len(read) - len(set(read))

    def _is_waiting(self):
        # Each look needs a new snapshot.
        self.env.cr.commit()
        return self.env.execute_query(
            SQL("SELECT 1 FROM social_care_delivery WHERE state = 'received' LIMIT 1")
        )


def _receive(receiver):
    check(True, receiver.poll(PATIENCE_SECONDS), "a worker told what it read")
    return receiver.recv()


def _process(env, barrier, sender):
    deliveries = env["social.care.delivery"]
    registry_class = env.registry["social.care.delivery"]
    read_entries, read = registry_class._read_entries, []

    def read_and_note(delivery):
        # The tables do not tell: a message that is stored again changes nothing.
        read.append(delivery.id)
        return read_entries(delivery)

    registry_class._read_entries = read_and_note
    deliveries.search_count([])
    env.cr.commit()
    barrier.wait(PATIENCE_SECONDS)
    deliveries._cron_process()
    sender.send(read)
