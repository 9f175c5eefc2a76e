"""Where the OCA's job queue is installed, social_care_queue_job joins it by itself."""

import re
import subprocess

import pytest

from support.brand import Brand
from support.mastodon_mock import MastodonMock
from support.odoo import OdooServer
from support.waiting import wait_for
from toolbox import environment, odoo_process, paths

MODULES = ("queue_job", "social_care_queue_job")
STATES = "SELECT name, state FROM ir_module_module WHERE name = ANY(%s)"
RUNNING = "SELECT count(*) FROM queue_job WHERE state = 'started' AND method_name = '_job_poll'"


@pytest.fixture(scope="module")
def queueing(make_database):
    """A database with the addon and the job queue."""
    database = make_database()
    _run(
        odoo_process.command(
            *("server", "-d", database.name, "-i", MODULES[0], "--stop-after-init", "--no-http")
        ),
        database.env,
    )
    return database


@pytest.fixture
def make_mock(tmp_path_factory):
    """A function that starts a Mastodon of this test's own."""
    started = []

    def make():
        server = MastodonMock(tmp_path_factory.mktemp("mastodon"))
        started.append(server)
        server.start()
        return server

    yield make
    for server in started:
        server.stop()


def _run(command, env):
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=250, check=False
    )
    assert done.returncode == 0, done.stderr[-6000:]
    return done.stderr


def _states(database):
    return {row["name"]: row["state"] for row in database.query(STATES, list(MODULES))}


def _ticketed(brand, account):
    return [mention for mention in brand.mentions(account) if mention["ticket_id"]]


def test_it_installs_itself_and_its_own_tests_pass(queueing):
    assert _states(queueing) == dict.fromkeys(MODULES, "installed")
    log = _run(
        [
            *(environment.VENV / "bin/python", paths.CHECKOUT / "dev/toolbox/odoo_suite.py"),
            *("-d", queueing.name, f"--test-tags=/{MODULES[1]}"),
            *("--stop-after-init", "--no-http", "--max-cron-threads=0"),
        ],
        queueing.env,
    )
    [(failed, errors, tests)] = re.findall(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests", log)
    assert (failed, errors) == ("0", "0"), log[-6000:]
    assert int(tests) >= 15
