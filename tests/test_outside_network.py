"""A company adds a network by an addon of its own, and takes it off again."""

import pytest

from support.plaza import connect, start_brand


@pytest.fixture
def brand_with_plaza(database, make_odoo):
    return start_brand(database, make_odoo)


def test_a_network_from_outside_works_and_leaves_quietly(plaza, brand_with_plaza):
    brand = brand_with_plaza
    account = connect(brand, plaza)
    said = plaza.say("ana", "my suitcase did not arrive")

    brand.receive()
    [mention] = brand.mentions(account)
    assert mention["external_id"] == said
    ticket_id = mention["ticket_id"][0]
    assert brand.read("helpdesk.ticket", ticket_id, "channel_id")["channel_id"][1] == "Plaza"
    reply = brand.answer(mention["id"], "Which flight was it?")
    brand.publish()

    assert brand.read("social.care.reply", reply, "state")["state"] == "sent"
    [sent] = plaza.accepted
    assert plaza.messages[sent]["text"] == "Which flight was it?"
    assert plaza.messages[sent]["answers"] == said

    waiting = brand.answer(mention["id"], "Never said")
    [module] = brand.admin("ir.module.module", "search", [("name", "=", "social_care_plaza")])
    brand.admin("ir.module.module", "button_immediate_uninstall", [module])

    health = ("state", "network", "external_id")
    left = brand.read("social.care.account", account, *health)
    assert (left["state"], left["network"], left["external_id"]) == ("paused", "plaza", "aurora")
    brand.publish()
    assert brand.read("social.care.reply", waiting, "state")["state"] == "queued"
    told = brand.admin("social.care.account", "action_test_connection", [account])
    assert "not installed" in told["params"]["message"]
    brand.admin("social.care.account", "action_resume", [account])
    brand.receive()
    assert brand.read("social.care.account", account, "state")["state"] == "paused"
    for model, record in (
        ("social.care.account", account),
        ("social.care.mention", mention["id"]),
        ("social.care.reply", reply),
        ("helpdesk.ticket", ticket_id),
    ):
        assert brand.admin(model, "read", [record]), f"{model} can still be looked at"
    assert plaza.accepted == [sent]
