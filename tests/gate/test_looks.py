"""Looks at a growing run."""

import argparse
import json
from pathlib import Path

from harness.commands.gate_tiers import _same_run
from harness.gate.looks import LookLog, first_seeds
from harness.scoring.gate_runs import compare
from harness.scoring.sequential import Looks
from tests.scoring.test_gate_runs import BASE, drawn, other_config, other_task


def test_a_look_sees_its_own_seeds_however_far_the_run_has_come() -> None:
    whole, part = drawn("new", 1, seeds=8), drawn("new", 1, seeds=8)
    seen = first_seeds(whole, 2)
    assert [len(search.finals) for search in seen.of("cartpole", "eureka")] == [2]
    assert seen.expected["cartpole", "eureka"] == (1, 2)
    one, other = (compare(BASE, run, 0.1).decision for run in (seen, first_seeds(first_seeds(part, 4), 2)))
    assert one == other


def test_every_look_is_kept_with_what_was_planned(tmp_path: Path) -> None:
    looks = Looks.of((2, 4), 20)
    log = LookLog(tmp_path, looks)
    for seeds in looks.seeds:
        log.add(seeds, compare(BASE, first_seeds(drawn("new", 1, seeds=4, code="b"), seeds), 0.1))
    written = json.loads((tmp_path / "gate.json").read_text())
    assert written["planned"] == {"seeds": [2, 4], "levels": list(looks.levels)}
    assert [look["seeds"] for look in written["looks"]] == [2, 4]
    assert len(list(log.lines)) == 2


def test_the_nightly_run_is_done_as_the_baseline_was() -> None:
    search = {"proposer": "grammar", "iterations": 3, "samples": 7, "temperature": None, "racing": True}
    base = other_config(BASE, search=search, precision="bf16", candidate_epochs=30)
    base = other_config(base, overrides={"worlds": 64, "ppo.units": [8, 8]})
    base = other_task(
        base, options={"speed": 2.0, "text": "given"}, default_options={"speed": 1.0, "text": "given"}
    )
    options = argparse.Namespace(suite=None, proposer=None, max_usd=1.0, jobs=1)
    config = _same_run(base, options, "eureka", 4, Path("out"))
    assert (config.suite, config.methods, config.seeds) == ("cartpole,quadcopter", "eureka", 4)
    assert (config.iterations, config.samples, config.racing, config.no_temperature) == (3, 7, True, True)
    assert (config.precision, config.candidate_epochs, config.proposer, config.max_usd) == (
        "bf16",
        30,
        "grammar",
        1.0,
    )
    assert (config.worlds, config.epochs, config.set) == (64, None, ("ppo.units=[8, 8]",))
    assert config.task_option == ("cartpole.speed=2.0",)
