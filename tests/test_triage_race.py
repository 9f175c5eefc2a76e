"""Workers that took their snapshot at one moment: one matter, one ticket, in whatever order they go on."""

import dataclasses
import json
from itertools import permutations

import pytest

from support.waiting import wait_for

# In each round all look (and so take their snapshot) before any may go on; then they go on in an order.
WORKER = """
import pathlib, time
from odoo.service.model import retrying
here = pathlib.Path({folder!r})
mentions, tickets = env['social.care.mention'], env['helpdesk.ticket']
model = env.registry['social.care.mention']
triage = model._triage
{mutation}

def meet():
    if met:
        return
    met.append(True)
    tickets.search_count([])
    (here / f'ready{{key}}').touch()
    deadline = time.monotonic() + 60
    while not (here / f'go{{key}}').exists():
        assert time.monotonic() < deadline, 'the others never came'
        time.sleep(0.005)

def triage_together(batch):
    meet()
    return triage(batch)

def merge():
    meet()
    tickets.browse(ids[0])._social_care_merge_into(tickets.browse(ids[1]))

model._triage = triage_together
for number, (kind, ids) in enumerate({rounds!r}):
    key, met = f'{{number}}-{worker}', []
    if kind == 'merge':
        retrying(merge, env)  # as every call from outside
    else:
        mentions._run_batch(mentions.browse(ids), '_triage')
    env.cr.commit()
    env.invalidate_all()
    (here / f'done{{key}}').touch()
"""
NO_LOCK = "model._lock_authors = lambda mentions: None"
NO_WRITE = "env.registry['helpdesk.ticket']._social_care_joined = lambda ticket, conversation: None"

SETUP = """
import json
from datetime import datetime, timedelta
from odoo.addons.social_care import networks
account = env['social.care.account'].create({{'name': 'A', 'network': 'mastodon'}})
noon = datetime(2026, 8, 17, 12)
made = []
for number, story in enumerate({stories!r}):
    ids = {{}}
    for name, who, days, parent, visibility in story:
        author = networks.Author(external_id=f'{{who}}{{number}}@x.example', handle=who)
        [mention] = account._ingest([networks.Mention(
            external_id=f'{{number}}-{{name}}', author=author, body=name, visibility=visibility,
            parent_external_id=parent and f'{{number}}-{{parent}}', posted_at=noon + timedelta(days=days),
        )])
        if name.endswith('known'):
            mention._triage()
        ids[name] = mention.id
        ids['ticket of ' + name] = mention.ticket_id.id
    made.append(ids)
print('MADE', json.dumps(made))
"""


@dataclasses.dataclass
class Story:
    """What was said (name, who, on which day, to what, visibility), and what the workers do about it."""

    said: list
    work: list  # of (kind, names), one a worker
    one_ticket: tuple  # names that must end on one ticket


COMPLAINT = [
    ("public", "ana", 0, "", "public"),
    ("private", "ana", 0.01, "", "direct"),
    ("comment", "ana", 0.02, "", "public"),
]
ALL_THREE = ("public", "private", "comment")
THREE_WORKERS = Story(COMPLAINT, [("triage", [name]) for name in ALL_THREE], ALL_THREE)
TWO_WORKERS = Story(
    COMPLAINT, [("triage", ["public", "comment"]), ("triage", ["private"])], ALL_THREE
)
LATE_PARENT = Story(
    [
        ("known", "ana", 0, "", "public"),
        ("early", "ana", 6, "late", "public"),
        ("late", "ana", 3, "known", "public"),
    ],
    [("triage", ["late"]), ("triage", ["early"])],
    ("known", "early", "late"),
)
MERGE = Story(
    [
        ("ana known", "ana", 0, "", "public"),
        ("bo known", "bo", 0, "", "public"),
        ("more", "ana", 0.1, "", "public"),
    ],
    [("merge", ["ticket of ana known", "ticket of bo known"]), ("triage", ["more"])],
    ("ana known", "bo known", "more"),
)


