"""Run the stages of dev/bench, each on databases of its own, and give what they measured."""

import contextlib
import dataclasses
import json
import os
import subprocess

from . import bench_webhooks, databases, odoo_process, templates
from .bench_figures import STAGES, summarise
from .console import Problem, step
from .paths import CHECKOUT, cache_folder

PREFIX = "social_care_bench"
# Stage → what the step is called, and how many databases it needs.
STEPS = {
    "desk": ("Measuring pages, tickets and deadlines", 1),
    "webhooks": ("Measuring webhooks", 1),
    "volume": ("Measuring beside many messages and clocks", 2),
    "crowd": ("Measuring a backlog, and workers beside each other", 1),
}


def run(env, keys, sizes):
    """Measure and give a summary for each of ``keys``, in the order of the figures."""
    databases.drop_left_over(env, PREFIX)
    measured = {}
    with templates.with_addon(env) as template:
        for stage, figures in STAGES.items():
            if keys.intersection(figure.key for figure in figures):
                with step(STEPS[stage][0]):
                    measured |= run_stage(env, template, stage, keys, sizes)
    return {key: summarise(key, told) for key, told in measured.items()}


def run_stage(env, template, stage, keys, sizes):
    """Measure what one stage has of ``keys``: key → what was told of it."""
    with contextlib.ExitStack() as stack:
        names = [
            stack.enter_context(_database(env, template, f"{stage}{number}"))
            for number in range(STEPS[stage][1])
        ]
        options = {
            "keys": sorted(keys),
            "databases": names,
            "sizes": dataclasses.asdict(sizes),
        }
        told = run_script(env, stage, options)
        if stage == "webhooks":
            told = bench_webhooks.measure(env, names[0], told["address"], sizes)
    return {figure.key: told[figure.key] for figure in STAGES[stage] if figure.key in told}


def run_script(env, stage, options):
    """Run bench_inside_<stage>.py in Odoo's shell on the last database and give what it told, by key."""
    log = cache_folder("logs") / f"bench-{stage}-{os.getpid()}.log"
    script = (
        f"import sys; sys.path.insert(0, {str(CHECKOUT / 'dev')!r})\n"
        f"from toolbox import bench_inside_{stage}\n"
        f"bench_inside_{stage}.main(env, {options!r})\n"
    )
    told = {}
    with log.open("w") as errors:
        process = subprocess.Popen(
            odoo_process.command(
                *("shell", "-d", options["databases"][-1], "--no-http"),
                *("--max-cron-threads=0", "--log-level=warn"),
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=env,
        )
        try:
            process.stdin.write(script)
            process.stdin.close()
            for line in process.stdout:
                if line.startswith("BENCH "):
                    message = json.loads(line[len("BENCH ") :])
                    told[message.pop("key")] = message
            status = process.wait()
        finally:
            process.kill()
            process.wait()
    if status or not told:
        raise Problem(f"the measuring of {stage} failed: {_last_line(log)} (read {log})")
    log.unlink()
    return told


@contextlib.contextmanager
def _database(env, template, purpose):
    name = databases.run_name(purpose, PREFIX)
    try:
        databases.copy(env, template, name)
        yield name
    finally:
        databases.drop(env, name)


def _last_line(log):
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "nothing was measured"
