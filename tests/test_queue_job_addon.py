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
RUNNING = "SELECT channel, method_name FROM queue_job WHERE state = 'started'"
DONE = "SELECT DISTINCT method_name FROM queue_job WHERE state = 'done'"
OURS = "SELECT method_name FROM queue_job WHERE starts_with(channel, 'root.social_care')"
BEGUN = "SELECT 1 FROM social_care_account WHERE id = %s AND poll_attempts > 0"
OPEN = "SELECT 1 FROM queue_job WHERE state IN ('pending', 'enqueued', 'started')"
# The runner's lock on the database.
ALIVE = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1"


@pytest.fixture(scope="module")
def installed(make_database):
    """A database with the addon and the job queue, for copies: nothing runs on it."""
    database = make_database()
    _run(
        odoo_process.command(
            *("server", "-d", database.name, "-i", MODULES[0], "--stop-after-init", "--no-http")
        ),
        database.env,
    )
    return database


@pytest.fixture(scope="module")
def queueing(make_database, installed):
    return make_database(installed.name)


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


def _has_sent(brand, *replies):
    sent = [("id", "in", replies), ("state", "=", "sent"), ("settled_at", "!=", False)]
    return brand.admin("social.care.reply", "search_count", sent) == len(replies)


def _ask(brand, server, account):
    """Have a customer write to the account, and give the mention once it is a ticket."""
    server.user("alice").say("@brand hello")
    brand.admin("social.care.account", "action_poll_now", [account])
    [mention] = wait_for(lambda: _ticketed(brand, account), "the message is a ticket", 60)
    return mention["id"]


def _hang(server):
    """Have a server answer late, and in time, to whoever reads there or writes."""
    server.fault("latency", path="/api/v1/notifications*", delay_ms=14000)
    server.fault("latency", path="/api/v1/statuses", methods=["POST"], delay_ms=14000)


def test_it_installs_itself_and_its_own_tests_pass(installed):
    assert _states(installed) == dict.fromkeys(MODULES, "installed")
    log = _run(
        [
            *(environment.VENV / "bin/python", paths.CHECKOUT / "dev/toolbox/odoo_suite.py"),
            *("-d", installed.name, f"--test-tags=/{MODULES[1]}"),
            *("--stop-after-init", "--no-http", "--max-cron-threads=0"),
        ],
        installed.env,
    )
    [(failed, errors, tests)] = re.findall(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests", log)
    assert (failed, errors) == ("0", "0"), log[-6000:]
    assert int(tests) >= 15


@pytest.fixture(scope="module")
def running(queueing):
    """A brand on an Odoo of several processes with a job runner; no scheduled action runs by itself."""
    server = OdooServer(
        queueing,
        workers=4,
        arguments=("--load=web,queue_job",),
        variables={"ODOO_QUEUE_JOB_CHANNELS": "root:4"},
    )
    try:
        server.start()
        wait_for(lambda: queueing.query(ALIVE), "the job runner is alive", 60)
        yield Brand(server)
    finally:
        server.stop()


def test_jobs_bring_messages_and_send_each_answer_once(running, queueing, old_snac):
    aurora = old_snac.add_user("jobs1")
    account = running.connect(aurora)
    _rest(queueing)
    people = [old_snac.add_user(name) for name in ("jobsalice1", "jobsbob1")]
    said = [person.say(f"@jobs1 my bag, {person.name}!") for person in people]
    for person in people:
        aurora.hear(f"my bag, {person.name}")
    running.admin("social.care.account", "action_poll_now", [account])

    wait_for(lambda: len(_ticketed(running, account)) == 2, "jobs made two tickets", 60)
    replies = [
        running.answer(mention["id"], "Which flight was it?")
        for mention in running.mentions(account)
    ]
    wait_for(lambda: _has_sent(running, *replies), "both are sent", 60)
    _rest(queueing)

    answered = [post["in_reply_to_id"] for post in aurora.own_statuses()]
    assert sorted(answered) == sorted(status["id"] for status in said)
    methods = {row["method_name"] for row in queueing.query(DONE)}
    assert {"_job_poll", "_job_triage", "_job_publish"} <= methods
    assert not queueing.query("SELECT exc_info FROM queue_job WHERE state = 'failed'")


def test_an_account_that_hangs_does_not_hold_anothers(running, queueing, make_mock):
    slow, quick = make_mock(), make_mock()
    hanging = running.connect(slow.user("brand"), name="On a server that hangs")
    healthy = running.connect(quick.user("brand"), name="On the other")
    asked = _ask(running, slow, hanging)
    _rest(queueing)
    _hang(slow)
    running.admin("social.care.account", "action_poll_now", [hanging])
    running.answer(asked, "Hello")
    held = [
        {"channel": f"root.social_care.{hanging}", "method_name": method}
        for method in ("_job_poll", "_job_publish")
    ]
    wait_for(
        lambda: [row for row in held if row in queueing.query(RUNNING)] == held,
        "it is read, and an answer is sent",
        10,
    )

    for _again in range(3):
        running.admin("social.care.account", "action_poll_now", [hanging])
    reply = running.answer(_ask(running, quick, healthy), "Hello")

    wait_for(lambda: _has_sent(running, reply), "the other's is answered", 10)
    of_hanging = [row for row in queueing.query(RUNNING) if row["channel"] == held[0]["channel"]]
    assert sorted(of_hanging, key=lambda row: row["method_name"]) == held


def test_where_jobs_run_one_by_one_the_scheduled_actions_do_the_work(
    installed, make_database, make_odoo, make_mock
):
    database = make_database(installed.name)
    # As it is where nobody configured anything: root:1, two threads for scheduled actions.
    server = make_odoo(database, crons=2, arguments=("--load=web,queue_job",))
    wait_for(lambda: database.query(ALIVE), "the job runner is alive", 60)
    brand = Brand(server)
    slow, quick = make_mock(), make_mock()
    hanging = brand.connect(slow.user("brand"), name="On a server that hangs")
    healthy = brand.connect(quick.user("brand"), name="On the other")
    asked = [_ask(brand, *place) for place in ((slow, hanging), (quick, healthy))][1]
    wait_for(lambda: not database.query(BEGUN, hanging), "nobody reads there", 30)
    _hang(slow)
    brand.admin("social.care.account", "action_poll_now", [hanging])
    wait_for(lambda: database.query(BEGUN, hanging), "it is being read", 30)

    reply = brand.answer(asked, "Hello")

    wait_for(lambda: _has_sent(brand, reply), "the other's answer is sent", 10)
    assert database.query(BEGUN, hanging)
    assert not database.query(OURS)
    settings = brand.admin("res.config.settings", "create", {})
    assert brand.read("res.config.settings", settings, "social_care_room") == {
        "id": settings,
        "social_care_room": 1,
    }


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
