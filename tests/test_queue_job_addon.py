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
RUNNING = "SELECT channel FROM queue_job WHERE state = 'started' AND method_name = '_job_poll'"
DONE = "SELECT DISTINCT method_name FROM queue_job WHERE state = 'done'"
OPEN = "SELECT 1 FROM queue_job WHERE state IN ('pending', 'enqueued', 'started')"
# The runner's lock on the database.
ALIVE = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1"


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


def _rest(database):
    """Wait until no job is left: looking again while an account is being looked at is once."""
    wait_for(lambda: not database.query(OPEN), "all jobs are done", 30)


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


@pytest.fixture(scope="module")
def running(queueing):
    """A brand on an Odoo with a job runner; no scheduled action runs by itself."""
    server = OdooServer(
        queueing,
        arguments=("--load=web,queue_job",),
        variables={"ODOO_QUEUE_JOB_CHANNELS": "root:4"},
    )
    try:
        server.start()
        wait_for(lambda: queueing.query(ALIVE), "the job runner is alive", 60)
        yield Brand(server)
    finally:
        server.stop()


def test_jobs_bring_messages_and_send_each_answer_once(running, queueing, make_mock):
    mock = make_mock()
    account = running.connect(mock.user("brand"))
    _rest(queueing)
    said = [mock.user(name).say(f"@brand my bag, {name}!") for name in ("alice", "bob")]
    running.admin("social.care.account", "action_poll_now", [account])

    wait_for(lambda: len(_ticketed(running, account)) == 2, "jobs made two tickets", 60)
    replies = [
        running.answer(mention["id"], "Which flight was it?")
        for mention in running.mentions(account)
    ]
    sent = [("id", "in", replies), ("state", "=", "sent"), ("settled_at", "!=", False)]
    wait_for(
        lambda: running.admin("social.care.reply", "search_count", sent) == 2, "both are sent", 60
    )

    answered = [post["in_reply_to_id"] for post in mock.user("brand").own_statuses()]
    assert sorted(answered) == sorted(status["id"] for status in said)
    methods = {row["method_name"] for row in queueing.query(DONE)}
    assert {"_job_poll", "_job_triage", "_job_publish"} <= methods
    assert not queueing.query("SELECT exc_info FROM queue_job WHERE state = 'failed'")


def test_an_account_that_hangs_does_not_hold_anothers(running, queueing, make_mock):
    slow, quick = make_mock(), make_mock()
    hanging = running.connect(slow.user("brand"), name="On a server that hangs")
    healthy = running.connect(quick.user("brand"), name="On the other")
    _rest(queueing)
    quick.user("alice").say("@brand hello")
    slow.fault("latency", path="/api/v1/notifications*", delay_ms=14000)
    running.admin("social.care.account", "action_poll_now", [hanging])
    wait_for(lambda: queueing.query(RUNNING), "its job has begun", 30)

    for _again in range(3):
        running.admin("social.care.account", "action_poll_now", [hanging])
    running.admin("social.care.account", "action_poll_now", [healthy])

    wait_for(lambda: _ticketed(running, healthy), "the other's message is a ticket", 10)
    [running] = queueing.query(RUNNING)
    assert running["channel"] == f"root.social_care.{hanging}"


def test_uninstalling_gives_the_queues_back_to_the_scheduled_actions(
    running, queueing, make_odoo, mastodon_mock
):
    running.server.stop()
    queueing.script(
        "env['ir.module.module'].search([('name', '=', 'social_care_queue_job')])"
        ".button_immediate_uninstall()"
    )
    assert _states(queueing) == {MODULES[0]: "installed", MODULES[1]: "uninstalled"}
    assert not queueing.query(OPEN)

    running.admin = make_odoo(queueing, crons=1).login()
    account = running.connect(mastodon_mock.user("brand"))
    mastodon_mock.user("alice").say("@brand hello again")
    wait_for(lambda: _look(running, account), "scheduled actions make the ticket", 60)


def _look(brand, account):
    brand.admin("social.care.account", "action_poll_now", [account])
    return _ticketed(brand, account)
