"""The main job on real servers: a mention becomes a ticket on the clock, the answer goes back."""

import dataclasses
import itertools
from datetime import datetime, timedelta, timezone

import pytest

from support.mastodon_api import ARRIVAL, MastodonUser
from support.mastodon_mock import MastodonMock
from support.odoo import OdooError
from support.waiting import wait_for

_numbers = itertools.count(1)


@dataclasses.dataclass
class Asked:
    """A customer has asked a brand something, both known to nobody else, and there is a ticket."""

    aurora: MastodonUser
    ana: MastodonUser
    account: int
    said: dict
    mention: dict
    reply_id: int = 0

    @property
    def ticket_id(self):
        return self.mention["ticket_id"][0]


def _asked(snac, brand, question, visibility="public"):
    number = next(_numbers)
    aurora, ana = snac.add_user(f"asked{number}"), snac.add_user(f"asks{number}")
    account = brand.connect(aurora)
    said = ana.say(f"@{aurora.name} {question}", visibility=visibility)
    aurora.hear(question)
    brand.receive()
    [mention] = brand.mentions(account)
    return Asked(aurora, ana, account, said, mention)


def _answered(snac, brand, question, answer, visibility="public"):
    """The same, and the brand's answer was sent."""
    asked = _asked(snac, brand, question, visibility)
    asked.reply_id = brand.answer(asked.mention["id"], answer, visibility=visibility)
    brand.publish()
    assert brand.read("social.care.reply", asked.reply_id, "state")["state"] == "sent"
    return asked


@pytest.fixture
def holiday(brand):
    """The team has a holiday from yesterday until the day after tomorrow, and acknowledges."""
    day = timedelta(days=1)
    now = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
    leave = brand.admin(
        "resource.calendar.leaves",
        "create",
        {
            "name": "Holiday",
            "calendar_id": brand.calendar,
            "date_from": str(now - day),
            "date_to": str(now + 2 * day),
        },
    )
    brand.admin("helpdesk.ticket.team", "write", [brand.team], {"social_ack_closed": True})
    yield
    brand.admin("helpdesk.ticket.team", "write", [brand.team], {"social_ack_closed": False})
    brand.admin("resource.calendar.leaves", "unlink", [leave])


def test_a_mention_becomes_a_ticket_and_the_answer_appears_in_its_thread(snac, brand):
    aurora, ana = snac.add_user("aurora1"), snac.add_user("ana1")
    account = brand.connect(aurora)
    said = ana.say("@aurora1 my suitcase did not arrive, who can help?")
    aurora.hear("suitcase")

    brand.receive()

    [mention] = brand.mentions(account)
    # Servers show a handle with or without its own host.
    assert mention["body"].startswith("@aurora1")
    assert mention["body"].endswith(" my suitcase did not arrive, who can help?")
    ticket_id = mention["ticket_id"][0]
    ticket = brand.read(
        "helpdesk.ticket", ticket_id, "social_deadline", "sla_deadline", "stage_id", "team_id"
    )
    posted_at = datetime.fromisoformat(mention["posted_at"])
    assert datetime.fromisoformat(ticket["social_deadline"]) == posted_at + timedelta(hours=2)
    assert ticket["sla_deadline"] == ticket["social_deadline"]
    assert ticket["team_id"][0] == brand.team
    assert ticket["stage_id"][1] == "New"

    reply_id = brand.answer(mention["id"], "Hello Ana, which flight was it?")
    brand.publish()

    reply = brand.read("social.care.reply", reply_id, "state", "external_id", "url", "body")
    assert reply["state"] == "sent", reply
    answers = ana.read_answers_to(said["id"])
    assert [answer["account"]["username"] for answer in answers] == ["aurora1"]
    assert "which flight was it?" in answers[0]["content"]
    assert reply["url"]
    ticket = brand.read(
        "helpdesk.ticket",
        ticket_id,
        "stage_id",
        "social_waiting_since",
        "social_first_response_at",
        "social_deadline",
    )
    assert ticket["stage_id"][1] == "In Progress"
    assert not ticket["social_waiting_since"]
    assert ticket["social_first_response_at"]
    assert not ticket["social_deadline"]

    brand.receive()
    brand.publish()

    assert len(brand.mentions(account)) == 1, "neither the mention again nor our own answer"
    assert brand.admin("social.care.reply", "search_count", [("account_id", "=", account)]) == 1
    assert (
        brand.admin("helpdesk.ticket", "search_count", [("social_account_id", "=", account)]) == 1
    )


def test_a_customer_who_favourites_the_answer_is_satisfied(snac, brand):
    asked = _answered(snac, brand, "may my dog fly?", "It may, in the cabin.")
    [answer] = asked.ana.read_answers_to(asked.said["id"])

    asked.ana.favourite(answer["id"])
    wait_for(
        lambda: any(one["type"] == "favourite" for one in asked.aurora.notifications()),
        "the brand is told that Ana likes it",
        ARRIVAL,
    )
    brand.receive()

    assert brand.read("social.care.reply", asked.reply_id, "liked_at")["liked_at"]
    assert brand.outcome(asked.ticket_id) == "satisfied"
    assert len(brand.mentions(asked.account)) == 1


