"""Two workers on different tickets of the same people: nobody gets more than fits, and nobody waits in a circle."""

import pytest

from support.racing import ROUTE, race

# Each of three people is in two of the three teams, and may have one conversation.
SETUP = """
from odoo import Command, fields
from odoo.addons.social_care import networks
calendar = env['resource.calendar'].create({'name': 'Always', 'tz': 'UTC', 'attendance_ids': [
    Command.clear()] + [Command.create(
        {'name': 'x', 'dayofweek': str(day), 'hour_from': 0, 'hour_to': 24}) for day in range(7)]})
groups = [Command.link(env.ref('social_care.social_care_group_agent').id)]
people = env['res.users'].create([
    {'name': name, 'login': name, 'group_ids': groups, 'social_capacity': 1}
    for name in ('first', 'second', 'third')])
for place in range(3):
    team = env['helpdesk.ticket.team'].create({
        'name': f'Team {place}', 'user_ids': (people - people[place]).ids,
        'resource_calendar_id': calendar.id, 'social_ringing': %(ringing)r})
    account = env['social.care.account'].create({
        'name': f'A{place}', 'network': 'mastodon',
        'team_line_ids': [Command.create({'team_id': team.id})]})
    account._ingest([networks.Mention(
        external_id=f'{place}-{number}', author=networks.Author(external_id=f'p{place}{number}', handle='p'),
        body='help', posted_at=fields.Datetime.now()) for number in range(4)])._triage()
tickets = env['helpdesk.ticket'].search([('social_route_at', '!=', False)])
assert len(tickets) == 12
"""
# Each worker has tickets of its own, of all teams or of one, and comes to the teams from its end.
SHARE = """
ids = env['helpdesk.ticket'].search([('social_route_at', '!=', False)], order='id').ids
share = {shares}[number]
env.registry['helpdesk.ticket.team']._social_care_find_to_route = lambda team: (
    team.env['helpdesk.ticket'].browse(ids[place] for place in share))
"""
SHARES = {
    "all teams, from both ends": ([0, 1, 4, 5, 8, 9], [11, 10, 7, 6, 3, 2]),
    "all teams, in the same order": ([0, 4, 8], [1, 5, 9]),
    "one team": ([0, 1], [2, 3]),
    "two teams that share one person": ([0, 1], [4, 5]),
    "two teams each, one of them shared": ([0, 4], [9, 5]),
}
NO_LOCK = """
env.registry['helpdesk.ticket.team']._social_care_claim_people = lambda teams: None
"""
LOADS = {
    "never": "SELECT user_id, count(*) FROM helpdesk_ticket WHERE user_id IS NOT NULL GROUP BY user_id",
    "always": "SELECT user_id, count(*) FROM social_care_ring GROUP BY user_id",
}
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def _race(database, folder, ringing, shares, mutation=""):
    database.script(SETUP % {"ringing": ringing})
    race(database, folder, ROUTE, mutation + SHARE.format(shares=SHARES[shares]))
    return sorted(row["count"] for row in database.query(LOADS[ringing]))


@pytest.mark.parametrize("shares", SHARES)
def test_nobody_gets_more_than_fits_and_nobody_waits_in_a_circle(database, tmp_path, shares):
    loads = _race(database, tmp_path, "never", shares)
    assert set(loads) == {1}
    assert len(loads) == (2 if shares == "one team" else 3)
    assert database.query(DEADLOCKS) == [{"deadlocks": 0}]


def test_nobody_is_rung_for_more_than_fits(database, tmp_path):
    assert _race(database, tmp_path, "always", "all teams, from both ends") == [1, 1, 1]


@pytest.mark.parametrize("ringing", LOADS)
def test_mutant_without_the_claim_gives_one_person_too_many(database, tmp_path, ringing):
    assert max(_race(database, tmp_path, ringing, "one team", NO_LOCK)) > 1
