"""A network from an addon outside this one, held against the same contract as our own.

The addon imports ``odoo.addons.social_care.networks``; here that is our ``networks``, without Odoo.
"""

import importlib.util
import json
import sys
from pathlib import Path

import pytest
from contract import NOW, Changing, OverHttp, Reading, ServerWorld
from fakes.http_server import Fault
from fakes.plaza_server import OWN_ID, TOKEN, PlazaServer

from networks import Credentials, Transport

ADDON = Path(__file__).resolve().parents[1] / "support/addons/social_care_plaza"


@pytest.fixture(scope="module")
def plaza():
    """The addon's adapter module."""
    prefix = "odoo.addons.social_care."
    known = {name: module for name, module in sys.modules.items() if name.startswith("networks")}
    with pytest.MonkeyPatch.context() as patch:
        for name, module in known.items():
            patch.setitem(sys.modules, prefix + name, module)
        spec = importlib.util.spec_from_file_location("plaza", ADDON / "plaza.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


class PlazaWorld(ServerWorld):
    secret = TOKEN

    def __init__(self, network):
        self.network = network
        super().__init__(PlazaServer(NOW))

    def adapter(self):
        credentials = Credentials(base_url=self.url, external_id=OWN_ID, access_token=TOKEN)
        transport = Transport(allow_loopback=True)
        return self.network(credentials, transport, lambda: self.server.now)

    def say(self, text, at=NOW, **raw):
        return self.server.say("ana", text, at, **raw)

    def delete(self, external_id):
        del self.server.messages[external_id]

    def answer(self, text, parent):
        return self.server.say(OWN_ID, text, answers=parent)

    def refuse_reading(self):
        self.server.faults.append(Fault(403, path="/messages"))

    def published(self):
        posts = [self.server.messages[key] for key in self.server.accepted]
        return [{"id": p["id"], "parent": p["answers"], "text": p["text"]} for p in posts]


@pytest.fixture
def world(plaza):
    world = PlazaWorld(plaza.Plaza)
    yield world
    world.stop()


class TestPlazaContract(Reading, OverHttp, Changing):
    def say_without_author(self, world, text):
        return world.server.say("", text)

    def say_with_likes(self, world, text, likes):
        # Written by hand: Python's own encoder refuses such a number too.
        said = world.say(text, likes=123454321)
        body = json.dumps({"messages": [world.server.messages[said]]}).encode()
        world.server.faults.append(Fault(200, body.replace(b"123454321", b"9" * 5000)))
        return said


def test_the_guide_for_contributors_shows_this_addon():
    guide = (ADDON.parents[3] / "CONTRIBUTING.md").read_text()
    _imports, _class, body = (ADDON / "models.py").read_text().partition("class ")
    assert body in guide
