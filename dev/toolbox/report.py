"""What came out of a suite, counted from what the runners themselves write."""

import dataclasses
import re
import xml.etree.ElementTree as ElementTree

RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \S+ \d+ (?P<level>[A-Z]+) (?P<database>\S+) (?P<logger>[\w.]+): (?P<text>.*)$"
)
STARTING = re.compile(r"^Starting (?P<name>[\w.]+) \.\.\.$")
SUMMARY = re.compile(r"^(?P<failed>\d+) failed, (?P<errors>\d+) error\(s\) of (?P<run>\d+) tests")
SKIPPED = re.compile(r"^skipped (?P<name>.+?) : (?P<reason>.*)$")
TEST_FAILED = re.compile(r"^(FAIL|ERROR): ")


@dataclasses.dataclass
class Outcome:
    """The numbers of one suite, and the texts that explain the bad ones."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0
    problems: list = dataclasses.field(default_factory=list)

    def fail(self, problem):
        """Count a failure that no test stands for."""
        self.failed += 1
        self.problems.append(problem)


class OdooLog:
    """Reads the log of Odoo's test runner line by line."""

    def __init__(self, say):
        self.say = say
        self.run = self.failed = 0
        self.finished = False
        self.skips = []
        self.errors = []
        self._in_error = False
        self._warnings = set()
        self._class = None
        self._started = 0

    def read(self, line):
        """Take one line; say which test class begins, and every failure in full."""
        record = RECORD.match(line)
        if not record:
            if self._in_error:
                self.say(f"    {line}")
            return
        text = record["text"].rstrip()
        self._in_error = record["level"] in ("ERROR", "CRITICAL")
        if self._in_error:
            self.say(f"{record['level']} {record['logger']}: {text}")
            # The runner writes its own sum at this level when a test failed.
            if (
                not TEST_FAILED.match(text)
                and not SUMMARY.match(text)
                and not text.startswith("Module ")
            ):
                self.errors.append(text)
        elif record["level"] == "WARNING" and text not in self._warnings:
            self._warnings.add(text)
            self.say(f"WARNING {record['logger']}: {text}")
        self._count(text)

    def _count(self, text):
        if found := STARTING.match(text):
            self._started += 1
            name = found["name"].split(".")[0]
            if name != self._class:
                self._class = name
                self.say(f"{self._started:4d}  {name}")
        elif found := SKIPPED.match(text):
            self.skips.append(f"{found['name']}: {found['reason']}")
            self.say(f"skipped {self.skips[-1]}")
        elif found := SUMMARY.match(text):
            self.finished = True
            self.run += int(found["run"])
            self.failed += int(found["failed"]) + int(found["errors"])

    def outcome(self, name, status, log):
        """The numbers, given the runner's exit status. What did not run to its end has failed."""
        outcome = Outcome(name, failed=self.failed, skipped=len(self.skips))
        outcome.passed = max(self.run - self.failed - len(self.skips), 0)
        for skip in self.skips:
            outcome.fail(f"skipped, which counts as failed: {skip}")
        for error in self.errors:
            outcome.fail(f"logged as an error: {error}")
        if status is None:
            outcome.fail(f"took too long and was ended: read {log}")
        elif not self.finished:
            outcome.fail(f"ended before its tests (exit status {status}): read {log}")
        elif status and not outcome.failed:
            outcome.fail(f"exit status {status}: read {log}")
        elif not self.run:
            outcome.fail("no test was run")
        return outcome


def pytest_outcome(name, status, junit, log):
    """The numbers of a pytest run, from its JUnit file and exit status."""
    outcome = Outcome(name)
    if status is None:
        outcome.fail(f"took too long and was ended: read {log}")
        return outcome
    if not junit.exists():
        outcome.fail(f"pytest ended before its tests (exit status {status}): read {log}")
        return outcome
    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        label = f"{case.get('classname')}::{case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.fail(label)
        elif (skip := case.find("skipped")) is not None:
            outcome.skipped += 1
            outcome.fail(f"skipped, which counts as failed: {label}: {skip.get('message')}")
        else:
            outcome.passed += 1
    if status and not outcome.failed:
        outcome.fail(
            "no test was run" if status == 5 else f"pytest's exit status {status}: read {log}"
        )
    return outcome
