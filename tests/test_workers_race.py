"""Four processes on every queue at once, and an account whose network hangs: nothing is lost, nothing done twice."""

import collections

from support.waiting import wait_for

WORKERS = 4
ACCOUNTS = 5  # the last one's network hangs until all the others' work is done
CALLS = 32
PEOPLE = 16
POSTS = 4  # an account's page

# Every worker has this network; whatever it serves or takes leaves a line in the ledger.
NETWORK = """
import json, pathlib, time
from datetime import timedelta
from odoo import Command, fields
from odoo.addons.social_care import networks
from odoo.addons.social_care.models import helpdesk_ticket_sla_alarm, social_care_mention_triage

here = pathlib.Path({folder!r})
ACCOUNTS, CALLS, PEOPLE, POSTS, MUTANT = {accounts}, {calls}, {people}, {posts}, {mutant}
PATIENCE = 1 if MUTANT else 60
helpdesk_ticket_sla_alarm.BATCH = social_care_mention_triage.BATCH = 5

def note(kind, what):
    with (here / 'ledger').open('a') as lines:
        lines.write(f'{{kind}} {{what}}\\n')

def hang(kind, others):
    deadline = time.monotonic() + PATIENCE
    while (here / 'ledger').read_text().count(f'{{kind}} free') < others:
        if time.monotonic() > deadline:
            note('held', kind)
            return
        time.sleep(0.02)

def said(key, number):
    who = f'p{{number % PEOPLE}}'
    return networks.Mention(
        external_id=key, author=networks.Author(external_id=who, handle=who), body='help',
        posted_at=fields.Datetime.now() - timedelta(hours=3))

class Told(networks.Mastodon):
    supports_webhook = True
    def fetch(self, cursor, since):
        own = int(self.credentials.external_id)
        note('polled', 'stuck' if own == ACCOUNTS - 1 else f'free{{own}}')
        if own == ACCOUNTS - 1:
            hang('polled', ACCOUNTS - 1)
        return networks.Page(cursor={{'high': '1'}}, mentions=tuple(
            said(f'post{{own}}-{{number}}', number) for number in range(POSTS)))
    @classmethod
    def read_delivery(cls, body):
        data = json.loads(body)
        return [networks.Entry('mastodon', data['owner'], data)]
    def read_entry(self, entry):
        note('read', entry.data['number'])
        time.sleep(0.01)
        return networks.Page(mentions=(said(f"call{{entry.data['number']}}", entry.data['number']),))
    def fetch_context(self, mention):
        return {{}}
    def refresh(self, external_ids):
        return []
    def prepare_text(self, body, mention):
        return body
    def publish(self, reply):
        own = int(self.credentials.external_id)
        note('published', f"{{'stuck' if own == ACCOUNTS - 1 else 'free'}}{{reply.body}}")
        if own == ACCOUNTS - 1:
            hang('published', int((here / 'free').read_text()))
        return networks.types.Published(external_id=f'ours-{{reply.body}}')

env.registry['social.care.account']._get_network_classes = lambda self: {{'mastodon': Told}}
"""
SETUP = """
env['helpdesk.sla'].search([]).active = False
calendar = env['resource.calendar'].create({'name': 'Always', 'tz': 'UTC', 'attendance_ids': [
    Command.clear()] + [Command.create(
        {'name': 'x', 'dayofweek': str(day), 'hour_from': 0, 'hour_to': 24}) for day in range(7)]})
agent = env['res.users'].create({'name': 'Marta', 'login': 'marta', 'group_ids': [
    Command.link(env.ref('social_care.social_care_group_agent').id)]})
team = env['helpdesk.ticket.team'].create({
    'name': 'Care', 'use_sla': True, 'resource_calendar_id': calendar.id, 'user_ids': agent.ids})
env['helpdesk.sla'].create({
    'name': 'An hour', 'social_target': 'first_response', 'hours': 1, 'team_ids': team.ids})
app = env['social.care.app'].create({'name': 'A', 'network': 'mastodon', 'client_secret': 'x'})
past = fields.Datetime.now() - timedelta(days=1)
env['social.care.account'].create([{
    'name': f'A{number}', 'network': 'mastodon', 'app_id': app.id, 'external_id': str(number),
    'base_url': 'https://x.example', 'access_token': 'x', 'state': 'connected', 'since': past, 'next_poll_at': past,
    'team_line_ids': [Command.create({'team_id': team.id})]} for number in range(ACCOUNTS)])
for number in range(CALLS):
    env['social.care.delivery']._receive(
        app, json.dumps({'number': number, 'owner': str(number % 4)}).encode())
"""
# Between poll and outbox somebody answers on every ticket.
ANSWER = """
mentions = env['social.care.mention'].search([])
first = {}
for mention in mentions:
    first.setdefault((mention.ticket_id, mention.account_id), mention)
replies = env['social.care.reply'].with_user(env['res.users'].search([('login', '=', 'marta')])).create(
    [{'mention_id': mention.id, 'body': str(mention.id)} for mention in first.values()])
replies.action_send_wait()
assert set(replies.mapped('state')) == {'queued'}
# The stuck account's come first.
env.flush_all()
(here / 'free').write_text(str(len(replies.filtered(lambda x: x.account_id.external_id != str(ACCOUNTS - 1)))))
env.cr.execute("UPDATE social_care_reply r SET next_try_at = next_try_at - interval '1 hour' - "
               "CASE a.external_id WHEN %s THEN interval '1 minute' ELSE interval '0' END "
               "FROM social_care_account a WHERE a.id = r.account_id", [str(ACCOUNTS - 1)])
"""
# All take their snapshot at the step's first call before any may go on.
WORKER = """
me = {worker}
env.registry['helpdesk.ticket.sla']  # loaded
from odoo.addons.social_care.models.helpdesk_ticket_alarms import Alarms
tell = Alarms.tell
def tell_and_note(alarms):
    # A conflict rolls back what was told, and it is told again.
    for row_id in alarms.rows.ids:
        env.cr.postcommit.add(lambda row_id=row_id: note('told', row_id))
    return tell(alarms)
Alarms.tell = tell_and_note

def meet(name):
    (here / f'ready-{{name}}-{{me}}').touch()
    deadline = time.monotonic() + 100
    while not (here / f'go-{{name}}').exists():
        assert time.monotonic() < deadline, 'the others never came'
        time.sleep(0.005)

def work(name, model, step, cron):
    registry_class = env.registry[model]
    original = getattr(registry_class, step)
    met = []
    def together(records, *arguments):
        if not met:
            met.append(True)
            records.env['social.care.ring'].search_count([])
            meet(name)
        return original(records, *arguments)
    setattr(registry_class, step, together)
    getattr(env[model], cron)()
    setattr(registry_class, step, original)
    env.cr.commit()
    env.invalidate_all()
    meet('end-' + name)

{mutation}
work('poll', 'social.care.account', '_claim_poll', '_cron_poll')
work('process', 'social.care.delivery', '_claim', '_drain')
work('triage', 'social.care.mention', '_claim_waiting', '_cron_triage')
if me == 0:
    exec({answer!r})
    env.cr.commit()
meet('answered')
env.cr.rollback()
env.invalidate_all()
work('clocks', 'helpdesk.ticket.sla', '_social_care_claim_due', '_cron_watch')
{outbox}
"""
OUTBOX = """
work('publish', 'social.care.reply', '_with_lock', '_cron_publish')
if me == 0:
    env['social.care.reply']._cron_publish()  # what the slow account left for the next run
"""
MEETINGS = [
    *("poll", "end-poll", "process", "end-process", "triage", "end-triage", "answered"),
    *("clocks", "end-clocks"),
]
OUTBOX_MEETINGS = ["publish", "end-publish"]
# No queue claims what it works on. The outbox's mutants are in test_outbox_crash.py and test_cancel_race.py.
MUTATION = """
env.registry['social.care.account']._claim_poll = lambda account: True
model = env.registry['social.care.delivery']
model._claim = lambda delivery: 1
model._conclude = lambda *arguments: True
model = env.registry['social.care.mention']
model._claim_waiting = lambda mentions, failed: mentions.search([('triaged_at', '=', False)]).filtered(
    lambda item: item.id % 5 % 4 == me and item.id not in failed).ids[:5]
model._lock_authors = lambda mentions: None
env.registry['helpdesk.ticket.sla']._social_care_claim_due = lambda rows: rows
"""


