"""Two workers, one customer, two messages at once: one ticket."""

import pytest

from support.waiting import wait_for

# Both workers look (and so take their snapshot) before either may go on.
WORKER = """
import pathlib, time
here = pathlib.Path({folder!r})
model = env.registry['social.care.mention']
triage = model._triage
waited = []
def with_barrier(mentions):
    if not waited:
        waited.append(True)
        mentions.mapped('state')
        mentions.env['helpdesk.ticket'].search_count([])
        (here / {name!r}).touch()
        deadline = time.monotonic() + 60
        while not (here / 'go').exists():
            assert time.monotonic() < deadline, 'the other worker never came'
            time.sleep(0.01)
    return triage(mentions)
model._triage = with_barrier
{mutation}
env['social.care.mention']._triage_batch([{mention}])
"""
NO_AUTHOR_LOCK = "model._lock_authors = lambda mentions: None"

SETUP = """
from odoo.addons.social_care import networks
from datetime import datetime
account = env['social.care.account'].create({'name': 'A', 'network': 'mastodon'})
ana = networks.Author(external_id='ana@x.example', handle='ana')
said = datetime(2026, 8, 17, 8)
made = account._ingest([
    networks.Mention(external_id=key, author=ana, body='help ' + key, posted_at=said) for key in ('1', '2')
])
print('IDS', *made.ids)
"""


@pytest.mark.parametrize("mutant", [False, True], ids=["as it is", "mutant: no lock on the author"])
def test_two_workers_make_one_ticket(brand, tmp_path, mutant):
    database = brand.server.database
    output = database.script(SETUP)
    line = next(line for line in output.splitlines() if "IDS" in line)
    mentions = line.split("IDS", 1)[1].split()
    workers = [
        database.start_script(
            WORKER.format(
                folder=str(tmp_path),
                name=f"ready{mention}",
                mention=mention,
                mutation=NO_AUTHOR_LOCK if mutant else "",
            )
        )
        for mention in mentions
    ]
    wait_for(
        lambda: all((tmp_path / f"ready{m}").exists() for m in mentions),
        "both have their snapshot",
        120,
    )
    (tmp_path / "go").touch()
    for worker in workers:
        _output, log = worker.communicate(timeout=120)
        assert worker.returncode == 0, log[-4000:]
    tickets = database.query(
        "SELECT DISTINCT ticket_id FROM social_care_mention WHERE id = ANY(%s) AND state = 'ticket'",
        [int(mention) for mention in mentions],
    )
    assert len(tickets) == (2 if mutant else 1)
