"""A Chromium for browser tests: the machine's own, or Debian's unpacked into the cache and run through a wrapper."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from . import debian
from .console import Problem, step
from .paths import CACHE, cache_folder, ensure

# Also the order in which Odoo's test framework looks for one.
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
PREFIX = CACHE / "browser"
# Left out: the C library (a process must not have two), and half of the download that headless use never loads.
UNNEEDED = (
    *(
        "libc6_",
        "libllvm",
        "libz3",
        "libgl1-mesa-dri",
        "adwaita",
        "perl",
        "libperl",
        "systemd",
        "libsystemd-shared",
    ),
    *("dpkg_", "passwd", "tar_", "procps", "xkb-data", "debconf"),
)
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")


def folder():
    """A folder for PATH in which Odoo's tests find a working browser."""
    own = next((found for name in NAMES if (found := shutil.which(name))), None)
    if own:
        return Path(own).parent
    ensure("browser", "2", _fetch)
    return PREFIX / "bin"


# Without them digits and blanks are drawn from the emoji font, far too wide.
PREFERENCES = "".join(
    f"  <alias binding='same'><family>{family}</family>"
    "<prefer><family>Roboto</family><family>DejaVu Sans</family></prefer></alias>\n"
    for family in ("sans-serif", "system-ui", "Arial", "Helvetica")
)


def program():
    """The browser's program file."""
    own = next((found for name in NAMES if (found := shutil.which(name))), None)
    return Path(own) if own else folder() / "chromium"


def _fetch():
    with step("Fetching Chromium and the libraries it needs from Debian (about 150 MB)"):
        shutil.rmtree(PREFIX, ignore_errors=True)
        suite = debian.Suite(debian.own_release())
        packages = (
            "chromium",
            "fonts-roboto-unhinted",
            "fonts-dejavu-core",
            "fonts-noto-color-emoji",
        )
        debian.unpack(suite.download(*packages, with_dependencies=True, without=UNNEEDED), PREFIX)
        _write_wrapper()
        _try_out()


def _write_wrapper():
    """A script that runs Chromium on the unpacked libraries, with fonts of its own."""
    places = ("lib/*-linux-gnu", "usr/lib/*-linux-gnu", "usr/lib/*-linux-gnu/pulseaudio")
    libraries = [str(path) for place in places for path in sorted(PREFIX.glob(place))]
    fonts = PREFIX / "fonts.conf"
    fonts.write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
        f"  <dir>{PREFIX}/usr/share/fonts</dir>\n  <cachedir>{cache_folder('browser', 'fontcache')}</cachedir>\n"
        f"{PREFERENCES}</fontconfig>\n"
    )
    wrapper = cache_folder("browser", "bin") / "chromium"
    wrapper.write_text(
        "#!/bin/sh\n"
        f'export LD_LIBRARY_PATH="{":".join(libraries)}"\n'
        f'export FONTCONFIG_FILE="{fonts}"\n'
        f'exec "{PREFIX}/usr/lib/chromium/chromium" --disable-quic "$@"\n'
    )
    wrapper.chmod(0o755)


def _try_out():
    """Refuse a browser that cannot show a page."""
    with tempfile.TemporaryDirectory() as scratch:
        picture = Path(scratch, "page.png")
        done = subprocess.run(
            [
                *(str(PREFIX / "bin/chromium"), *FLAGS, f"--user-data-dir={scratch}/profile"),
                *(f"--screenshot={picture}", "data:text/html,<h1>Hello</h1>"),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode or not picture.exists():
            reason = " ".join(done.stderr.split()[-40:])
            raise Problem(
                f"the fetched Chromium does not work: install chromium on this machine ({reason})"
            )
