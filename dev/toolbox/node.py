"""Node.js packages in the cache, by the machine's own Node.js and npm."""

import os
import shutil
from pathlib import Path

from .console import Problem, run, step
from .paths import CACHE, digest, ensure

MINIMUM = 20
# What the packages' own ranges resolve to is what there was on this day: nothing drifts, without a long lock file.
BEFORE = "2026-11-22"


def packages(name, package, proof):
    """The folder below which ``require`` finds a package of an exact version, and what that needs.

    :param proof: the package that is compiled on installation, loaded to prove that it was
    """
    version = _check_node()
    folder = CACHE / name
    key = digest(package, BEFORE, version.split(".")[0], str(folder))
    ensure(name, key, lambda: _install(folder, package, proof))
    return folder


def _check_node():
    """The version of the machine's Node.js, such as ``v20.20.2``."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise Problem(
            "the tests with Bluesky's own servers need Node.js and npm: install the packages nodejs and npm, "
            f"version {MINIMUM} or newer"
        )
    version = run(["node", "--version"], "node does not run: install Node.js anew").strip()
    if int(version.lstrip("v").split(".")[0]) < MINIMUM:
        raise Problem(f"this is Node.js {version}; Bluesky's servers need {MINIMUM} or newer")
    return version


def _install(folder, package, proof):
    with step(f"Fetching {package} from npm and compiling it (some minutes, once)"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "package.json").write_text('{"private": true}\n')
        options = ["--no-audit", "--no-fund", "--no-package-lock", f"--before={BEFORE}"]
        run(
            ["npm", "install", "--prefix", folder, *options, package],
            f"{package} cannot be installed: check the network and this machine's npm configuration, and have a "
            "compiler (the Debian packages g++, make and python3)",
            env={**os.environ, **_headers()},
        )
        run(
            ["node", "--eval", f"new (require('{proof}'))(':memory:')"],
            f"{proof} was not compiled: install the Debian packages g++, make and python3 and run the command again",
            cwd=folder,
        )


def _headers():
    """Node.js's headers on the machine, so that the compiler needs none from the network."""
    prefix = Path(shutil.which("node")).resolve().parents[1]
    found = (prefix / "include/node/node.h").exists()
    return {"npm_config_nodedir": str(prefix)} if found else {}
