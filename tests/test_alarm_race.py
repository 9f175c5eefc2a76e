"""Two workers on the same clocks: each is told once."""

import pytest

from support.racing import race

SETUP = """
from datetime import datetime, timedelta
from odoo import Command, fields
from odoo.addons.social_care import networks
now = fields.Datetime.now()
calendar = env['resource.calendar'].create({
    'name': 'Never', 'tz': 'UTC', 'attendance_ids': [Command.clear()]})
groups = [Command.link(env.ref('social_care.social_care_group_agent').id)]
people = env['res.users'].create([
    {'name': name, 'login': name, 'group_ids': groups, 'notification_type': 'inbox'}
    for name in ('first', 'second', 'leader')])
team = env['helpdesk.ticket.team'].create({
    'name': 'Care', 'user_id': people[2].id, 'resource_calendar_id': calendar.id,
    'social_on_call_ids': [Command.create({'user_id': user.id}) for user in people]})
account = env['social.care.account'].create({
    'name': 'A', 'network': 'mastodon', 'team_line_ids': [Command.create({'team_id': team.id})]})
ana = networks.Author(external_id='ana@x.example', handle='ana')
mention = account._ingest([networks.Mention(
    external_id='1', author=ana, body='help', posted_at=now - timedelta(hours=2))])
mention.severe = True
mention._triage()
ticket = mention.ticket_id
policy = env['helpdesk.sla'].create({
    'name': 'P', 'social_target': 'first_response', 'hours': 1, 'team_ids': team.ids})
env.cr.execute(
    "INSERT INTO helpdesk_ticket_sla (ticket_id, sla_id, state, hours, deadline, social_started_at, "
    "social_alarm_at) VALUES (%s, %s, 'in_progress', 1, %s, %s, %s)",
    [ticket.id, policy.id, now - timedelta(hours=1), mention.posted_at, now - timedelta(hours=1)])
assert ticket.social_on_call_at
"""
WATCH = {
    "model": "helpdesk.ticket.sla",
    "step": "_social_care_claim_due",
    "work": "env['helpdesk.ticket.sla']._cron_watch()",
}
NO_CLAIM = """
env.registry['helpdesk.ticket.sla']._social_care_claim_due = lambda rows: rows
"""
TOLD = """
    SELECT notification.id FROM mail_notification notification
      JOIN res_users ON res_users.partner_id = notification.res_partner_id
      JOIN mail_message message ON message.id = notification.mail_message_id
     WHERE res_users.login = 'leader' AND message.message_type = 'user_notification'
"""


@pytest.fixture
def urgent(database):
    """A severe ticket of a closed team, an hour late."""
    database.script(SETUP)
    return database


@pytest.mark.parametrize("mutant", [False, True], ids=["as it is", "mutant: no claim"])
def test_two_workers_tell_the_leader_once(urgent, tmp_path, mutant):
    race(urgent, tmp_path, WATCH, NO_CLAIM if mutant else "")
    assert len(urgent.query(TOLD)) == (2 if mutant else 1)
