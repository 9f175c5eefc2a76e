"""Debian packages without installing them: a private apt state, downloads kept in the cache, unpacked into prefixes.

Nothing here needs root or changes the system. The address of the package source is the machine's own.
"""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

from .console import Problem, run, say
from .paths import cache_folder, locked

KEYRINGS = ("debian-archive-keyring.pgp", "debian-archive-keyring.gpg")
SOURCES = Path("/etc/apt")


def own_release():
    """The code name of the Debian release this machine runs, such as ``bookworm``."""
    fields = dict(
        re.findall(r'^(\w+)="?([^"\n]*)"?$', Path("/etc/os-release").read_text(), re.MULTILINE)
    )
    if fields.get("ID") != "debian" or not shutil.which("apt-get"):
        raise Problem(
            "this machine is no Debian, from whose packages the missing parts are fetched: set ODOO_HOME to an Odoo 19 "
            "source tree and install chromium and snac by hand"
        )
    return fields.get("VERSION_CODENAME") or "sid"


def own_source():
    """The address of this machine's Debian package source, as its apt configuration names it."""
    release = own_release()
    names = {release, "stable", "testing", "unstable", "sid"}
    listed = subprocess.run(
        [
            "apt-get",
            "indextargets",
            "--format",
            "$(REPO_URI) $(RELEASE) $(COMPONENT)",
            "Created-By: Packages",
        ],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    for line in listed + list(_configured_sources()):
        uri, suite, component = line.split()[:3]
        if suite in names and component == "main" and "security" not in uri:
            return uri.rstrip("/")
    raise Problem(
        f"no package source of Debian {release} is configured in {SOURCES}: add one to sources.list"
    )


def _configured_sources():
    """Lines ``uri suite component`` of every configured source, in both of apt's notations."""
    for path in [SOURCES / "sources.list", *sorted((SOURCES / "sources.list.d").glob("*.list"))]:
        for line in path.read_text().splitlines() if path.exists() else ():
            found = re.match(r"\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)", line)
            if found:
                for component in found[3].split("#")[0].split():
                    yield f"{found[1]} {found[2]} {component}"
    for path in sorted((SOURCES / "sources.list.d").glob("*.sources")):
        for paragraph in re.split(r"\n\s*\n", path.read_text()):
            fields = {
                key.lower(): value.split()
                for key, value in re.findall(r"(?m)^([\w-]+):[ \t]*(.*)$", paragraph)
            }
            for uri in fields.get("uris", ()):
                for suite in fields.get("suites", ()):
                    for component in fields.get("components", ()):
                        yield f"{uri} {suite} {component}"


class Suite:
    """A Debian suite seen through an apt state of our own, as if no package were installed."""

    def __init__(self, name):
        self.name = name
        self.folder = cache_folder("debian", name)
        self.downloads = cache_folder("debian", "packages")
        self._updated = False

    def download(self, *packages, with_dependencies=False, without=()):
        """Fetch packages, checksum verified, and give their files. What is already in the cache is not fetched again.

        Packages whose name begins with one of ``without`` are left out.
        """
        self._update()
        with locked("debian"):
            found = self._addresses(packages, with_dependencies)
            wanted = [(name, sha) for name, sha in found if not name.startswith(tuple(without))]
            missing = [(name, sha) for name, sha in wanted if not self._is_whole(name, sha)]
            if missing:
                say(
                    f"    downloading {len(missing)} package(s) of Debian {self.name}: {', '.join(packages)}"
                )
                self._fetch([name.split("_")[0] for name, _sha in missing])
            for name, sha in missing:
                if not self._is_whole(name, sha):
                    raise Problem(f"the download of {name} is damaged: run the command again")
        return [self.downloads / name for name, _sha in wanted]

    def version(self, package):
        """The version of a package in this suite, or None when it has none."""
        self._update()
        shown = self._apt("apt-cache", "policy", package)
        found = re.search(r"Candidate: (\S+)", shown)
        return found[1] if found and found[1] != "(none)" else None

    def _is_whole(self, name, sha):
        path = self.downloads / name
        return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha

    def _addresses(self, packages, with_dependencies):
        verb = (
            ["install", "--yes", "--no-install-recommends"] if with_dependencies else ["download"]
        )
        listed = self._apt("apt-get", *verb, "--print-uris", *packages)
        return re.findall(r"^'[^']+' (\S+) \d+ SHA256:(\w+)$", listed, re.MULTILINE)

    def _fetch(self, names):
        self._apt("apt-get", "--quiet", "download", *names, cwd=self.downloads)

    def _update(self):
        if self._updated:
            return
        with locked("debian"):
            for part in ("state/lists/partial", "cache/archives/partial", "empty.d"):
                (self.folder / part).mkdir(parents=True, exist_ok=True)
            (self.folder / "status").touch()
            (self.folder / "sources.list").write_text(self._source_line())
            (self.folder / "apt.conf").write_text(self._configuration())
            say(f"    reading the package list of Debian {self.name}")
            self._apt("apt-get", "--quiet", "update")
        self._updated = True

    def _source_line(self):
        keyring = next(
            (path for name in KEYRINGS if (path := Path("/usr/share/keyrings", name)).exists()),
            None,
        )
        option = f" [signed-by={keyring}]" if keyring else ""
        return f"deb{option} {own_source()} {self.name} main\n"

    def _configuration(self):
        """Read by apt after the machine's own configuration, whose proxies it keeps."""
        return f"""
            #clear APT::Update::Post-Invoke;
            #clear APT::Update::Post-Invoke-Success;
            #clear DPkg::Post-Invoke;
            Dir::Etc::sourcelist "{self.folder}/sources.list";
            Dir::Etc::sourceparts "{self.folder}/empty.d";
            Dir::Etc::preferences "/dev/null";
            Dir::Etc::preferencesparts "{self.folder}/empty.d";
            Dir::State "{self.folder}/state";
            Dir::State::status "{self.folder}/status";
            Dir::Cache "{self.folder}/cache";
            Acquire::Languages "none";
            Acquire::Retries "3";
            Acquire::ForceHash "SHA256";
            APT::Sandbox::User "root";
        """

    def _apt(self, program, *arguments, **options):
        return run(
            [program, "-c", self.folder / "apt.conf", *arguments],
            f"Debian's packages of {self.name} cannot be fetched: check the network and this machine's apt sources",
            **options,
        )


def unpack(archives, prefix):
    """Unpack package files into a folder, over what is there."""
    prefix.mkdir(parents=True, exist_ok=True)
    for archive in archives:
        run(
            ["dpkg-deb", "-x", archive, prefix],
            f"the package {archive.name} cannot be unpacked: delete it and run again",
        )