def _race(database, folder, mutant):
    """Four workers go through all the queues together; gives the ledger: kind → what, with its number."""
    (folder / "ledger").touch()
    network = NETWORK.format(
        folder=str(folder),
        accounts=ACCOUNTS,
        calls=CALLS,
        people=PEOPLE,
        posts=POSTS,
        mutant=mutant,
    )
    database.script(network + SETUP)
    workers = [
        database.start_script(
            network
            + WORKER.format(
                worker=number,
                mutation=MUTATION if mutant else "",
                answer=ANSWER,
                outbox="" if mutant else OUTBOX,
            )
        )
        for number in range(WORKERS)
    ]
    for name in MEETINGS if mutant else MEETINGS + OUTBOX_MEETINGS:
        wait_for(lambda name=name: _have_come(folder, workers, name), f"all are at {name}", 120)
        (folder / f"go-{name}").touch()
    for worker in workers:
        _output, log = worker.communicate(timeout=120)
        assert worker.returncode == 0, log[-4000:]
    ledger = collections.defaultdict(collections.Counter)
    for line in (folder / "ledger").read_text().splitlines():
        kind, what = line.split()
        ledger[kind][what] += 1
    return ledger


def _have_come(folder, workers, name):
    for worker in workers:
        assert worker.poll() in (None, 0), worker.communicate()[1][-4000:]
    return all((folder / f"ready-{name}-{number}").exists() for number in range(WORKERS))


