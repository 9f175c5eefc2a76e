"""Senders killed, and connections cut, at the worst moments: afterwards each answer stands there once."""

import collections
import itertools
import re
import time

import pytest

from support.mastodon_mock import MastodonMock
from support.proxy import STEPS, CrashProxy
from support.senders import Senders
from support.waiting import wait_for

KILLS = 50
CUTS = 12
AT_ONCE = 4  # senders beside each other, each with an answer of its own under way
ASK_AGAIN_AFTER = 60  # seconds
A_FEW = 8  # two a step: enough to see a mutant fail
# Two brands share the work: a server's lists show forty posts at once.
BRANDS = ("aurora", "boreal")

NO_CLAIM = """
def take(reply, state):
    reply.claimed_at = fields.Datetime.now()
    return True
from odoo import fields
env.registry["social.care.reply"]._claim = take
"""
SEND_AGAIN_WITHOUT_LOOKING = (
    "env.registry['social.care.reply']._find_sent_or_decide = lambda reply: True"
)
QUEUE_AGAIN_ON_ANY_EXCEPTION = """
def record(reply, error, claim):
    error.published = False
    return record_error(reply, error, claim)
record_error = env.registry["social.care.reply"]._record_error
env.registry["social.care.reply"]._record_error = record
"""
# What six minutes do to claims, and to answers that wait for another try.
LATER = """
    UPDATE social_care_reply
       SET claimed_at = claimed_at - interval '6 minutes',
           next_try_at = next_try_at - interval '6 minutes'
     WHERE id = ANY(%s) RETURNING id
"""
# A machine so busy that a sender could not even connect has it tried again later.
DUE = """
    UPDATE social_care_reply SET next_try_at = create_date
     WHERE id = ANY(%s) AND state = 'queued' RETURNING id
"""
OUTCOME = "SELECT body, state, external_id FROM social_care_reply WHERE id = ANY(%s)"
numbers = itertools.count(1)


class Desk:
    """Two brands with questions from a customer, each answered in Odoo and queued; a proxy stands before the server."""

    def __init__(self, brand, proxy, name_user, count):
        self.brand = brand
        self.database = brand.server.database
        self.customer = name_user("ana")
        self.users = [name_user(name) for name in BRANDS]
        accounts = [brand.connect(user, base_url=proxy.base_url) for user in self.users]
        turns = itertools.cycle(self.users)
        questions = {
            f"where is suitcase {number}?": f"@{next(turns).name} where is suitcase {number}?"
            for number in range(count)
        }
        self.replies = self._answer(self._ask(accounts, questions))

    def _ask(self, accounts, questions):
        """Ask until each question has arrived (the question → its post); gives a mention of each.

        snac names what it takes in by the microsecond: of many that come at once it may lose one, after it said 202.
        """
        arrived, ask_again_at = {}, 0

        def received():
            nonlocal ask_again_at
            self.brand.receive()
            for account in accounts:
                for mention in self.brand.mentions(account):
                    arrived[re.search("where is suitcase .*[?]", mention["body"])[0]] = mention
            missing = [post for question, post in questions.items() if question not in arrived]
            if time.monotonic() > ask_again_at:
                for post in missing:
                    self.customer.say(post)
                ask_again_at = time.monotonic() + ASK_AGAIN_AFTER
            return not missing

        wait_for(received, "all questions arrive", 4 * ASK_AGAIN_AFTER)
        return [arrived[question] for question in questions]

    def _answer(self, mentions):
        values = [
            {
                "mention_id": mention["id"],
                "body": re.sub(
                    ".*(suitcase .*)[?]", r"Your \1 is on the next flight.", mention["body"]
                ),
            }
            for mention in mentions
        ]
        replies = self.brand.agent("social.care.reply", "create", values)
        self.brand.agent("social.care.reply", "action_send_wait", replies)
        return replies

    def six_minutes_pass(self):
        """The claims of the dead run out."""
        self.database.query(LATER, self.replies)

    def make_due(self):
        """What waits for another try does not wait."""
        self.database.query(DUE, self.replies)

    def is_settled(self):
        """Whether no answer is queued or being sent."""
        rows = self.database.query(OUTCOME, self.replies)
        return not {"queued", "sending"} & {row["state"] for row in rows}

    def published(self):
        """By the server's own list: text of an answer → ids of its posts."""
        found = collections.defaultdict(list)
        for user in self.users:
            for post in user.own_statuses():
                found[re.search("Your suitcase .* flight[.]", post["content"])[0]].append(
                    post["id"]
                )
        return found

    def doubled(self):
        """Texts that the customer reads twice or more."""
        return [text for text, ids in self.published().items() if len(ids) > 1]

    def check_each_is_sent_once(self):
        """What Odoo believes is what the server shows."""
        rows = self.database.query(OUTCOME, self.replies)
        assert {row["state"] for row in rows} == {"sent"}
        assert {row["body"]: [row["external_id"]] for row in rows} == self.published()


