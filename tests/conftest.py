"""Fixtures of the whole-system tests. Start them with dev/test, which prepares what they need.

``networks`` is imported from the addon's folder, so that testing it needs no Odoo.
"""

import contextlib
import itertools
import os
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
for folder in ("social_care", "dev", "tests/adapters", "tests"):
    sys.path.insert(0, str(CHECKOUT / folder))

from support.bluesky import BlueskyServers  # noqa: E402
from support.brand import Brand  # noqa: E402
from support.mastodon_mock import MastodonMock  # noqa: E402
from support.nursery import Nursery  # noqa: E402
from support.odoo import OdooDatabase, OdooServer  # noqa: E402
from support.plaza import start_server  # noqa: E402
from support.snac import SnacServer  # noqa: E402
from toolbox import databases  # noqa: E402

_numbers = itertools.count(1)


@contextlib.contextmanager
def _running(server):
    """Start a server and stop it afterwards, also where it did not come up."""
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def odoo_env():
    """Environment variables of Odoo's processes: how dev/test reaches PostgreSQL."""
    if "SOCIAL_CARE_TEST_TEMPLATE" not in os.environ:
        pytest.fail(
            "these tests need PostgreSQL and a template database: run them with dev/test",
            pytrace=False,
        )
    return dict(os.environ)


@pytest.fixture(scope="session")
def nursery(odoo_env):
    """What starts the scripts inside Odoo, shared: each gets a process of its own."""
    nursery = Nursery(odoo_env)
    yield nursery
    nursery.stop()


@pytest.fixture(scope="session")
def make_database(odoo_env, nursery):
    """A function that makes a database with the addon installed, or a copy of another.

    All are dropped at the end of the session.
    """
    made = []

    def make(template=odoo_env["SOCIAL_CARE_TEST_TEMPLATE"]):
        name = databases.run_name(f"pytest{next(_numbers)}")
        logs = odoo_env["SOCIAL_CARE_TEST_LOGS"]
        database = OdooDatabase(template, name, odoo_env, nursery, logs)
        database.create()
        made.append(database)
        return database

    yield make
    for database in made:
        database.drop()


@pytest.fixture
def database(make_database):
    """A database of this test's own, with the addon installed and without demo data."""
    database = make_database()
    yield database
    database.drop()


@pytest.fixture
def make_odoo():
    """A function that starts an Odoo server on a database; all are stopped at the end of the test."""
    with contextlib.ExitStack() as started:

        def make(database, **options):
            return started.enter_context(_running(OdooServer(database, **options)))

        yield make


@pytest.fixture
def odoo_server(database, make_odoo):
    """A real Odoo server on a database of this test's own; scheduled actions run only when asked for."""
    return make_odoo(database)


@pytest.fixture(scope="session")
def shared_brand(make_database):
    """A brand on a running Odoo server, shared by the tests: each has accounts of its own."""
    with _running(OdooServer(make_database())) as server:
        yield Brand(server)


@pytest.fixture
def brand(shared_brand):
    """The shared brand; what this test connected rests afterwards."""
    yield shared_brand
    shared_brand.pause_all()


@pytest.fixture(scope="session", params=["old", "new"])
def snac(request, tmp_path_factory):
    """A running snac server, once in each version. Users are made by the tests."""
    with _running(SnacServer(tmp_path_factory.mktemp("snac"), request.param)) as server:
        yield server


@pytest.fixture(scope="session")
def old_snac(tmp_path_factory):
    """A running snac server, in its older version only."""
    with _running(SnacServer(tmp_path_factory.mktemp("snac"), "old")) as server:
        yield server


@pytest.fixture
def make_snac(tmp_path_factory):
    """A function that starts a snac server of this test's own."""
    with contextlib.ExitStack() as started:

        def make(version="old"):
            return started.enter_context(
                _running(SnacServer(tmp_path_factory.mktemp("snac"), version))
            )

        yield make


@pytest.fixture
def plaza():
    """The server of a network from outside."""
    server = start_server()
    yield server
    server.close()


@pytest.fixture
def mastodon_mock(tmp_path):
    """A running mastodon-mock with the users brand, alice and bob."""
    with _running(MastodonMock(tmp_path)) as server:
        yield server


@pytest.fixture(scope="session")
def bluesky(odoo_env, tmp_path_factory):
    """Bluesky's own servers, running; they take seconds to start and are shared. Users are made by the tests."""
    with _running(BlueskyServers(tmp_path_factory.mktemp("bluesky"), odoo_env)) as servers:
        yield servers
