"""Two reviewers decide on one answer at once: one of them does, the other is told who was first."""

import pytest

from support.waiting import wait_for

SETUP = """
from odoo import Command, fields
from odoo.addons.social_care import networks
def make(login, role):
    group = env.ref('social_care.social_care_group_' + role)
    return env['res.users'].create(
        {'name': login, 'login': login, 'group_ids': [Command.link(group.id)]})
author, first, second = make('author', 'agent'), make('first', 'reviewer'), make('second', 'reviewer')
team = env['helpdesk.ticket.team'].create(
    {'name': 'Care', 'user_ids': [Command.set((author | first | second).ids)]})
account = env['social.care.account'].create({
    'name': 'A', 'network': 'mastodon', 'practice': True, 'state': 'connected',
    'team_line_ids': [Command.create({'team_id': team.id})]})
mention = account._ingest([networks.Mention(
    external_id='1', author=networks.Author(external_id='ana@x.example', handle='ana'),
    body='help', posted_at=fields.Datetime.now())])
mention._to_tickets()
mention.ticket_id.social_severe = True
reply = env['social.care.reply'].with_user(author).create({'mention_id': mention.id, 'body': 'Hi'})
reply.action_send_wait()
assert reply.state == 'to_approve', reply.state
"""
# Each reads the answer (and so takes its snapshot) before either may go on, as in two requests.
WORKER = """
import pathlib, time
from odoo.exceptions import UserError
from odoo.service.model import retrying
here = pathlib.Path({folder!r})
user = env['res.users'].search([('login', '=', {name!r})])
reply = env['social.care.reply'].with_user(user).search([])
def decide():
    reply.read(['state'])
    if not (here / {name!r}).exists():
        (here / {name!r}).touch()
        deadline = time.monotonic() + 60
        while not (here / 'go').exists():
            assert time.monotonic() < deadline, 'the other reviewer never came'
            time.sleep(0.01)
    reply.{work}
try:
    retrying(decide, env)
    outcome = 'done'
except UserError as error:
    outcome = str(error)
(here / ({name!r} + '.outcome')).write_text(outcome)
"""
WORK = {"first": "action_approve()", "second": "_reject('No.')"}
BLIND = "env.registry['social.care.reply']._check_waiting = lambda reply: None\n"


@pytest.mark.parametrize("mutant", [False, True], ids=["as it is", "mutant: looks at no state"])
def test_one_approves_or_the_other_rejects(database, tmp_path, mutant):
    database.script(SETUP)
    workers = [
        database.start_script(
            BLIND * mutant + WORKER.format(folder=str(tmp_path), name=name, work=work)
        )
        for name, work in WORK.items()
    ]
    wait_for(
        lambda: all((tmp_path / name).exists() for name in WORK), "both have read the answer", 120
    )
    (tmp_path / "go").touch()
    for worker in workers:
        _output, log = worker.communicate(timeout=120)
        assert worker.returncode == 0, log[-4000:]
    outcomes = {name: (tmp_path / f"{name}.outcome").read_text() for name in WORK}
    if mutant:
        assert set(outcomes.values()) == {"done"}, "the second undid what the first had decided"
        return
    [reply] = database.query("SELECT state FROM social_care_reply")
    assert (reply["state"], outcomes) in (
        ("queued", {"first": "done", "second": "first has approved this already."}),
        ("draft", {"first": "second has rejected this already.", "second": "done"}),
    )
