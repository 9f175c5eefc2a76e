"""The bench still measures: its cheapest figures, with a handful of rows. How fast it is says nothing here."""

import dataclasses
import json

import pytest

from toolbox import bench_figures, bench_run, paths
from toolbox.console import Problem

TINY = dataclasses.replace(bench_figures.QUICK, rounds=1, page=20, plan_hours=5, calls=12)
WORKERS = {"workers_lost", "workers_duplicates"}
# The figures of the workers, on a broken addon.
BROKEN = """
import sys
sys.path.insert(0, {dev!r})
from toolbox import bench_inside_crowd
{mutation}
bench_inside_crowd.main(env, {{"keys": {keys!r}, "sizes": {sizes!r}}})
"""
NO_CLAIM = """
def process(deliveries):
    return all([delivery._process_claimed(0) for delivery in deliveries])
env.registry['social.care.delivery']._process = process
"""


@pytest.fixture(scope="module")
def measured(odoo_env):
    keys = {"known_vs_insert", "deadlines_vs_plan_hours"}
    template = odoo_env["SOCIAL_CARE_TEST_TEMPLATE"]
    told = bench_run.run_stage(odoo_env, template, "desk", keys, TINY)
    return {key: bench_figures.summarise(key, one) for key, one in told.items()}


def test_a_figure_stands_beside_its_yardstick(measured):
    assert set(measured) == {"known_vs_insert", "deadlines_vs_plan_hours"}
    for one in measured.values():
        assert one["ours"] > 0
        assert one["yardstick"] > 0
        assert one["number"] == one["ours"] / one["yardstick"]


def test_table_and_file(measured, tmp_path, capsys):
    bench_figures.show(measured, TINY)
    bench_figures.write(tmp_path / "numbers.json", measured, TINY)
    numbers = json.loads((tmp_path / "numbers.json").read_text())
    assert numbers["known_vs_insert"] == measured["known_vs_insert"]["number"]
    assert numbers["details"]["known_vs_insert"]["to_reach"] == 0.3
    printed = capsys.readouterr().out
    assert "known_vs_insert" in printed
    assert "Quick: 100,000 messages" in printed


def test_median_of_the_rounds_and_the_worst_of_what_must_not_happen():
    told = {"ours": [10, 30, 20], "yardstick": [4, 5, 90]}
    assert bench_figures.summarise("tickets_vs_mail_gateway", told)["number"] == 4
    lost = bench_figures.summarise("workers_lost", {"ours": [0, 3, 0], "yardstick": [0]})
    assert (lost["number"], lost["reached"]) == (3, False)
    memory = bench_figures.summarise("backlog_memory_mib", {"ours": [290], "yardstick": [200]})
    assert (memory["number"], memory["reached"]) == (90, True)


def test_four_workers_lose_nothing_and_read_no_call_twice(odoo_env):
    template = odoo_env["SOCIAL_CARE_TEST_TEMPLATE"]
    told = bench_run.run_stage(odoo_env, template, "crowd", WORKERS, TINY)
    assert [told[key]["ours"] for key in sorted(WORKERS)] == [[0], [0]]


def test_workers_that_claim_nothing_are_seen_to_read_calls_twice(database):
    output = database.script(
        BROKEN.format(
            dev=str(paths.CHECKOUT / "dev"),
            mutation=NO_CLAIM,
            keys=sorted(WORKERS),
            sizes=dataclasses.asdict(TINY),
        )
    )
    told = [json.loads(line.partition(" ")[2]) for line in output.splitlines() if "BENCH" in line]
    [duplicates] = [one["ours"] for one in told if one["key"] == "workers_duplicates"]
    assert duplicates[0] > 0


def test_a_figure_that_nobody_knows():
    with pytest.raises(Problem, match="tickets_vs_sloths"):
        bench_figures.named(["tickets_vs_sloths"])
