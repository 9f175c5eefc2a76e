"""Odoo with the project's settings: a configuration file in the cache and the environment variables that name it."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from . import environment, odoo_source, postgres
from .paths import ADDON, CACHE, CHECKOUT, cache_folder, digest

PROGRAM = Path(__file__).with_name("odoo_program.py")


@contextlib.contextmanager
def ready():
    """PostgreSQL running and everything fetched; gives the environment variables for Odoo's processes."""
    with postgres.running() as connection:
        yield variables(connection)


def variables(connection):
    """The environment of an Odoo process. Settings of a person's own Odoo do not get in."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ODOO_", "OPENERP_"))
        and name not in ("PGDATABASE", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE")
    }
    return {
        **kept,
        **connection,
        "ODOO_RC": str(_configuration()),
        "PYTHONUNBUFFERED": "1",
        # Compiled once for all processes, and nothing is written beside the sources.
        "PYTHONPYCACHEPREFIX": str(cache_folder("bytecode")),
        "TZ": "UTC",
    }


def command(*arguments):
    """The command line that runs Odoo; the first argument may be one of Odoo's subcommands."""
    subcommand = [] if arguments and not arguments[0].startswith("-") else ["server"]
    return [str(environment.python()), str(PROGRAM), *subcommand, *arguments]


def call(arguments, env, **options):
    """Run Odoo in the foreground until it ends and give its exit status.

    Ctrl-C in a terminal reaches Odoo by itself, and a second signal would make it end without tidying up: it is
    passed on only where there is no terminal.
    """
    process = subprocess.Popen(command(*arguments), env=env, **options)

    def pass_on(number, _frame):
        if number == signal.SIGTERM or not sys.stdin.isatty():
            process.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _configuration():
    """Write the configuration file and give its path."""
    folders = [*odoo_source.addons_folders()]
    if (ADDON / "__manifest__.py").exists():
        folders.append(CHECKOUT)
    lines = [
        "[options]",
        f"addons_path = {','.join(map(str, folders))}",
        f"data_dir = {data_folder()}",
        "http_interface = 127.0.0.1",
    ]
    # Checkouts may share a cache, each with its own addon.
    path = CACHE / f"odoo-{digest(str(CHECKOUT))}.conf"
    text = "\n".join(lines) + "\n"
    if not path.exists() or path.read_text() != text:
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(text)
        partial.replace(path)
    return path


def data_folder():
    """Where Odoo keeps its files and sessions."""
    return cache_folder("data")