def _values(database, sql):
    return [row["value"] for row in database.query(sql)]


TICKETS = """
    SELECT count(DISTINCT ticket_id) AS value FROM social_care_mention GROUP BY account_id, author_id
"""


def test_four_workers_lose_nothing_do_nothing_twice_and_no_account_holds_the_others(
    database, tmp_path
):
    ledger = _race(database, tmp_path, mutant=False)
    done = {kind: set(counts) for kind, counts in ledger.items()}
    twice = {kind: counts for kind, counts in ledger.items() if set(counts.values()) != {1}}
    assert not twice
    assert "held" not in done
    assert len(done["polled"]) == ACCOUNTS
    # Ledger and tables are equal as sets.
    assert done["read"] == {str(number) for number in range(CALLS)}
    assert set(_values(database, "SELECT external_id AS value FROM social_care_mention")) == (
        {f"call{number}" for number in range(CALLS)}
        | {f"post{own}-{number}" for own in range(ACCOUNTS) for number in range(POSTS)}
    )
    assert set(_values(database, TICKETS)) == {1}, "one ticket a person and account"
    clocks = _values(
        database, "SELECT id AS value FROM helpdesk_ticket_sla WHERE social_started_at IS NOT NULL"
    )
    assert done["told"] == set(map(str, clocks))
    answers = _values(database, "SELECT body AS value FROM social_care_reply WHERE state = 'sent'")
    assert len(answers) == len(clocks), "an answer a ticket"
    assert {what.removeprefix("free").removeprefix("stuck") for what in done["published"]} == set(
        answers
    )


def test_mutants_without_claims_do_everything_twice(database, tmp_path):
    ledger = _race(database, tmp_path, mutant=True)
    for kind in ("polled", "read", "told"):
        assert max(ledger[kind].values()) > 1, kind
    assert max(_values(database, TICKETS)) > 1
