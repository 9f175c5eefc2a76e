"""Where the helpdesk's own merge is installed, social_care_merge joins it by itself."""

import re
import subprocess

import pytest

from toolbox import environment, odoo_process, paths

MERGE = ("helpdesk_mgmt_merge", "social_care_merge")
STATES = "SELECT name, state FROM ir_module_module WHERE name LIKE '%%_merge' ORDER BY name"


@pytest.fixture(scope="module")
def merging(make_database):
    """A database with the addon and the helpdesk's merge."""
    database = make_database()
    command = odoo_process.command(
        *("server", "-d", database.name, "-i", MERGE[0], "--stop-after-init", "--no-http")
    )
    _run(command, database.env)
    return database


def _run(command, env):
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=250, check=False
    )
    assert done.returncode == 0, done.stderr[-6000:]
    return done.stderr


def test_it_installs_itself_beside_the_helpdesks_merge(merging):
    assert {row["name"]: row["state"] for row in merging.query(STATES)} == dict.fromkeys(
        MERGE, "installed"
    )


def test_merging_takes_the_conversation_along_and_the_helpdesks_own_tests_pass(merging):
    log = _run(
        [
            *(environment.VENV / "bin/python", paths.CHECKOUT / "dev/toolbox/odoo_suite.py"),
            *("-d", merging.name, f"--test-tags=/{MERGE[0]},/{MERGE[1]}"),
            *("--stop-after-init", "--no-http", "--max-cron-threads=0"),
        ],
        merging.env,
    )
    [(failed, errors, tests)] = re.findall(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests", log)
    assert (failed, errors) == ("0", "0"), log[-6000:]
    assert int(tests) >= 10


def test_the_helpdesk_goes_on_when_its_merge_is_taken_off(merging):
    merging.script(
        "env['ir.module.module'].search([('name', '=', 'helpdesk_mgmt_merge')])"
        ".button_immediate_uninstall()"
    )
    assert {row["state"] for row in merging.query(STATES)} == {"uninstalled"}
    merging.script("env['helpdesk.ticket'].create({'name': 'x', 'description': 'x'})")
