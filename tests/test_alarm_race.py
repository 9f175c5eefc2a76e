"""Two workers on the same clocks, and on the same urgent ticket: each is told or rung once."""

import pytest

from support.waiting import wait_for

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
# Both workers look (and so take their snapshot) before either may go on.
WORKER = """
import pathlib, time
here = pathlib.Path({folder!r})
model = env.registry[{model!r}]
step = getattr(model, {step!r})
waited = []
def with_barrier(records, *arguments):
    if not waited:
        waited.append(True)
        records.env['social.care.ring'].search_count([])
        (here / {name!r}).touch()
        deadline = time.monotonic() + 60
        while not (here / 'go').exists():
            assert time.monotonic() < deadline, 'the other worker never came'
            time.sleep(0.01)
    return step(records, *arguments)
setattr(model, {step!r}, with_barrier)
env[{model!r}].{work}
"""
WATCH = {
    "model": "helpdesk.ticket.sla",
    "step": "_social_care_claim_due",
    "work": "_run_unit(env['helpdesk.ticket.sla']._social_care_watch)",
}
ROUTE = {
    "model": "helpdesk.ticket.team",
    "step": "_social_care_route",
    "work": "_cron_route()",
}
NO_CLAIM = """
env.registry['helpdesk.ticket.sla']._social_care_claim_due = lambda rows, limit: rows.search(
    [('state', '=', 'in_progress'), ('social_alarm_at', '!=', False)])
"""
TOLD = """
    SELECT notification.id FROM mail_notification notification
      JOIN res_users ON res_users.partner_id = notification.res_partner_id
      JOIN mail_message message ON message.id = notification.mail_message_id
     WHERE res_users.login = 'leader' AND message.message_type = 'user_notification'
"""


def _race(database, folder, work, mutation=""):
    workers = [
        database.start_script(
            mutation + WORKER.format(folder=str(folder), name=f"ready{number}", **work)
        )
        for number in range(2)
    ]
    wait_for(
        lambda: all((folder / f"ready{number}").exists() for number in range(2)),
        "both have their snapshot",
        120,
    )
    (folder / "go").touch()
    for worker in workers:
        _output, log = worker.communicate(timeout=120)
        assert worker.returncode == 0, log[-4000:]


@pytest.fixture
def urgent(database):
    """A severe ticket of a closed team, an hour late."""
    database.script(SETUP)
    return database


@pytest.mark.parametrize("mutant", [False, True], ids=["as it is", "mutant: no claim"])
def test_two_workers_tell_the_leader_once(urgent, tmp_path, mutant):
    _race(urgent, tmp_path, WATCH, NO_CLAIM if mutant else "")
    assert len(urgent.query(TOLD)) == (2 if mutant else 1)


@pytest.mark.parametrize("mutant", [False, True], ids=["as it is", "mutant: no unique ring"])
def test_two_workers_ring_one_person(urgent, tmp_path, mutant):
    if mutant:
        urgent.query("DROP INDEX social_care_ring_one_open")
    _race(urgent, tmp_path, ROUTE)
    assert len(urgent.query("SELECT id FROM social_care_ring")) == (2 if mutant else 1)
