"""Odoo commands forked from a process that has loaded the addon's code already, which takes seconds each time."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from toolbox import environment

PROGRAM = Path(__file__).with_name("nursery_program.py")


class Nursery:
    """Starts Odoo's commands. It needs no database of its own, and ends with the process that made it."""

    def __init__(self, env):
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [str(environment.python()), str(PROGRAM), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                env=env,
                pass_fds=[theirs.fileno()],
            )

    def start(self, arguments, given):
        """Run ``odoo ARGUMENT…`` with the text ``given`` as its standard input; gives a :class:`Command`."""
        command = Command(given)
        told, telling = os.pipe()
        files = [command.input.fileno(), command.output.fileno(), command.errors.fileno(), telling]
        try:
            socket.send_fds(self._line, [json.dumps(arguments).encode()], files)
        finally:
            os.close(telling)
        command.watch(told)
        return command

    def stop(self):
        """End it; what it has started goes on."""
        self._line.close()
        self._process.wait()


class Command:
    """One command, with what the tests use of subprocess.Popen. Files in place of pipes: nobody has to empty them."""

    def __init__(self, given):
        self.input, self.output, self.errors = (tempfile.TemporaryFile("w+") for _ in range(3))
        self.input.write(given)
        self.input.flush()
        self.input.seek(0)
        self.pid = self.returncode = None

    def watch(self, told):
        """``told`` is where its process id comes, and in the end its exit status, a line each."""
        self._told = open(told, encoding="utf-8")
        line = self._told.readline()
        assert line, "the process that forks Odoo's commands has ended"
        self.pid = int(line)

    def poll(self, seconds=0):
        """Its exit status (negative: the signal that ended it), or None while it runs."""
        if self.returncode is None and select.select([self._told], [], [], seconds)[0]:
            self.returncode = int(self._told.readline())
            self._told.close()
        return self.returncode

    def communicate(self, timeout=None):
        """Wait for its end, and give what it wrote: output and errors."""
        if self.poll(timeout) is None:
            raise subprocess.TimeoutExpired(f"odoo, process {self.pid}", timeout)
        return self._read(self.output), self._read(self.errors)

    def kill(self):
        """SIGKILL."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    @staticmethod
    def _read(file):
        file.seek(0)
        return file.read()
