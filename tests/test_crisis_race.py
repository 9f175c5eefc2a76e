"""Two workers see the same storm: one crisis is opened, and its owner is told once."""

import pytest

from support.racing import race

SETUP = """
from datetime import timedelta
from odoo import Command, fields
from odoo.addons.social_care import networks
now = fields.Datetime.now()
leader = env['res.users'].create({
    'name': 'leader', 'login': 'leader', 'notification_type': 'inbox',
    'group_ids': [Command.link(env.ref('social_care.social_care_group_reviewer').id)]})
team = env['helpdesk.ticket.team'].create({'name': 'Care'})
account = env['social.care.account'].create({
    'name': 'A', 'network': 'mastodon', 'responsible_id': leader.id,
    'since': now - timedelta(weeks=9),
    'team_line_ids': [Command.create({'team_id': team.id})]})
people = [networks.Author(external_id=f'{n}@x.example', handle=f'p{n}') for n in range(9)]
mentions = account._ingest([
    networks.Mention(external_id=str(n), author=author, body=f'Where is my flight, {n}?',
                     posted_at=now - timedelta(minutes=n))
    for n, author in enumerate(people)])
mentions.intent = 'complaint'
account.last_received_at = now
"""
LOOK = {
    "model": "social.care.account",
    "step": "_find_storm",
    "work": "env['social.care.account']._cron_storm()",
}
NAIVE = """
env.cr.execute('DROP INDEX IF EXISTS social_care_crisis_one_open')
env.cr.commit()
def just_open(crises, account, trigger, text, mentions, text_key=''):
    crises.create({'account_id': account.id, 'trigger': trigger, 'trigger_text': text,
                   'owner_id': account.responsible_id.id})._tell_owner()
env.registry['social.care.crisis']._open = just_open
"""
TOLD = """
    SELECT notification.id FROM mail_notification notification
      JOIN res_users ON res_users.partner_id = notification.res_partner_id
      JOIN mail_message message ON message.id = notification.mail_message_id
     WHERE res_users.login = 'leader' AND message.message_type = 'user_notification'
       AND starts_with(message.subject, 'Crisis')
"""


@pytest.fixture
def storm(database):
    """Nine complaints within nine minutes, and nobody has looked yet."""
    database.script(SETUP)
    return database


@pytest.mark.parametrize("mutant", [False, True], ids=["as it is", "mutant: a row, and no more"])
def test_two_workers_open_one_crisis(storm, tmp_path, mutant):
    race(storm, tmp_path, LOOK, NAIVE if mutant else "")
    count = 2 if mutant else 1
    assert len(storm.query("SELECT id FROM social_care_crisis")) == count
    assert len(storm.query(TOLD)) == count
