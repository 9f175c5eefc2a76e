"""Two workers on the queue of webhook calls, and one that dies: each call is read once, none is lost."""

import pytest

from support.waiting import wait_for

# An adapter whose calls name their own number; every reading leaves a line.
NETWORK = """
import json, pathlib, time
from odoo.addons.social_care import networks
here = pathlib.Path({folder!r})
class Told(networks.Mastodon):
    supports_webhook = True
    @classmethod
    def read_delivery(cls, body):
        return [networks.Entry('mastodon', 'us', json.loads(body))]
    def read_entry(self, entry):
        number = str(entry.data['number'])
        with (here / 'read').open('a') as lines:
            lines.write(number + '\\n')
        {work}
        ana = networks.Author(external_id='ana', handle='ana')
        return networks.Page(mentions=(networks.Mention(external_id=number, author=ana, body='help'),))
env.registry['social.care.account']._get_network_classes = lambda self: {{'mastodon': Told}}
model = env.registry['social.care.delivery']
"""
SETUP = """
app = env['social.care.app'].create({{'name': 'A', 'network': 'mastodon', 'client_secret': 'x'}})
env['social.care.account'].create({{
    'name': 'A', 'network': 'mastodon', 'app_id': app.id, 'external_id': 'us', 'state': 'paused',
}})
for number in range({calls}):
    env['social.care.delivery']._receive(app, json.dumps({{'number': number}}).encode())
"""
# Both workers look (and so take their snapshot) before either may go on.
WORKER = """
find = model._search_waiting
def with_barrier(records, last_id):
    waiting = find(records, last_id)
    if not last_id:
        (here / {name!r}).touch()
        deadline = time.monotonic() + 60
        while not (here / 'go').exists():
            assert time.monotonic() < deadline, 'the other worker never came'
            time.sleep(0.01)
    return waiting
model._search_waiting = with_barrier
{mutation}
env['social.care.delivery']._drain()
"""
NO_CLAIM = "model._claim = lambda delivery: 1; model._conclude = lambda *arguments: True"
DIE = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


def _read(folder):
    path = folder / "read"
    return sorted(map(int, path.read_text().split())) if path.exists() else []


def _states(database):
    rows = database.query(
        "SELECT state, error_code, attempts FROM social_care_delivery ORDER BY id"
    )
    return [(row["state"], row["error_code"], row["attempts"]) for row in rows]


def _end_leases(database):
    database.query("UPDATE social_care_delivery SET next_try_at = next_try_at - interval '1 day'")


@pytest.mark.parametrize("mutant", [False, True], ids=["as it is", "mutant: no claim"])
def test_two_workers_read_each_call_once(database, tmp_path, mutant):
    network = NETWORK.format(folder=str(tmp_path), work="time.sleep(0.01)")
    database.script(network + SETUP.format(calls=20))
    mutation = NO_CLAIM if mutant else ""
    workers = [
        database.start_script(network + WORKER.format(name=name, mutation=mutation))
        for name in ("first", "second")
    ]
    wait_for(
        lambda: all((tmp_path / name).exists() for name in ("first", "second")),
        "both have their snapshot",
        120,
    )
    (tmp_path / "go").touch()
    for worker in workers:
        _output, log = worker.communicate(timeout=120)
        assert worker.returncode == 0, log[-4000:]
    read = _read(tmp_path)
    if mutant:
        assert len(read) > 20
        return
    assert read == list(range(20))
    assert _states(database) == [("processed", None, 1)] * 20


def test_a_call_that_kills_its_worker_is_tried_again_and_then_set_aside(database, tmp_path):
    dying = NETWORK.format(folder=str(tmp_path), work=f"if number == '0': {DIE}")
    database.script(dying + SETUP.format(calls=2))
    for attempt in range(1, 6):
        worker = database.start_script(f"{dying}env['social.care.delivery']._cron_process()\n")
        worker.communicate(timeout=120)
        assert worker.returncode == -9
        assert _states(database)[0] == ("received", None, attempt), "counted before it died"
        _end_leases(database)
    database.script(f"{dying}env['social.care.delivery']._cron_process()\n")
    assert _states(database) == [("failed", "set_aside", 6), ("processed", None, 1)]

    cured = NETWORK.format(folder=str(tmp_path), work="pass")
    again = "env['social.care.delivery'].search([('state', '=', 'failed')]).action_process_again()"
    database.script(f"{cured}{again}\nenv['social.care.delivery']._cron_process()\n")
    assert _states(database)[0] == ("processed", None, 1)
    bodies = database.query("SELECT external_id FROM social_care_mention ORDER BY external_id")
    assert [row["external_id"] for row in bodies] == ["0", "1"]
