"""Two real processes on one database, let go when both have their snapshot."""

from support.waiting import wait_for

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
# What two workers do that give people their conversations.
ROUTE = {
    "model": "helpdesk.ticket.team",
    "step": "_social_care_route",
    "work": "_cron_route()",
}


def race(database, folder, work, mutation=""):
    """Run the same work twice at once.

    :param folder: pathlib.Path of the test's own
    :param dict work: model, step (the method before which both wait), work (called on the model)
    :param mutation: Python that breaks the code first; there ``number`` is the worker's, from 0
    """
    workers = [
        database.start_script(
            f"number = {number}\n"
            + mutation
            + WORKER.format(folder=str(folder), name=f"ready{number}", **work)
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
