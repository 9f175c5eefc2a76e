"""A company's automation rules run for tickets that are made together as for those made alone."""

from collections import Counter

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


# A line in Odoo's log table: which rule fired, for whose ticket.
NOTE = """
env['ir.logging'].create({
    'name': %r, 'message': record.social_author_id.external_id,
    'type': 'server', 'path': '-', 'func': '-', 'line': '-'})
"""
TRIGGERS = (
    *("on_create", "on_create_or_write", "on_stage_set", "on_user_set"),
    *("on_message_received", "on_message_sent"),
)


def _count_fired(brand, people):
    """How often each rule fired for each of these customers."""
    lines = brand.admin("ir.logging", "search_read", [("func", "=", "-")], ["name", "message"])
    return [Counter(line["name"] for line in lines if line["message"] == who) for who in people]


def test_each_kind_of_rule_fires_as_often_as_for_tickets_made_alone(plaza, brand_with_rules):
    brand = brand_with_rules
    stage = brand.admin.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")
    for trigger in TRIGGERS:
        values = {"trg_field_ref": stage} if trigger == "on_stage_set" else {}
        _add_rule(brand, trigger, NOTE % trigger, **values)
    account = connect(brand, plaza)
    alone, together = ("ana", "eva", "leo"), ("ida", "joe", "kim")
    for who in alone:
        plaza.say(who, f"the suitcase of {who} did not arrive")
        brand.receive()
    for who in together:
        plaza.say(who, f"the suitcase of {who} did not arrive")
    brand.receive()

    created = _count_fired(brand, alone)
    assert created == [created[0]] * 3
    assert created[0]["on_create"] == 1
    assert _count_fired(brand, together) == created

    for mention in brand.mentions(account):
        ticket = mention["ticket_id"][0]
        brand.admin("helpdesk.ticket", "write", [ticket], {"stage_id": stage})
        brand.admin("helpdesk.ticket", "write", [ticket], {"user_id": brand.agent_id})
        comment = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        brand.admin("helpdesk.ticket", "message_post", [ticket], body="Hello", **comment)
    later = _count_fired(brand, alone)
    assert later == [later[0]] * 3
    assert later[0]["on_stage_set"] == later[0]["on_user_set"] == later[0]["on_message_sent"] == 1
    assert _count_fired(brand, together) == later
