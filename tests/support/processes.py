"""A server process of a test: started on a free port, waited for, and always ended."""

import contextlib
import os
import signal
import subprocess

from .waiting import wait_for


class ServerProcess:
    """A child process in a group of its own, whose output goes to a file that failures show."""

    def __init__(self, command, log, env=None, cwd=None):
        self.command = [str(part) for part in command]
        self.log = log
        self.env = env
        self.cwd = cwd
        self.process = None

    def start(self, is_ready, seconds=60):
        """Start it and wait until ``is_ready()``."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.env,
                cwd=self.cwd,
                start_new_session=True,
            )

        def ready_or_dead():
            return self.process.poll() is not None or is_ready()

        try:
            wait_for(ready_or_dead, f"{self.command[0]} is ready", seconds)
            if self.process.poll() is not None:
                raise AssertionError(f"it ended with status {self.process.returncode}")
        except AssertionError as error:
            self.kill()
            raise AssertionError(f"{error}\n{self.output()[-4000:]}") from error

    def output(self):
        """What it has written so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def stop(self, seconds=15):
        """Ask it to end and wait; kill it when it does not."""
        if self.process and self.process.poll() is None:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self.kill()

    def kill(self):
        """End it at once, as a power cut would (SIGKILL), with everything it started."""
        if self.process:
            self._signal(signal.SIGKILL)
            self.process.wait()

    def _signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
