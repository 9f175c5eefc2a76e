"""Odoo commands forked from a process that has loaded the addon's code already, which takes seconds each time."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from toolbox import environment

PROGRAM = Path(__file__).with_name("nursery_program.py")
TOLD_BYTES = 12  # each of the two numbers that are told of a command


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
        self._files = contextlib.ExitStack()
        self.input, self.output, self.errors = self._open(), self._open(), self._open()
        self.input.write(given)
        self.input.flush()
        self.input.seek(0)
        self.pid = self.returncode = self._told = self._said = None

    def watch(self, told):
        """``told`` is the pipe from which its process id comes, and in the end its exit status."""
        self._told = told
        self.pid = self._hear()

    def poll(self, seconds=0):
        """Its exit status (negative: the signal that ended it), or None while it runs."""
        if self.returncode is None and select.select([self._told], [], [], seconds)[0]:
            self.returncode = self._hear()
            os.close(self._told)
        return self.returncode

    def communicate(self, timeout=None):
        """Wait for its end, and give what it wrote: output and errors."""
        if self.poll(timeout) is None:
            raise subprocess.TimeoutExpired(f"odoo, process {self.pid}", timeout)
        if self._said is None:
            with self._files:
                self._said = [self._read(file) for file in (self.output, self.errors)]
        return self._said

    def kill(self):
        """SIGKILL."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def _open(self):
        return self._files.enter_context(tempfile.TemporaryFile("w+"))

    def _hear(self):
        told = os.read(self._told, TOLD_BYTES)
        assert told, "the process that forks Odoo's commands has ended"
        return int(told)

    @staticmethod
    def _read(file):
        file.seek(0)
        return file.read()
