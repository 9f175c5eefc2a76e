"""A sender killed at the worst moment: the server took the answer, our database did not learn of it."""

import pytest

from support.proxy import WithholdingProxy
from support.waiting import wait_for

PUBLISH = "env.ref('social_care.ir_cron_publish').method_direct_trigger()\n"
SEND_AGAIN_WITHOUT_LOOKING = (
    "env.registry['social.care.reply']._find_sent_or_decide = lambda reply: True\n"
)
# What five minutes do to a claim.
AGE_THE_CLAIM = """
    UPDATE social_care_reply SET claimed_at = claimed_at - interval '6 minutes'
     WHERE id = %s RETURNING state
"""


@pytest.fixture
def proxy_to():
    started = []

    def start(port):
        proxy = WithholdingProxy(port)
        proxy.start()
        started.append(proxy)
        return proxy

    yield start
    for proxy in started:
        proxy.stop()


class Crash:
    """A customer's question whose answer was taken by the server, and whose sender is dead."""

    def __init__(self, snac, proxy, brand, name):
        self.brand = brand
        self.database = brand.server.database
        self.aurora, self.ana = snac.add_user(f"aurora{name}"), snac.add_user(f"ana{name}")
        account = brand.connect(self.aurora, base_url=proxy.base_url)
        said = self.ana.say(f"@aurora{name} my flight is gone")
        wait_for(self.aurora.mentions, "the brand is told", 120)
        brand.receive()
        [mention] = brand.mentions(account)
        self.reply_id = brand.answer(mention["id"], "We book you on the next one.")
        self._kill_the_sender(proxy)
        wait_for(
            lambda: len(self.ana.answers_to(said["id"])) == 1, "the server shows the answer", 120
        )
        [row] = self.database.query(AGE_THE_CLAIM, self.reply_id)
        assert row["state"] == "sending"

    def _kill_the_sender(self, proxy):
        proxy.withhold_after = b"POST /api/v1/statuses"
        sender = self.database.start_script(PUBLISH)
        assert proxy.server_answered.wait(60), "the server took the answer"
        sender.kill()
        sender.communicate()
        proxy.withhold_after = None

    def reply(self):
        return self.brand.read("social.care.reply", self.reply_id, "state", "external_id")

    def published(self):
        return [post for post in self.aurora.own_statuses() if "next one" in post["content"]]


def test_it_is_found_on_the_network_and_not_sent_twice(snac, proxy_to, brand):
    crash = Crash(snac, proxy_to(snac.port), brand, "crash")
    brand.publish()
    brand.publish()
    [post] = crash.published()
    assert crash.reply() == {"id": crash.reply_id, "state": "sent", "external_id": post["id"]}


def test_a_sender_that_does_not_look_would_send_it_twice(old_snac, proxy_to, brand):
    crash = Crash(old_snac, proxy_to(old_snac.port), brand, "mutant")
    crash.database.script(SEND_AGAIN_WITHOUT_LOOKING + PUBLISH)
    assert crash.reply()["state"] == "sent"
    assert len(crash.published()) == 2
