"""Two workers on the same ticket, in opening hours or at night: one person is rung."""

import pytest

from support.racing import ROUTE, race

SETUP = """
from odoo import Command, fields
from odoo.addons.social_care import networks
calendar = env['resource.calendar'].create({
    'name': 'Always' if %(open)s else 'Never', 'tz': 'UTC', 'attendance_ids': [Command.clear()] + [
        Command.create({'name': 'x', 'dayofweek': str(day), 'hour_from': 0, 'hour_to': 24})
        for day in range(7) if %(open)s]})
groups = [Command.link(env.ref('social_care.social_care_group_agent').id)]
people = env['res.users'].create([
    {'name': name, 'login': name, 'group_ids': groups, 'notification_type': 'inbox'}
    for name in ('first', 'second', 'third')])
team = env['helpdesk.ticket.team'].create({
    'name': 'Care', 'user_ids': people.ids, 'resource_calendar_id': calendar.id,
    'social_on_call_ids': [Command.create({'user_id': user.id}) for user in people]})
account = env['social.care.account'].create({
    'name': 'A', 'network': 'mastodon', 'team_line_ids': [Command.create({'team_id': team.id})]})
ana = networks.Author(external_id='ana@x.example', handle='ana')
mention = account._ingest([networks.Mention(
    external_id='1', author=ana, body='help', posted_at=fields.Datetime.now())])
mention.severe = True
mention._triage()
assert mention.ticket_id.social_route_at
assert bool(mention.ticket_id.social_on_call_at) != %(open)s
"""
NO_LOCK = """
env.registry['helpdesk.ticket']._social_care_claim = lambda tickets: None
env.registry['helpdesk.ticket.team']._social_care_claim_people = lambda teams: None
"""


@pytest.mark.parametrize("is_open", [True, False], ids=["in opening hours", "at night"])
@pytest.mark.parametrize(
    ("lock", "index", "rung"),
    [(True, True, 1), (True, False, 1), (False, True, 1), (False, False, 2)],
    ids=["as it is", "the lock alone", "the unique index alone", "mutant: neither"],
)
def test_two_workers_ring_one_person(database, tmp_path, is_open, lock, index, rung):
    database.script(SETUP % {"open": is_open})
    if not index:
        database.query("DROP INDEX social_care_ring_one_open")
    race(database, tmp_path, ROUTE, "" if lock else NO_LOCK)
    assert len(database.query("SELECT id FROM social_care_ring")) == rung
