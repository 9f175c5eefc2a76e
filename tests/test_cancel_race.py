"""A person calls an answer off while a sender takes it: it is called off or sent, never both."""

import pytest

from support.waiting import wait_for

SETUP = """
from odoo import Command, fields
from odoo.addons.social_care import networks
group = env.ref('social_care.social_care_group_agent')
agent = env['res.users'].create(
    {'name': 'Marta', 'login': 'marta', 'group_ids': [Command.link(group.id)]})
team = env['helpdesk.ticket.team'].create({'name': 'Care', 'user_ids': [Command.set(agent.ids)]})
account = env['social.care.account'].create({
    'name': 'A', 'network': 'mastodon', 'practice': True, 'state': 'connected',
    'since': '2026-01-01', 'team_line_ids': [Command.create({'team_id': team.id})]})
ana = networks.Author(external_id='ana@x.example', handle='ana')
mention = account._ingest([networks.Mention(
    external_id='1', author=ana, body='help', posted_at=fields.Datetime.now())])
mention._triage()
reply = env['social.care.reply'].with_user(agent).create(
    {'mention_id': mention.id, 'body': 'We look for it.'})
reply.action_send_wait()
"""
# Each has taken its snapshot, and seen a queued answer, before it may go on.
WAIT = """
import pathlib, time
here = pathlib.Path({folder!r})
reply = env['social.care.reply'].search([])
def wait(name):
    if (here / f'ready_{{name}}').exists():
        return
    assert reply.state == 'queued'
    (here / f'ready_{{name}}').touch()
    deadline = time.monotonic() + 60
    while not (here / f'go_{{name}}').exists():
        assert time.monotonic() < deadline, 'nobody let it go on'
        time.sleep(0.01)
"""
CANCEL = """
from odoo.exceptions import UserError
from odoo.service.model import retrying
model = env.registry['social.care.reply']
check = model._check_acting
def check_then_wait(replies):
    check(replies)
    wait('cancel')
model._check_acting = check_then_wait
agent = env['res.users'].search([('login', '=', 'marta')])
own = env(user=agent.id)
try:
    retrying(own['social.care.reply'].browse(reply.id).action_cancel, own)
    (here / 'cancelled').touch()
except UserError:
    (here / 'too_late').touch()
"""
SEND = """
from odoo.addons.social_care import networks
publish = networks.Practice.publish
def publish_and_tell(adapter, wire):
    (here / 'published').touch()
    return publish(adapter, wire)
networks.Practice.publish = publish_and_tell
model = env.registry['social.care.reply']
claim = model._claim
def wait_then_claim(replies, state):
    wait('send')
    return claim(replies, state)
model._claim = wait_then_claim
env['social.care.reply']._cron_publish()
"""
NO_CLAIM = """
def claim(reply, state):
    reply._run_unit(lambda: reply.env.cr.execute(
        "UPDATE social_care_reply SET state = 'sending', claimed_at = now() WHERE id = %s",
        [reply.id]), processed=0)
    reply.invalidate_recordset()
    return True
env.registry['social.care.reply']._claim = claim
"""
CANCEL_ANYTHING = """
from odoo.addons.social_care.models import social_care_reply_decide
social_care_reply_decide.CANCELLABLE = ('queued', 'sending', 'sent')
"""


class Race:
    def __init__(self, database, folder):
        self.database, self.folder = database, folder
        self.workers = {}

    def start(self, name, script, mutation=""):
        script = mutation + WAIT.format(folder=str(self.folder)) + script
        self.workers[name] = self.database.start_script(script)

    def are_ready(self):
        return all((self.folder / f"ready_{name}").exists() for name in self.workers)

    def let_go(self, name):
        (self.folder / f"go_{name}").touch()

    def finish(self, name):
        _output, log = self.workers[name].communicate(timeout=120)
        assert self.workers[name].returncode == 0, log[-4000:]

    def outcome(self):
        """What the person was told, whether the network got it, and what is stored."""
        [row] = self.database.query("SELECT state FROM social_care_reply")
        told = "cancelled" if (self.folder / "cancelled").exists() else "too late"
        return told, (self.folder / "published").exists(), row["state"]


def _race(database, folder, order, cancelling="", sending=""):
    database.script(SETUP)
    race = Race(database, folder)
    race.start("cancel", CANCEL, cancelling)
    race.start("send", SEND, sending)
    wait_for(race.are_ready, "both have their snapshot", 120)
    if order == "at once":
        race.let_go("cancel")
        race.let_go("send")
        race.finish("cancel")
        race.finish("send")
    else:
        other = {"cancel": "send", "send": "cancel"}[order]
        for name in (order, other):
            race.let_go(name)
            race.finish(name)
    return race.outcome()


CALLED_OFF = ("cancelled", False, "cancelled")
SENT = ("too late", True, "sent")


@pytest.mark.parametrize(
    "order, outcomes",
    [
        ("cancel", {CALLED_OFF}),
        ("send", {SENT}),
        ("at once", {CALLED_OFF, SENT}),
    ],
    ids=["cancelled first", "sent first", "at once"],
)
def test_it_is_called_off_or_sent_and_never_both(database, tmp_path, order, outcomes):
    assert _race(database, tmp_path, order) in outcomes


def test_a_sender_without_a_claim_would_send_what_was_called_off(database, tmp_path):
    told, is_published, _state = _race(database, tmp_path, "cancel", sending=NO_CLAIM)
    assert (told, is_published) == ("cancelled", True)


def test_a_cancel_without_the_state_would_call_off_what_was_sent(database, tmp_path):
    told, is_published, _state = _race(database, tmp_path, "send", cancelling=CANCEL_ANYTHING)
    assert (told, is_published) == ("cancelled", True)
