"""Two real processes on one database, let go when both have their snapshot: at once or in turn."""

from support.waiting import wait_for

# Both workers look (and so take their snapshot) before either may go on.
WORKER = """
import pathlib, time
here = pathlib.Path({folder!r})
model = env.registry[{model!r}]
step = getattr(model, {step!r})
waited = []
def with_barrier(records, *arguments, **options):
    if not waited:
        waited.append(True)
        records.env['social.care.ring'].search_count([])
        (here / {name!r}).touch()
        deadline = time.monotonic() + 60
        while not (here / {go!r}).exists():
            assert time.monotonic() < deadline, 'the other worker never came'
            time.sleep(0.01)
    return step(records, *arguments, **options)
setattr(model, {step!r}, with_barrier)
{work}
"""
# What two workers do that give people their conversations.
ROUTE = {
    "model": "helpdesk.ticket.team",
    "step": "_social_care_route",
    "work": "env['helpdesk.ticket.team']._cron_route()",
}


def race(database, folder, work, mutation=""):
    """Run the same work twice at once.

    :param folder: pathlib.Path of the test's own
    :param dict work: model, step (the method before which both wait), work (Python that calls it)
    :param mutation: Python that breaks the code first; there ``number`` is the worker's, from 0
    """
    workers = _start(database, folder, (work, work), ("go", "go"), mutation)
    (folder / "go").touch()
    for worker in workers:
        _end(worker)


def in_turn(database, folder, works, mutation=""):
    """Run two works on snapshots of the same moment, the second when the first has committed.

    Parameters as those of ``race``, but two works in their order.
    """
    turns = ("first", "second")
    for worker, turn in zip(_start(database, folder, works, turns, mutation), turns, strict=True):
        (folder / turn).touch()
        _end(worker)


def _start(database, folder, works, turns, mutation):
    """Start both, and wait until both have their snapshot."""
    workers = [
        database.start_script(
            f"number = {number}\n"
            + mutation
            + WORKER.format(folder=str(folder), name=f"ready{number}", go=go, **work)
        )
        for number, (work, go) in enumerate(zip(works, turns, strict=True))
    ]
    wait_for(
        lambda: all((folder / f"ready{number}").exists() for number in range(2)),
        "both have their snapshot",
        120,
    )
    return workers


def _end(worker):
    _output, log = worker.communicate(timeout=120)
    assert worker.returncode == 0, log[-4000:]
