"""The linters, one after the other; each says what it found."""

import os
import subprocess

from . import environment
from .console import say
from .paths import ADDON, CACHE, CHECKOUT, GLUE

# Python files without an ending.
PROGRAMS = ("dev/bench", "dev/demo", "dev/lint", "dev/odoo", "dev/test")


def run(fix=False):
    """Run every linter and give the names of those that complain."""
    folder = environment.lint_folder()
    env = {
        **os.environ,
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ADDON),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYLINTHOME": str(CACHE / "pylint"),
    }
    return [name for name, command in _linters(fix) if not _passes(name, command, env)]


def _linters(fix):
    programs = [name for name in PROGRAMS if (CHECKOUT / name).exists()]
    cache = [f"--cache-dir={CACHE / 'ruff'}"]
    yield (
        "ruff check",
        [
            "ruff",
            "check",
            "--quiet",
            "--output-format=concise",
            *cache,
            *(["--fix"] if fix else []),
            ".",
            *programs,
        ],
    )
    yield (
        "ruff format",
        ["ruff", "format", "--quiet", *cache, *([] if fix else ["--diff"]), ".", *programs],
    )
    if not (ADDON / "__manifest__.py").exists():
        return
    addons = [ADDON.name, *(glue.name for glue in GLUE)]
    yield "pylint-odoo", ["pylint", *addons]
    yield (
        "oca-checks-odoo-module",
        ["oca-checks-odoo-module", *(["--fix"] if fix else []), *addons],
    )
    files = (path for folder in (ADDON, *GLUE) for path in folder.glob("i18n/*.po*"))
    translations = sorted(str(path.relative_to(CHECKOUT)) for path in files)
    if translations:
        yield "oca-checks-po", ["oca-checks-po", *(["--fix"] if fix else []), *translations]
    yield "import-linter", ["lint-imports", f"--cache-dir={CACHE / 'import-linter'}"]
    yield "mypy", ["mypy", f"--cache-dir={CACHE / 'mypy'}"]


def _passes(name, command, env):
    done = subprocess.run(
        command,
        cwd=CHECKOUT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    say(f"{'ok    ' if not done.returncode else 'FAILED'} {name}")
    if done.returncode:
        say(done.stdout.rstrip())
    return not done.returncode
