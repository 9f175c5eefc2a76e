"""Python environments in the cache, filled from the pins in requirements/."""

import importlib.util
import shutil
import subprocess
import sys
import zipfile

from . import debian, odoo_source
from .console import Problem, run, step
from .paths import CACHE, REQUIREMENTS, Stamp, cache_folder, digest, ensure

MINIMUM = (3, 10)
VENV = CACHE / "venv"
LINT_VENV = CACHE / "venv-lint"


def python():
    """The interpreter that sees Odoo, the helpdesk and what the tests need; what is missing is fetched."""
    check_interpreter()
    odoo = odoo_source.python_folder()
    pins = [REQUIREMENTS / name for name in ("odoo.txt", "test.txt", "helpdesk.txt")]

    def work():
        with step("Filling the Python environment"):
            _ensure_made(VENV)
            _install(VENV, "-r", pins[0], "-r", pins[1])
            # Odoo itself is on the path, not installed: pip would look for it in vain.
            _install(VENV, "--no-deps", "-r", pins[2])

    ensure("venv", digest(sys.version, str(VENV), *pins), work)
    link = next(VENV.glob("lib/python3*/site-packages")) / "odoo_tree.pth"
    if not link.exists() or link.read_text() != f"{odoo}\n":
        link.write_text(f"{odoo}\n")
    return VENV / "bin/python"


def lint_folder():
    """The folder of programs with the linters."""
    check_interpreter()
    pins = REQUIREMENTS / "lint.txt"

    def work():
        with step("Filling the linters' environment"):
            _ensure_made(LINT_VENV)
            _install(LINT_VENV, "-r", pins)

    ensure("venv-lint", digest(sys.version, str(LINT_VENV), pins), work)
    return LINT_VENV / "bin"


def check_interpreter():
    """Refuse an interpreter that Odoo 19 does not run on."""
    if sys.version_info < MINIMUM:
        raise Problem(
            f"this is Python {sys.version_info[0]}.{sys.version_info[1]}; Odoo 19 needs 3.10 or newer: "
            "put such a python3 first on PATH"
        )


def _ensure_made(folder):
    """Keep an environment of this same interpreter: other commands may be running on it."""
    stamp = Stamp(f"{folder.name}-interpreter")
    key = digest(sys.version, sys.executable, str(folder))
    if stamp.read() != key or not (folder / "bin/python").exists():
        stamp.clear()
        _make(folder)
        stamp.write(key)


def _make(folder):
    """A fresh environment with pip, also where Debian left out the modules to make one."""
    shutil.rmtree(folder, ignore_errors=True)
    run(
        [sys.executable, "-m", "venv", "--without-pip", folder],
        "Python's venv module does not work: install python3-venv",
    )
    program = folder / "bin/python"
    if importlib.util.find_spec("ensurepip"):
        done = subprocess.run(
            [program, "-m", "ensurepip", "--upgrade"], capture_output=True, check=False
        )
        if not done.returncode:
            return
    suite = debian.Suite(debian.own_release())
    prefix = cache_folder("debian", "pip")
    debian.unpack(suite.download("python3-pip-whl"), prefix)
    wheel = max(prefix.glob("usr/share/python-wheels/pip-*.whl"))
    unpacked = cache_folder("debian", "pip", "unpacked")
    zipfile.ZipFile(wheel).extractall(unpacked)
    run(
        [
            program,
            unpacked / "pip",
            "install",
            "--quiet",
            "--no-index",
            "--ignore-installed",
            wheel,
        ],
        "pip cannot be put into the environment: install python3-venv",
    )


def _install(folder, *arguments):
    run(
        [folder / "bin/python", "-m", "pip", "install", "--quiet", "--prefer-binary", *arguments],
        "Python packages cannot be installed: check the network and this machine's pip configuration",
    )