def _race(database, folder, rounds, mutation=""):
    """Let the workers race through the rounds of (story, order); gives the tickets of each round."""
    output = database.script(SETUP.format(stories=[story.said for story, _order in rounds]))
    made = json.loads(output.split("MADE", 1)[1].strip().splitlines()[0])
    workers = [
        database.start_script(
            WORKER.format(
                folder=str(folder),
                worker=worker,
                mutation=mutation,
                rounds=[
                    (kind, [ids[name] for name in names])
                    for (story, _order), ids in zip(rounds, made, strict=True)
                    for kind, names in [story.work[worker]]
                ],
            )
        )
        for worker in range(len(rounds[0][0].work))
    ]
    for number, (_story, order) in enumerate(rounds):
        _wait(folder, workers, [f"ready{number}-{worker}" for worker in order])
        for worker in order:
            (folder / f"go{number}-{worker}").touch()
            _wait(folder, workers, [f"done{number}-{worker}"])
    for worker in workers:
        _output, log = worker.communicate(timeout=120)
        assert worker.returncode == 0, log[-4000:]
    return [
        database.query(
            "SELECT DISTINCT t.id, t.active FROM social_care_mention m JOIN helpdesk_ticket t ON t.id = m.ticket_id"
            " WHERE m.id = ANY(%s)",
            [ids[name] for name in story.one_ticket],
        )
        for (story, _order), ids in zip(rounds, made, strict=True)
    ]


def _wait(folder, workers, names):
    def come():
        for worker in workers:
            assert worker.poll() in (None, 0), worker.communicate()[1][-4000:]
        return all((folder / name).exists() for name in names)

    wait_for(come, f"{names} are there", 120)


def _is_one(tickets):
    return len(tickets) == 1 and tickets[0]["active"]


def _orders(story):
    return [(story, order) for order in permutations(range(len(story.work)))]


THREE = _orders(THREE_WORKERS)
TWO = [*_orders(TWO_WORKERS), *_orders(LATE_PARENT)]


MERGING = _orders(MERGE)  # a person merges while the customer goes on writing


@pytest.mark.parametrize("rounds", [THREE, TWO + MERGING], ids=["three workers", "two workers"])
def test_one_matter_is_one_ticket(brand, tmp_path, rounds):
    outcome = _race(brand.server.database, tmp_path, rounds)
    assert all(_is_one(tickets) for tickets in outcome), outcome


@pytest.mark.parametrize("rounds", [THREE[:1], TWO], ids=["three workers", "two workers"])
def test_mutant_without_a_lock_on_the_author(brand, tmp_path, rounds):
    outcome = _race(brand.server.database, tmp_path, rounds, NO_LOCK)
    assert not any(_is_one(tickets) for tickets in outcome), outcome


def test_mutant_that_neither_locks_the_author_nor_writes_the_ticket(brand, tmp_path):
    outcome = _race(brand.server.database, tmp_path, MERGING, f"{NO_LOCK}\n{NO_WRITE}")
    assert not all(_is_one(tickets) for tickets in outcome), outcome


LOCKED = """
from odoo.addons.social_care import networks
account = env['social.care.account'].create({'name': 'A', 'network': 'mastodon'})
theirs, free = account._ingest([
    networks.Mention(external_id=who, author=networks.Author(external_id=who, handle=who), body='help')
    for who in ('ana', 'bo')])
env.cr.commit()
with env.registry.cursor() as other:
    other.execute('SELECT id FROM social_care_mention WHERE id = %s FOR NO KEY UPDATE', [theirs.id])
    env.cr.execute("SET LOCAL lock_timeout = '2s'")
    assert env['social.care.mention']._claim_waiting([]) == free.ids
"""


def test_a_message_that_somebody_writes_meanwhile_holds_nobody(database):
    database.script(LOCKED)
