"""Template databases for tests: the helpdesk alone, and with the addon installed. Built once, then copied."""

import contextlib
import fcntl
import re
import subprocess

from . import databases, odoo_process, odoo_source
from .console import Problem, say, step
from .paths import ADDON, REQUIREMENTS, cache_folder, digest, folder_digest, locked

PREFIX = "social_care_test_template"
HELPDESK_MODULES = ("helpdesk_mgmt", "helpdesk_mgmt_sla")
# Their content does not reach the database.
NOT_INSTALLED = ("tests", "readme")


def helpdesk(env):
    """The name of the template with the helpdesk but without the addon."""
    name = f"{PREFIX}_{digest(odoo_source.version(), REQUIREMENTS / 'odoo.txt', REQUIREMENTS / 'helpdesk.txt')}"
    _ensure(
        env, name, None, HELPDESK_MODULES, "Installing the helpdesk into a template database (once)"
    )
    return name


@contextlib.contextmanager
def with_addon(env):
    """The name of the template with the addon as its files are now; it is there while the block runs."""
    if not (ADDON / "__manifest__.py").exists():
        raise Problem(f"there is no addon in {ADDON}: this is not a whole checkout")
    base = helpdesk(env)
    name = f"{base}_{folder_digest(ADDON, NOT_INSTALLED)}"
    with _lock_of(name) as handle:
        # Shared: another run, after the next change of the addon, must not drop what this one copies.
        fcntl.flock(handle, fcntl.LOCK_SH)
        text = "Installing the addon into a template database (after each change of it)"
        _ensure(env, name, base, [ADDON.name], text)
        _drop_stale(env, {base, name})
        yield name


def _drop_stale(env, kept):
    with locked("templates"):
        for name in databases.named_like(env, f"{PREFIX}_"):
            if name in kept:
                continue
            with contextlib.suppress(BlockingIOError), _lock_of(name) as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                databases.drop(env, name, force=False)


def _lock_of(name):
    return (cache_folder("locks") / name).open("w")


def _ensure(env, name, base, modules, text):
    with locked("templates"):
        if databases.exists(env, name):
            return
        partial = f"{name}_partial"
        databases.drop(env, partial)
        with step(text):
            if base:
                databases.copy(env, base, partial)
            _install(env, partial, modules)
        databases.rename(env, partial, name)


def _install(env, database, modules):
    log = cache_folder("logs") / f"install-{modules[0]}.log"
    with log.open("w") as output:
        status = subprocess.call(
            odoo_process.command(
                "-d", database, "-i", ",".join(modules), "--stop-after-init", "--no-http"
            ),
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    # Records of the levels that matter, with the lines that follow each.
    records = re.findall(
        r"^(\S+ \S+ \d+ (?:WARNING|ERROR|CRITICAL) .*(?:\n(?!\d{4}-\d\d-\d\d ).*)*)",
        log.read_text(),
        re.MULTILINE,
    )
    for record in records:
        if " py.warnings: " not in record:
            say(record.rstrip())
    installed = (
        databases.query(
            env,
            database,
            "SELECT name FROM ir_module_module WHERE state = 'installed' AND name = ANY(%s)",
            [list(modules)],
        )
        if status == 0
        else []
    )
    if len(installed) != len(modules) or any(
        re.match(r"\S+ \S+ \d+ (ERROR|CRITICAL)", record) for record in records
    ):
        raise Problem(f"installing {', '.join(modules)} failed: read {log}")
