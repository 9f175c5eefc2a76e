"""Run the chosen suites, at most two beside each other, and say what came out."""

import concurrent.futures
import os
import shutil
import threading
import time
from pathlib import Path

from . import browser, databases, descriptions, environment, processes, report, servers, templates
from .console import Problem, say
from .paths import CHECKOUT, cache_folder
from .ports import free_ports

# A run that hangs is ended: CI must hear about it.
LIMIT_SECONDS = 40 * 60
KEPT_LOGS = 20
_screen = threading.Lock()


class Run:
    """One run of the tests on databases copied from one template."""

    def __init__(self, env, selection):
        self.selection = selection
        self.env = env
        self.logs = _log_folder()

    def execute(self, jobs):
        """Run everything and give the outcomes."""
        databases.drop_left_over(self.env)
        with templates.with_addon(self.env) as template:
            return self._execute(jobs, template)

    def _execute(self, jobs, template):
        self.env = {**self.env, "PATH": f"{browser.folder()}{os.pathsep}{self.env['PATH']}"}
        work = []
        if self.selection.addon_tags:
            work.append(lambda: self._odoo("social_care", template, self.selection.addon_tags))
        if self.selection.pytest_arguments:
            servers.fetch()
            descriptions.fetch()
            work.append(lambda: self._pytest(template, jobs))
        if self.selection.helpdesk_tags:
            work.append(lambda: self._odoo("helpdesk", template, self.selection.helpdesk_tags))
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            futures = [pool.submit(one) for one in work]
            try:
                return [future.result() for future in futures]
            except BaseException:
                processes.stop_all()
                raise

    def _odoo(self, name, template, tags):
        started = time.monotonic()
        database = databases.run_name(name)
        databases.copy(self.env, template, database)
        http, gevent = free_ports(2)
        log = self.logs / f"{name}.log"
        reader = report.OdooLog(lambda text: _say(name, text))
        try:
            status = processes.watch(
                [
                    *(environment.VENV / "bin/python", CHECKOUT / "dev/toolbox/odoo_suite.py"),
                    *(
                        "-d",
                        database,
                        f"--test-tags={','.join(tags)}",
                        "--stop-after-init",
                        "--max-cron-threads=0",
                    ),
                    *(
                        f"--http-port={http}",
                        f"--gevent-port={gevent}",
                        "--log-handler=py.warnings:CRITICAL",
                    ),
                ],
                log,
                reader.read,
                self.env,
                LIMIT_SECONDS,
            )
        finally:
            databases.drop(self.env, database)
        outcome = reader.outcome(name, status, log)
        outcome.seconds = time.monotonic() - started
        return outcome

    def _pytest(self, template, jobs):
        started = time.monotonic()
        # These tests mostly wait for servers: two workers take half the time, also beside Odoo's runner.
        whole = all((CHECKOUT / name).is_dir() for name in self.selection.pytest_arguments)
        # Each takes half, in order, and later from the other's end: costly fixtures of a file are made once.
        workers = [f"--numprocesses={jobs}", "--dist=worksteal"] if whole and jobs > 1 else []
        log, junit = self.logs / "pytest.log", self.logs / "pytest.xml"
        junit.unlink(missing_ok=True)
        status = processes.watch(
            [
                *(
                    environment.VENV / "bin/python",
                    "-m",
                    "pytest",
                    f"--rootdir={CHECKOUT}",
                    f"--junitxml={junit}",
                ),
                *("--verbose", "--no-header", "--color=no", "-p", "no:cacheprovider"),
                *workers,
                *self.selection.pytest_arguments,
            ],
            log,
            _say_of_pytest,
            {
                **self.env,
                "SOCIAL_CARE_TEST_TEMPLATE": template,
                "SOCIAL_CARE_HELPDESK_TEMPLATE": templates.helpdesk(self.env),
                "SOCIAL_CARE_TEST_LOGS": str(self.logs),
            },
            LIMIT_SECONDS,
        )
        outcome = report.pytest_outcome("pytest", status, junit, log)
        outcome.seconds = time.monotonic() - started
        return outcome


def summarise(outcomes):
    """Print each suite's numbers, what went wrong, and the last line; give the exit status."""
    say()
    for one in outcomes:
        say(
            f"{one.name:12} {one.passed:5} passed {one.failed:5} failed {one.skipped:4} skipped {one.seconds:6.0f} s"
        )
        for problem in one.problems:
            say(f"    {problem}")
    passed, failed = sum(one.passed for one in outcomes), sum(one.failed for one in outcomes)
    if not passed + failed:
        raise Problem("no test was run")
    say(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def _log_folder():
    """A folder of this run's own, because several may run at once; the oldest ones go."""
    runs = sorted(cache_folder("logs").glob("test-*"), key=lambda path: path.stat().st_mtime)
    for old in runs[:-KEPT_LOGS]:
        # A run that still goes on writes into its own.
        if not Path("/proc", old.name.rpartition("-")[2]).exists():
            shutil.rmtree(old, ignore_errors=True)
    return cache_folder("logs", f"test-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}")


def _say_of_pytest(line):
    # With several workers pytest also says which test begins: a line that ends in a space.
    if line.strip() and not (line.startswith("tests/") and line.endswith(" ")):
        _say("pytest", line)


def _say(name, text):
    with _screen:
        say(f"[{name}] {text}")
