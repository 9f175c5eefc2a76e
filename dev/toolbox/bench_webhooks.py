"""Calls to a real server with two workers, for dev/bench: webhooks and Odoo's own health page in turn."""

import concurrent.futures
import contextlib
import http.client
import os
import signal
import statistics
import subprocess
import time

from . import bench_calls, databases, odoo_process
from .console import Problem
from .paths import cache_folder
from .ports import free_ports

CALLERS = 4  # at the same time: both workers always have the next call waiting
HEALTH, HEALTH_DB = "/web/health", "/web/health?db_server_status=1"
SINGLE_CALLS = 20  # one after the other, for the answer to a long call and a short one
PATIENCE_SECONDS = 120


def measure(env, database, address, sizes):
    """Measure all figures of the webhook; ``address`` is that of the app the shell made."""
    with _server(env, database) as port:
        path = address["path"]
        sent = 0
        rounds = {path: [], HEALTH: [], HEALTH_DB: []}
        singles = {100: [], 1: []}
        for number in range(sizes.rounds + 1):
            loads = {one: _load(port, one, sizes.requests) for one in rounds}
            times = {events: _one_by_one(port, path, events) for events in singles}
            sent += sizes.requests + len(singles) * SINGLE_CALLS
            if number:  # the first one warms up
                for one, load in loads.items():
                    rounds[one].append(load)
                for events, milliseconds in times.items():
                    singles[events].append(milliseconds)
    [row] = databases.query(
        env,
        database,
        "SELECT count(*), count(DISTINCT digest) AS different FROM social_care_delivery",
    )
    if row != {"count": sent, "different": sent}:
        raise Problem(f"{sent} webhook calls were answered, but the database holds {row}")
    ours = rounds[path]
    return {
        "webhook_vs_health": _told(ours, rounds[HEALTH], 0),
        "webhook_vs_health_db": _told(ours, rounds[HEALTH_DB], 0),
        "webhook_p99_vs_health": _told(ours, rounds[HEALTH], 1),
        "webhook_100_vs_1": {"ours": singles[100], "yardstick": singles[1]},
    }


def _told(ours, yardstick, place):
    return {"ours": [one[place] for one in ours], "yardstick": [one[place] for one in yardstick]}


def _load(port, path, requests):
    """Calls a second, and the 99th percentile of their milliseconds."""
    bodies = [_body(path, 1) for _request in range(requests)]
    started = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(CALLERS) as callers:
        times = list(callers.map(lambda content: _call(port, path, content), bodies))
    seconds = time.perf_counter() - started
    return requests / seconds, statistics.quantiles(times, n=100)[-1]


def _one_by_one(port, path, events):
    """The median milliseconds of the answer to a call with so many events."""
    return statistics.median(
        _call(port, path, _body(path, events)) for _call_number in range(SINGLE_CALLS)
    )


def _body(path, events):
    """A call and its headers; None for a page that is only read."""
    if path.startswith(HEALTH):
        return None
    content = bench_calls.body(events)
    return content, bench_calls.headers(content)


def _call(port, path, call):
    """Make one call and give its milliseconds; anything but 200 is a Problem."""
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    if call:
        connection.request("POST", path, *call)
    else:
        connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise Problem(f"{path.rpartition('/')[0]} answers {answer.status}")
    return 1000 * (time.perf_counter() - started)


@contextlib.contextmanager
def _server(env, database):
    """Odoo with two workers on the database; gives its port. Scheduled actions rest, for both sides alike."""
    port, gevent = free_ports(2)
    log = cache_folder("logs") / f"bench-server-{os.getpid()}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            odoo_process.command(
                *("server", "-d", database, f"--db-filter=^{database}$", f"--http-port={port}"),
                *(f"--gevent-port={gevent}", "--workers=2", "--max-cron-threads=0"),
                "--log-level=warn",
            ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
        )
    try:
        _wait(port, process, log)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    log.unlink()


def _wait(port, process, log):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException):
            _call(port, HEALTH, None)
            return
        time.sleep(0.1)
    raise Problem(f"Odoo does not answer on port {port}: read {log}")
