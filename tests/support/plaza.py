"""Plaza: a network that a company adds by the addon social_care_plaza."""

from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace

from fakes.plaza_server import TOKEN, PlazaServer

from toolbox import odoo_source, paths

from .brand import Brand

ADDONS = Path(__file__).resolve().parent / "addons"


def start_server():
    return PlazaServer(_now())


def start_brand(database, make_odoo, *besides):
    """A brand on an Odoo that has social_care_plaza, and the addons ``besides``."""
    folders = [*odoo_source.addons_folders(), paths.CHECKOUT, ADDONS]
    path = f"--addons-path={','.join(map(str, folders))}"
    addons = ",".join(["social_care_plaza", *besides])
    return Brand(make_odoo(database, arguments=(path, "-i", addons)))


def connect(brand, plaza):
    """The brand's account there; what was said before is history."""
    account = brand.connect(SimpleNamespace(base_url=plaza.url, token=TOKEN), network="plaza")
    plaza.now = _now()
    return account


def _now():
    return datetime.now(timezone.utc).replace(tzinfo=None)
