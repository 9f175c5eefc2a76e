"""Where things are: the checkout, the addon, and the cache with everything that was fetched or built."""

import contextlib
import fcntl
import hashlib
import os
from pathlib import Path

from .console import say

CHECKOUT = Path(__file__).resolve().parents[2]
ADDON = CHECKOUT / "social_care"
# They install themselves: beside the helpdesk's merge, the job queue, Odoo's dashboards
GLUE = (
    CHECKOUT / "social_care_merge",
    CHECKOUT / "social_care_queue_job",
    CHECKOUT / "spreadsheet_dashboard_social_care",
)
REQUIREMENTS = CHECKOUT / "requirements"
CACHE = Path(os.environ.get("SOCIAL_CARE_CACHE") or CHECKOUT / ".cache").resolve()


def cache_folder(*names):
    """A folder in the cache, made when it is not there yet."""
    folder = CACHE.joinpath(*names)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def digest(*parts):
    """Twelve hexadecimal digits that change when one of the strings or files does."""
    state = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else str(part).encode()
        state.update(hashlib.sha256(content).digest())
    return state.hexdigest()[:12]


def folder_digest(folder, without=()):
    """A digest of every file below a folder; compiled Python and the subfolders named in ``without`` do not count."""
    skipped = {"__pycache__", *without}
    files = (
        path
        for path in folder.rglob("*")
        if path.is_file() and not skipped.intersection(path.parts)
    )
    parts = []
    for path in sorted(files):
        parts += [str(path.relative_to(folder)), path]
    return digest(*parts)


class Stamp:
    """Remembers in the cache for which key a piece of work was done, so that it is done once."""

    def __init__(self, name):
        self.path = cache_folder("stamps") / name

    def read(self):
        """The key of the work that is done, or None."""
        try:
            return self.path.read_text()
        except FileNotFoundError:
            return None

    def write(self, key):
        """Note that the work is done for this key."""
        partial = self.path.with_suffix(".partial")
        partial.write_text(key)
        partial.replace(self.path)

    def clear(self):
        """Forget that the work was done."""
        self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(name):
    """Let one command at a time do the work called ``name``; the others wait here."""
    with (cache_folder("locks") / name).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"    waiting for another command that is busy with: {name}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def ensure(name, key, work):
    """Do ``work()`` unless it is already done for this key; safe when several commands ask at once."""
    stamp = Stamp(name)
    if stamp.read() == key:
        return False
    with locked(name):
        if stamp.read() == key:
            return False
        stamp.clear()
        work()
        stamp.write(key)
    return True