def test_a_private_message_is_answered_privately(snac, brand):
    stranger = snac.add_user("stranger2")
    asked = _answered(
        snac, brand, "my booking is ZX81QL", "Thank you Ana, we found it.", visibility="direct"
    )

    received = asked.ana.hear("we found it")
    assert received["visibility"] in ("direct", "private")  # snac 2.75 shows direct as private
    seen = [status["content"] for status in stranger.get("v1/timelines/public", limit=40)]
    assert not any("we found it" in content for content in seen)


def test_an_answer_typed_in_the_networks_own_app_stops_the_clock(snac, brand):
    asked = _asked(snac, brand, "can I bring my cat?")

    asked.aurora.say(f"@{asked.ana.name} yes, in the cabin", in_reply_to=asked.said["id"])
    brand.receive()
    brand.publish()

    [reply] = brand.admin(
        "social.care.reply",
        "search_read",
        [("account_id", "=", asked.account)],
        ["origin", "state", "mention_id", "body"],
    )
    assert (reply["origin"], reply["state"]) == ("network", "sent")
    assert reply["mention_id"][0] == asked.mention["id"]
    [clock] = brand.admin(
        "helpdesk.ticket.sla",
        "search_read",
        [("ticket_id", "=", asked.ticket_id)],
        ["state"],
    )
    assert clock["state"] == "accomplished"
    assert len(brand.mentions(asked.account)) == 1


def test_in_closed_hours_one_acknowledgement_appears_and_no_automaton_is_answered_twice(
    snac, brand, holiday
):
    aurora, ana = snac.add_user("aurora4"), snac.add_user("ana4")
    account = brand.connect(aurora)
    said = ana.say("@aurora4 where is my dog?")
    aurora.hear("my dog")

    brand.receive()
    brand.publish()

    [answer] = ana.read_answers_to(said["id"])
    assert "We are closed right now and will answer" in answer["content"]
    [mention] = brand.mentions(account)
    ticket_id = mention["ticket_id"][0]
    ticket = brand.read(
        "helpdesk.ticket", ticket_id, "social_acknowledged_at", "social_waiting_since", "stage_id"
    )
    assert ticket["social_acknowledged_at"]
    assert ticket["social_waiting_since"] == mention["posted_at"]
    assert ticket["stage_id"][1] == "New"

    ana.say("@aurora4 I am out of office", in_reply_to=answer["id"])
    aurora.hear("out of office")
    brand.receive()
    brand.publish()

    assert len(brand.mentions(account)) == 2
    assert brand.admin("social.care.reply", "search_count", [("account_id", "=", account)]) == 1


def test_two_servers_whose_ids_collide_stay_apart(mastodon_mock, tmp_path_factory, brand):
    other = MastodonMock(tmp_path_factory.mktemp("other"))
    other.start()
    try:
        accounts = [
            brand.connect(server.user("brand"), name=server.base_url)
            for server in (mastodon_mock, other)
        ]
        said = [
            server.user("alice").say("@brand where is my refund?")
            for server in (mastodon_mock, other)
        ]
        for server in (mastodon_mock, other):
            server.user("brand").hear("refund")
        brand.receive()
        [[first], [second]] = [brand.mentions(account) for account in accounts]
        assert [first["external_id"], second["external_id"]] == [status["id"] for status in said]
        assert first["ticket_id"] != second["ticket_id"]
        authors = brand.admin(
            "social.care.author",
            "search_read",
            [("mention_ids.account_id", "in", accounts)],
            ["external_id"],
        )
        assert len({author["external_id"] for author in authors}) == 2
    finally:
        other.stop()


def _change(brand, reply_id, text):
    wizard = brand.agent("social.care.change", "create", {"reply_id": reply_id, "body": text})
    brand.agent("social.care.change", "action_change", [wizard])


def _take_back(brand, reply_id, reason):
    values = {"reply_id": reply_id, "reason": reason}
    wizard = brand.agent("social.care.take.back", "create", values)
    brand.agent("social.care.take.back", "action_take_back", [wizard])


def test_an_answer_that_is_out_gets_another_text(snac, brand):
    asked = _answered(snac, brand, "where is gate B?", "Down the hal.")

    _change(brand, asked.reply_id, "Down the hall.")

    [post] = asked.aurora.own_statuses()
    assert "Down the hall." in post["content"]
    assert post["in_reply_to_id"] == asked.said["id"]
    wait_for(
        lambda: "Down the hall." in asked.ana.answers_to(asked.said["id"])[0]["content"],
        "the customer reads the new text",
        ARRIVAL,
    )


def test_a_deleted_answer_is_gone_there_and_where_servers_cannot_it_stays_in_both(snac, brand):
    asked = _answered(snac, brand, "where is gate C?", "Up the stairs.")

    if snac.version == "old":
        with pytest.raises(OdooError, match="lets nobody delete"):
            _take_back(brand, asked.reply_id, "The gate has moved")
    else:
        _take_back(brand, asked.reply_id, "The gate has moved")

    is_there = bool(asked.aurora.own_statuses())
    reply = brand.read("social.care.reply", asked.reply_id, "deleted_at")
    assert is_there is (snac.version == "old")
    assert bool(reply["deleted_at"]) is not is_there
