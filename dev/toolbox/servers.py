"""Real social network servers for the tests.

snac, a small server with Mastodon's client API, in two versions, because an adapter that survives both survives the
fediverse; and the servers of Bluesky's own company, which are npm packages and need Redis. What comes from Debian is
unpacked with all its libraries and run by the loader among them: it does not matter which Debian the machine runs.
"""

import shutil

from . import debian, node
from .console import Problem, run, step
from .paths import CACHE, cache_folder, ensure

# The suites of Debian that carry the older and the newer version.
SUITES = {"old": "trixie", "new": "sid"}
UNNEEDED = ("perl", "libperl", "systemd", "dpkg_", "passwd", "tar_", "debconf", "adduser")
# Its PLC directory, PDS and AppView in one process. Later versions need Node.js 22.
BLUESKY = "@atproto/dev-env@0.3.215"


def fetch():
    """Have all of them in the cache."""
    for version in SUITES:
        snac(version)
    bluesky()
    redis()


def snac(version):
    """The program of snac's ``old`` or ``new`` version, fetched when it is missing."""
    return _program(f"snac-{version}", "snac2", "snac", SUITES[version])


def redis():
    """The program of Redis, fetched when it is missing."""
    return _program("redis", "redis-server", "redis-server", debian.own_release())


def bluesky():
    """The folder of Node.js packages with Bluesky's servers, fetched and compiled when it is missing."""
    return node.packages("bluesky", BLUESKY, proof="better-sqlite3")


def _program(name, package, program, suite):
    prefix = CACHE / name
    ensure(name, "1", lambda: _fetch(prefix, package, program, suite))
    return prefix / "bin" / program


def _fetch(prefix, package, program, suite):
    with step(f"Fetching {program}, a server for the tests, from Debian {suite}"):
        shutil.rmtree(prefix, ignore_errors=True)
        packages = debian.Suite(suite).download(package, with_dependencies=True, without=UNNEEDED)
        debian.unpack(packages, prefix)
        loaders = [
            path
            for folder in ("lib64", "lib", "usr/lib64", "usr/lib")
            for path in (prefix / folder).rglob("ld-linux*.so.*")
        ]
        if not loaders:
            raise Problem(
                f"the packages of {program} in Debian {suite} hold no loader: run the command again"
            )
        places = ("lib/*-linux-gnu", "usr/lib/*-linux-gnu")
        libraries = ":".join(str(path) for place in places for path in sorted(prefix.glob(place)))
        wrapper = cache_folder(prefix.name, "bin") / program
        wrapper.write_text(
            f'#!/bin/sh\nexec "{loaders[0]}" --library-path "{libraries}" "{prefix}/usr/bin/{program}" "$@"\n'
        )
        wrapper.chmod(0o755)
        run(
            ["/bin/sh", "-c", f'"{wrapper}" --version 2>&1 | grep -q -i {program.split("-")[0]}'],
            f"{program} of Debian {suite} does not run",
        )
