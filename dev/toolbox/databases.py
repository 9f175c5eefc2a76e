"""Databases of Odoo: asked, copied and dropped together with the files Odoo keeps beside them."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import environment, odoo_process
from .console import Problem

# Each waits five seconds for whoever is connected.
DROP_ATTEMPTS = 6
RUN_PREFIX = "social_care_test_run"


def query(env, database, sql, parameters=()):
    """Run one SQL statement and give its rows as dictionaries. Dates come as text."""
    done = subprocess.run(
        [str(environment.VENV / "bin/python"), str(Path(__file__).with_name("sql.py"))],
        input=json.dumps({"database": database, "sql": sql, "parameters": list(parameters)}),
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )
    if done.returncode:
        raise Problem(f"the database {database} refuses a statement: {done.stderr.strip()}")
    return json.loads(done.stdout)


def exists(env, name):
    """Whether there is a database of this name."""
    return bool(query(env, "postgres", "SELECT 1 FROM pg_database WHERE datname = %s", [name]))


def copy(env, source, name):
    """Make the database ``name`` as a copy of ``source``, to which nobody may be connected."""
    query(env, "postgres", f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY FILE_COPY')
    if filestore(source).is_dir():
        # Odoo never changes a stored file: its name is the digest of its content.
        shutil.copytree(filestore(source), filestore(name), copy_function=_link, dirs_exist_ok=True)


def rename(env, name, new_name):
    """Give a database another name."""
    query(env, "postgres", f'ALTER DATABASE "{name}" RENAME TO "{new_name}"')
    if filestore(name).is_dir():
        shutil.rmtree(filestore(new_name), ignore_errors=True)
        filestore(name).rename(filestore(new_name))


def drop(env, name, force=True):
    """Delete a database and its files; without ``force`` give False when somebody is connected to it."""
    for _attempt in range(DROP_ATTEMPTS):
        if force:
            # Not DROP … WITH (FORCE): a plain role may not end PostgreSQL's own workers, a plain DROP waits for them.
            query(
                env,
                "postgres",
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = %s AND usename = current_user",
                [name],
            )
        try:
            query(env, "postgres", f'DROP DATABASE IF EXISTS "{name}"')
        except Problem as problem:
            refusal = problem
        else:
            shutil.rmtree(filestore(name), ignore_errors=True)
            return True
        if not force:
            return False
    raise refusal


def named_like(env, prefix):
    """The names of the databases that begin with ``prefix``."""
    rows = query(
        env,
        "postgres",
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY 1",
        [prefix],
    )
    return [row["datname"] for row in rows]


def filestore(name):
    """The folder with the files of a database."""
    return odoo_process.data_folder() / "filestore" / name


def run_name(purpose, prefix=RUN_PREFIX):
    """A name for a database of this run, which a later run recognises as left over."""
    return f"{prefix}_{os.getpid()}_{purpose}"


def drop_left_over(env, prefix=RUN_PREFIX):
    """Delete the databases of runs whose process is gone."""
    for name in named_like(env, prefix):
        found = re.match(rf"{prefix}_(\d+)_", name)
        if found and not Path("/proc", found[1]).exists():
            drop(env, name, force=False)


def _link(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