class Crashes:
    """Makes a desk, lets its answers meet crashes, and restarts."""

    def __init__(self, brand, begin):
        self.brand = brand
        self.begin = begin

    def strike(self, server, name_user, count, blow, mutation=""):
        """``count`` answers meet a crash each; afterwards only the scheduled action runs.

        :param blow: ``kill`` the sender, or ``cut`` its connection
        :return: the :class:`Desk`
        """
        proxy = self.begin(CrashProxy(server.port))
        senders = self.begin(Senders(self.brand.server.database, mutation))
        desk = Desk(self.brand, proxy, name_user, count)
        proxy.crash = senders.kill if blow == "kill" else lambda *_ports: None
        proxy.armed = count

        def struck():
            senders.send(min(AT_ONCE, proxy.armed) if blow == "kill" else 1)
            desk.make_due()
            return not proxy.armed

        wait_for(struck, "each answer meets its crash", 300)
        assert proxy.crashes == {
            step: len(range(number, count, len(STEPS))) for number, step in enumerate(STEPS)
        }
        taken = count - proxy.crashes["before connect"]
        wait_for(
            lambda: sum(map(len, desk.published().values())) == taken,
            f"the server shows {taken} answers",
            60,
        )

        def settled():
            desk.six_minutes_pass()
            senders.send_by_cron()
            return mutation or desk.is_settled()  # a mutant may never settle

        # A run of the action has ten seconds; the scheduler starts it again for the rest.
        wait_for(settled, "nothing is under way any more", 180)
        return desk


@pytest.fixture
def crashes(brand):
    begun = []

    def begin(thing):
        begun.append(thing)
        thing.start()
        return thing

    yield Crashes(brand, begin)
    for thing in reversed(begun):
        thing.stop()


@pytest.fixture
def two_brands_mock(tmp_path):
    """mastodon-mock, which honours idempotency keys, with the users of a desk."""
    server = MastodonMock(tmp_path, ("ana", *BRANDS))
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _new_users(snac):
    number = next(numbers)
    return lambda name: snac.add_user(f"{name}crash{number}")


def test_senders_are_killed_and_the_server_ignores_idempotency_keys(snac, crashes):
    kills = KILLS if snac.version == "old" else A_FEW
    desk = crashes.strike(snac, _new_users(snac), kills, "kill")
    desk.check_each_is_sent_once()


def test_senders_are_killed_and_the_server_honours_idempotency_keys(two_brands_mock, crashes):
    desk = crashes.strike(two_brands_mock, two_brands_mock.user, KILLS, "kill")
    desk.check_each_is_sent_once()


def test_connections_are_cut_and_the_server_ignores_idempotency_keys(old_snac, crashes):
    desk = crashes.strike(old_snac, _new_users(old_snac), CUTS, "cut")
    desk.check_each_is_sent_once()


@pytest.mark.parametrize(
    ("blow", "mutation"),
    [
        pytest.param("kill", NO_CLAIM, id="no claim"),
        pytest.param("kill", SEND_AGAIN_WITHOUT_LOOKING, id="send again without looking"),
        pytest.param("cut", QUEUE_AGAIN_ON_ANY_EXCEPTION, id="queue again on any exception"),
    ],
)
def test_the_same_fails_on_mutants(old_snac, crashes, blow, mutation):
    desk = crashes.strike(old_snac, _new_users(old_snac), A_FEW, blow, mutation)
    assert desk.doubled()
    with pytest.raises(AssertionError):
        desk.check_each_is_sent_once()
