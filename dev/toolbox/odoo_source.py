"""Odoo 19 Community: from ODOO_HOME, or Debian's package unpacked into the cache."""

import os
import re
import shutil
from pathlib import Path

from . import debian
from .console import Problem, step
from .paths import cache_folder, ensure

PACKAGE = "odoo-19"
# Odoo's pages use these through links into other Debian packages.
LINKED = (
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-font-awesome",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
)
# Left out of Debian's package; without a file there every asset bundle logs an error.
PLACEHOLDER = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"


def python_folder():
    """The folder to put on Python's path so that ``import odoo`` finds Odoo 19."""
    home = os.environ.get("ODOO_HOME")
    folder = Path(home).resolve() if home else _fetched()
    release = folder / "odoo" / "release.py"
    if not release.exists():
        raise Problem(
            f"ODOO_HOME is {folder}, which holds no odoo/release.py: set it to an Odoo 19 source tree"
        )
    version = re.search(r"^version_info = \((\d+), (\d+)", release.read_text(), re.MULTILINE)
    if not version or version.groups() != ("19", "0"):
        raise Problem(f"{folder} is not Odoo 19.0: set ODOO_HOME to an Odoo 19 source tree")
    return folder


def addons_folders():
    """Folders of Odoo's own addons that Odoo does not find by itself."""
    folder = python_folder() / "addons"
    return [folder] if (folder / "web" / "__manifest__.py").exists() else []


def version():
    """A text that names the Odoo tree in use and changes with it."""
    return os.environ.get("ODOO_HOME") or _kept_archive().name


def _kept_archive():
    archives = sorted(cache_folder("odoo").glob(f"{PACKAGE}_19.0*.deb"))
    if not archives:
        raise Problem("Odoo is not fetched yet: run dev/odoo --version")
    return archives[-1]


def _fetched():
    prefix = cache_folder("odoo") / "tree"

    def work():
        with step("Fetching Odoo 19 (Debian's package, 123 MB)"):
            _fetch(cache_folder("odoo"), prefix)

    ensure("odoo", "2", work)
    return prefix / "usr/lib/python3/dist-packages"


def _fetch(folder, prefix):
    suite = debian.Suite("sid")
    if not list(folder.glob(f"{PACKAGE}_19.0*.deb")):
        if not (suite.version(PACKAGE) or "").startswith("19.0"):
            raise Problem(
                "Debian no longer carries Odoo 19.0: set ODOO_HOME to an Odoo 19 source tree "
                "(a clone of the branch 19.0 of Odoo's repository)"
            )
        for archive in suite.download(PACKAGE):
            # Unstable moves on: the file is kept apart from the other downloads.
            archive.replace(folder / archive.name.replace("%3a", ":"))
    shutil.rmtree(prefix, ignore_errors=True)
    debian.unpack([_kept_archive(), *suite.download(*LINKED)], prefix)
    placeholder = prefix / "usr/lib/python3/dist-packages" / PLACEHOLDER
    if not placeholder.exists():
        placeholder.parent.mkdir(parents=True, exist_ok=True)
        placeholder.write_text(
            "/* Not part of Debian's package: background blur in video calls. */\n"
        )
