"""Where Odoo's spreadsheet dashboards are installed, spreadsheet_dashboard_social_care joins them by itself."""

import re
import subprocess

import pytest

from toolbox import dashboard, environment, odoo_process, paths
from toolbox.ports import free_ports

ADDON = "spreadsheet_dashboard_social_care"
# Records of the log, with the lines that follow each.
ERRORS = re.compile(r"^\d{4}\S+ \S+ \d+ ERROR .*\n(?:(?!\d{4}-\d\d-\d\d ).*\n)*", re.MULTILINE)
STATE = "SELECT state FROM ir_module_module WHERE name = %s"


@pytest.fixture(scope="module")
def dashboards(make_database):
    """A database with the addon and Odoo's dashboards."""
    database = make_database()
    arguments = ("-i", "spreadsheet_dashboard", "--stop-after-init", "--no-http")
    _run(odoo_process.command("server", "-d", database.name, *arguments), database.env)
    return database


def _run(command, env):
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, "".join(ERRORS.findall(done.stderr)) or done.stderr[-6000:]
    return done.stderr


def test_it_installs_itself_and_its_tests_pass(dashboards):
    assert dashboards.query(STATE, ADDON) == [{"state": "installed"}]
    http, gevent = free_ports(2)
    log = _run(
        [
            *(environment.VENV / "bin/python", paths.CHECKOUT / "dev/toolbox/odoo_suite.py"),
            *("-d", dashboards.name, f"--test-tags=/{ADDON}", "--stop-after-init"),
            *(f"--http-port={http}", f"--gevent-port={gevent}", "--max-cron-threads=0"),
        ],
        dashboards.env,
    )
    [(failed, errors, tests)] = re.findall(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests", log)
    assert (failed, errors) == ("0", "0"), log[-6000:]
    assert int(tests) >= 9


@pytest.mark.parametrize("name", dashboard.FILES)
def test_the_files_are_those_that_are_written(name):
    assert (dashboard.FOLDER / name).read_text() == dashboard.texts()[name], (
        "run: cd dev && python3 -m toolbox.dashboard"
    )
