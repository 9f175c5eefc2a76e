"""Talking to the person at the terminal: steps, failures, child processes."""

import argparse
import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time


class Problem(Exception):
    """An expected failure: one clear sentence that names what is missing and its remedy."""


def say(text=""):
    """Print one line at once, also when the output is a file."""
    print(text, flush=True)


@contextlib.contextmanager
def step(text):
    """Say what begins and, when it is over, how many seconds it took."""
    say(f"==> {text}")
    started = time.monotonic()
    yield
    seconds = time.monotonic() - started
    if seconds >= 1:
        say(f"    {seconds:.0f} s")


def run(command, problem, **options):
    """Run a command to its end and give its standard output.

    When it fails, raise Problem with the sentence ``problem``; the last lines the command wrote stand above it.
    """
    options.setdefault("stderr", subprocess.STDOUT)
    try:
        done = subprocess.run(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            text=True,
            errors="replace",
            check=False,
            **options,
        )
    except FileNotFoundError:
        raise Problem(f"{problem} (the program {command[0]} is not on this machine)") from None
    if done.returncode:
        for line in (done.stdout or "").rstrip().splitlines()[-30:]:
            say(f"    | {line}")
        raise Problem(
            f"{problem} (exit status {done.returncode} of {shlex.join(str(part) for part in command[:4])} …)"
        )
    return done.stdout


class Options(argparse.ArgumentParser):
    """Reads options; --help shows the text the command is documented with."""

    def __init__(self, text):
        super().__init__()
        self.text = text.strip() + "\n"

    def format_help(self):
        """The whole text, as it is written."""
        return self.text

    def error(self, message):
        """One sentence, not the whole text."""
        raise Problem(f"{message}; see {self.prog} --help")


def command_line(main):
    """Run ``main`` as a command: Problems become one sentence, Ctrl-C ends quietly.

    SIGTERM is taken as Ctrl-C, so that what was started is also stopped.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status = main()
    except Problem as problem:
        sys.stdout.flush()
        print(f"{os.path.basename(sys.argv[0])}: {problem}", file=sys.stderr)
        status = 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        status = 130
    sys.exit(status)
