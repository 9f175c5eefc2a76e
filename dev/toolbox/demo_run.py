"""The demo: a database with sample data, the main job run on it, a table of what came out, and a server."""

import contextlib
import fcntl
import json
import socket
import subprocess
from pathlib import Path

from . import databases, odoo_process, odoo_source
from .console import Problem, say, step
from .paths import ADDON, REQUIREMENTS, Stamp, cache_folder, digest, folder_digest

DATABASE = "social_care_demo"
LANGUAGES = "en_US,es_ES"
NOT_INSTALLED = ("tests", "readme")


def run(env, port, once, fresh):
    """Prepare the demo, run the main job, print the table, and unless ``once`` serve until Ctrl-C."""
    with _alone():
        if not once:
            _check_free(port)
        _prepare(env, fresh)
        _print_table(_run_main_job(env))
        if once:
            return 0
        say(f"\nhttp://localhost:{port}   user admin, password admin   (Ctrl-C ends)")
        return odoo_process.call(
            [
                "-d",
                DATABASE,
                f"--db-filter=^{DATABASE}$",
                f"--http-port={port}",
                "--log-level=warn",
            ],
            env,
        )


@contextlib.contextmanager
def _alone():
    """One demo at a time: two would change the same database."""
    with (cache_folder("locks") / "demo").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(
                "dev/demo is already running in this checkout: end it there with Ctrl-C first"
            ) from None
        yield


def _check_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise Problem(
                f"port {port} is in use by another program: give another one with --port"
            ) from None


def _prepare(env, fresh):
    """Have the database, with the addon as its files are now."""
    stamp = Stamp("demo")
    tree = digest(odoo_source.version(), REQUIREMENTS / "helpdesk.txt", env.get("PGHOST", ""))
    key = f"{tree} {folder_digest(ADDON, NOT_INSTALLED)}"
    done = (stamp.read() or "").split()
    there = databases.exists(env, DATABASE)
    if fresh or not there or not done or done[0] != tree:
        stamp.clear()
        databases.drop(env, DATABASE)
        with step("Creating the demo database (helpdesk, addon, sample data, two languages)"):
            _odoo(env, "-i", ADDON.name, "--with-demo", f"--load-language={LANGUAGES}")
    elif done != key.split():
        stamp.clear()
        with step("Updating the addon in the demo database"):
            _odoo(env, "-u", ADDON.name)
    stamp.write(key)


def _odoo(env, *arguments):
    log = cache_folder("logs") / "demo-install.log"
    with log.open("w") as output:
        status = subprocess.call(
            odoo_process.command("-d", DATABASE, *arguments, "--stop-after-init", "--no-http"),
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    text = log.read_text(errors="replace")
    errors = [line for line in text.splitlines() if " ERROR " in line or " CRITICAL " in line]
    state = (
        databases.query(
            env, DATABASE, "SELECT state FROM ir_module_module WHERE name = %s", [ADDON.name]
        )
        if not status
        else []
    )
    if status or errors or [row["state"] for row in state] != ["installed"]:
        for line in errors[:10]:
            say(f"    | {line}")
        raise Problem(f"the addon cannot be installed into the demo: read {log}")


def _run_main_job(env):
    """Run main_job.py in Odoo's shell and give what it told, by kind."""
    log = cache_folder("logs") / "demo-main-job.log"
    told = {}
    with (
        step("Running the main job: reading the sample, deciding, making tickets"),
        log.open("w") as errors,
    ):
        process = subprocess.Popen(
            odoo_process.command(
                "shell", "-d", DATABASE, "--no-http", "--max-cron-threads=0", "--log-level=warn"
            ),
            stdin=Path(__file__).with_name("main_job.py").open(),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=env,
        )
        for line in process.stdout:
            with contextlib.suppress(json.JSONDecodeError):
                message = json.loads(line)
                if isinstance(message, dict) and "demo" in message:
                    told[message.pop("demo")] = message
        status = process.wait()
    if status or "tickets" not in told:
        for line in log.read_text(errors="replace").splitlines()[-15:]:
            say(f"    | {line}")
        raise Problem(f"the main job failed: read {log}, or begin anew with dev/demo --fresh")
    if not told["accounts"]["connected"]:
        raise Problem(
            "no account of the demo is connected, so nothing can be read: begin anew with dev/demo --fresh"
        )
    return told


def _print_table(told):
    decisions = told["decisions"]["rows"]
    say(f"\n{'Mentions by decision':40}{sum(count for _label, count in decisions):>8}")
    for label, count in decisions:
        say(f"  {label:38}{count:>8}")
    say(f"\n{'Tickets by team':40}{'all':>8}{'open':>8}{'late':>8}   next deadline")
    for team, everything, still_open, late, deadline in told["tickets"]["rows"]:
        say(f"  {team[:38]:38}{everything:>8}{still_open:>8}{late:>8}   {deadline}")
    say(f"\nmain job: {told['seconds']['seconds']} seconds")
