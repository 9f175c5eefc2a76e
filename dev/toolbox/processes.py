"""Child processes that run beside each other: watched line by line, and all ended when the command ends."""

import contextlib
import os
import signal
import subprocess
import threading

PATIENCE_SECONDS = 20
_running = set()
_lock = threading.Lock()
_stopping = threading.Event()


def watch(command, log, on_line, env, seconds):
    """Run a command, give each line it writes to ``on_line`` and to the file ``log``, and give its exit status.

    The status is None when it was ended for taking more than ``seconds``.
    """
    with log.open("w") as copy:
        with _lock:
            if _stopping.is_set():
                return None
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env=env,
                # A group of its own: ending it also ends the browser and the servers it started.
                start_new_session=True,
            )
            _running.add(process)
        late = threading.Event()
        timer = threading.Timer(seconds, lambda: (late.set(), _end(process)))
        timer.daemon = True
        timer.start()
        try:
            for line in process.stdout:
                copy.write(line)
                copy.flush()
                on_line(line.rstrip("\n"))
            status = process.wait()
        finally:
            timer.cancel()
            _end(process)
            with _lock:
                _running.discard(process)
    return None if late.is_set() else status


def stop_all():
    """End every child that is still running, and start no more."""
    with _lock:
        _stopping.set()
        remaining = list(_running)
    for process in remaining:
        _end(process)


def _end(process):
    """Ask a group to end as Ctrl-C would, so that it stops what it started; in the end, kill it."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
