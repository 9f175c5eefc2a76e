"""Real social network servers for the tests: snac, a small server with Mastodon's client API.

Two versions, because an adapter that survives both survives the fediverse. Each is unpacked with all its libraries
and run by the loader among them, so that it does not matter which Debian the machine runs.
"""

import shutil

from . import debian
from .console import Problem, run, step
from .paths import CACHE, cache_folder, ensure

# The suites of Debian that carry the older and the newer version.
SUITES = {"old": "trixie", "new": "sid"}
UNNEEDED = ("perl", "libperl", "systemd", "dpkg_", "passwd", "tar_", "debconf", "adduser")


def fetch():
    """Have both versions in the cache."""
    for version in SUITES:
        snac(version)


def snac(version):
    """The program of snac's ``old`` or ``new`` version, fetched when it is missing."""
    prefix = CACHE / f"snac-{version}"
    ensure(f"snac-{version}", "1", lambda: _fetch(SUITES[version], prefix))
    return prefix / "bin/snac"


def _fetch(suite, prefix):
    with step(f"Fetching snac, a small social network server, from Debian {suite}"):
        shutil.rmtree(prefix, ignore_errors=True)
        packages = debian.Suite(suite).download("snac2", with_dependencies=True, without=UNNEEDED)
        debian.unpack(packages, prefix)
        loaders = [
            path
            for folder in ("lib64", "lib", "usr/lib64", "usr/lib")
            for path in (prefix / folder).rglob("ld-linux*.so.*")
        ]
        if not loaders:
            raise Problem(
                f"snac's packages of Debian {suite} hold no loader: run the command again"
            )
        places = ("lib/*-linux-gnu", "usr/lib/*-linux-gnu")
        libraries = ":".join(str(path) for place in places for path in sorted(prefix.glob(place)))
        wrapper = cache_folder(prefix.name, "bin") / "snac"
        wrapper.write_text(
            f'#!/bin/sh\nexec "{loaders[0]}" --library-path "{libraries}" "{prefix}/usr/bin/snac" "$@"\n'
        )
        wrapper.chmod(0o755)
        run(
            ["/bin/sh", "-c", f'"{wrapper}" 2>&1 | grep -q -i snac'],
            f"snac of Debian {suite} does not run",
        )
