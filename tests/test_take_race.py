"""An agent answers a ticket in the moment in which routing gives it to her: it is hers, and she sees no error."""

import pytest

from support.racing import ROUTE, in_turn

SETUP = """
from odoo import Command, fields
from odoo.addons.social_care import networks
calendar = env['resource.calendar'].create({'name': 'Always', 'tz': 'UTC', 'attendance_ids': [
    Command.clear()] + [Command.create(
        {'name': 'x', 'dayofweek': str(day), 'hour_from': 0, 'hour_to': 24}) for day in range(7)]})
marta = env['res.users'].create({
    'name': 'Marta', 'login': 'marta', 'notification_type': 'inbox',
    'group_ids': [Command.link(env.ref('social_care.social_care_group_agent').id)]})
team = env['helpdesk.ticket.team'].create({
    'name': 'Care', 'user_ids': marta.ids, 'resource_calendar_id': calendar.id})
account = env['social.care.account'].create({
    'name': 'A', 'network': 'mastodon', 'practice': True, 'state': 'connected',
    'team_line_ids': [Command.create({'team_id': team.id})]})
mention = account._ingest([networks.Mention(
    external_id='1', author=networks.Author(external_id='ana@x.example', handle='ana'),
    body='help', posted_at=fields.Datetime.now())])
mention._triage()
assert mention.ticket_id.social_route_at
env['social.care.reply'].with_user(marta).create({'mention_id': mention.id, 'body': 'Hello'})
"""
# As a request does it: a conflict is tried again, and nothing else is.
ANSWER = {
    "model": "social.care.reply",
    "step": "_enqueue",
    "work": """
from odoo.service.model import retrying
draft = env['social.care.reply'].search([])
retrying(draft.with_user(draft.user_id).action_send_wait, env)
""",
}
NOT_FIRST = """
env.registry['helpdesk.ticket'].flush_recordset = lambda tickets, names=None: None
"""
STATE = """
    SELECT reply.state, res_users.login,
           (SELECT count(*) FROM mail_followers
             WHERE res_model = 'helpdesk.ticket' AND res_id = ticket.id
               AND partner_id = res_users.partner_id) AS follows
      FROM social_care_reply reply
      JOIN helpdesk_ticket ticket ON ticket.id = reply.ticket_id
      JOIN res_users ON res_users.id = ticket.user_id
"""


@pytest.mark.parametrize("works", [(ROUTE, ANSWER), (ANSWER, ROUTE)], ids=["given", "answered"])
def test_it_is_hers_whoever_was_first(database, tmp_path, works):
    database.script(SETUP)
    in_turn(database, tmp_path, works)
    assert database.query(STATE) == [{"state": "queued", "login": "marta", "follows": 1}]


def test_mutant_that_writes_the_ticket_last_shows_her_an_error(database, tmp_path):
    database.script(SETUP)
    with pytest.raises(AssertionError, match="cannot follow twice"):
        in_turn(database, tmp_path, (ROUTE, ANSWER), NOT_FIRST)
