"""A company's automation rules run for tickets that are made together as for those made alone."""

import pytest

from support.plaza import connect, start_brand

PEOPLE = ("ana", "eva", "leo")


@pytest.fixture
def brand_with_rules(database, make_odoo):
    """A brand on an Odoo that has Odoo's automation rules."""
    return start_brand(database, make_odoo, "base_automation")


def _add_rule(brand, trigger, code, **values):
    [model] = brand.admin("ir.model", "search", [("model", "=", "helpdesk.ticket")])
    action = {
        "name": trigger,
        "model_id": model,
        "state": "code",
        "code": code,
        "usage": "base_automation",
    }
    values = {"name": trigger, "model_id": model, "trigger": trigger, **values}
    brand.admin("base.automation", "create", [values | {"action_server_ids": [(0, 0, action)]}])


def test_a_rule_fires_once_for_each_of_the_tickets_made_together(plaza, brand_with_rules):
    brand = brand_with_rules
    _add_rule(brand, "on_create", "record.write({'color': record.color + 1})")
    # That a ticket was created is a notification: rules about messages are not for it.
    _add_rule(brand, "on_message_received", "record.write({'priority': '3'})")
    _add_rule(brand, "on_message_sent", "record.write({'priority': '3'})")
    account = connect(brand, plaza)
    for who in PEOPLE:
        plaza.say(who, f"the suitcase of {who} did not arrive")

    brand.receive()

    ids = [mention["ticket_id"][0] for mention in brand.mentions(account)]
    tickets = brand.admin("helpdesk.ticket", "read", ids, ["color", "priority", "message_ids"])
    assert len(tickets) == len(PEOPLE)
    assert {ticket["priority"] for ticket in tickets} == {"1"}
    assert {len(ticket["message_ids"]) for ticket in tickets} == {1}
    assert {ticket["color"] for ticket in tickets} == {1}
