"""Frozen programs: what is trained, and what is said of it."""

import json
from pathlib import Path

import numpy as np
import pytest

from harness.commands.gate_tiers import of_frozen
from harness.gate.forms import to_text
from harness.gate.frozen import BASE_SEEDS, BASELINE, PROGRAMS, SIZES, frozen_plan, frozen_record
from harness.rewards import extract, probe
from harness.scoring.baseline import read_baseline
from harness.scoring.gate_frozen import compare_frozen
from harness.scoring.rundata import RunData
from harness.store import Store
from tests.scoring.made_runs import made_run

LEVELS = {"good": 1.0, "mediocre": 0.5, "broken": 0.0, "hacked": 0.1}
GAPS = {"cartpole": (0.0, 480.0), "ball_balance": (50.0, 400.0), "quadcopter": (-2.0, 1.5)}


def trained(name: str, seed: int, seeds: int = 3, **levels: float) -> RunData:
    """Frozen programs that reached their levels, or others that are named."""
    rng = np.random.default_rng(seed)
    scores = {
        (task, program): [list(low + gap * (levels.get(program, level) + 0.05 * rng.normal(size=seeds)))]
        for task, (low, gap) in GAPS.items()
        for program, level in LEVELS.items()
    }
    return made_run(name, scores)


BASE = trained("base", 0, 6)


def test_the_plan_is_short_trainings_of_each_tasks_own_programs(tmp_path: Path) -> None:
    plan = frozen_plan(tmp_path / "run", 3)
    record = frozen_record(plan, Store(plan.folder))
    assert record["asked"]["cartpole"] == {name: {"searches": 1, "seeds": 3} for name in PROGRAMS}
    programs = set()
    for task in plan.tasks:
        for method in plan.methods:
            source = plan.program(task, method)
            assert source is not None
            programs.add(source)
            (first, *others) = plan.finals(task, method, source)
            assert first.budget.env_steps <= 700_000
            assert len(others) == 2
            assert first.precision == "fp32"
        assert record["task_info"][task.slug]["env_steps"] == first.budget.env_steps
    assert len(programs) == len(SIZES) * len(PROGRAMS)


@pytest.mark.parametrize("task", SIZES)
def test_programs_are_ones_that_a_search_could_have_found(task: str, tmp_path: Path) -> None:
    plan = frozen_plan(tmp_path, 1)
    (found,) = (one for one in plan.tasks if one.slug == task)
    for method in PROGRAMS:
        source = plan.program(found, method) or ""
        assert extract(f"```python\n{source}```", False).strip() == source.strip()
        assert not probe(source, found, 64).flags


def test_what_is_as_it_was_passes() -> None:
    found = compare_frozen(BASE, trained("new", 1), 0.25)
    assert found.verdict == "pass"
    assert [order.verdict for order in found.orders] == ["pass"] * 3
    assert "good above mediocre: pass" in to_text(of_frozen(found))


@pytest.mark.parametrize(
    ("levels", "word"),
    [
        ({"good": 0.6}, "drops"),
        ({"good": 0.75, "mediocre": 0.25}, "drops"),
        ({"hacked": 0.9}, "mediocre above hacked"),
        ({"broken": 0.8}, "mediocre above broken"),
    ],
)
def test_a_drop_and_a_wrong_order_are_regressions(levels: dict[str, float], word: str) -> None:
    found = of_frozen(compare_frozen(BASE, trained("new", 1, **levels), 0.25))
    assert found.verdict == "regression"
    assert word in found.why


def test_an_order_that_is_not_shown_is_undecided() -> None:
    found = of_frozen(compare_frozen(BASE, trained("new", 1, hacked=0.48), 0.25))
    assert found.verdict == "undecided"
    assert found.why.startswith("mediocre above hacked")


def test_missing_trainings_are_never_green() -> None:
    new = trained("new", 1, 1)
    found = of_frozen(compare_frozen(BASE, new, 0.25))
    assert (found.verdict, found.exit_code) == ("undecided", 3)
    assert "NEW has a single seed on cartpole" in found.why


def test_the_baseline_that_comes_with_it_is_of_these_programs_and_tasks(tmp_path: Path) -> None:
    """What is changed needs a new one: `python -m harness gate --tier 1 --update`."""
    run, margin = read_baseline(BASELINE)
    plan = frozen_plan(tmp_path / "run", BASE_SEEDS)
    record, stored = frozen_record(plan, Store(plan.folder)), json.loads(BASELINE.read_text())["run"]
    assert margin == 0.25
    assert {name: stored[name] for name in ("given", "asked", "budget", "precision")} == {
        name: record[name] for name in ("given", "asked", "budget", "precision")
    }
    for task in SIZES:
        for name in ("code", "env_steps", "worlds", "episode_steps"):
            assert stored["task_info"][task][name] == record["task_info"][task][name]
        f = {
            program: np.mean([trial.f for search in run.of(task, program) for trial in search.finals])
            for program in PROGRAMS
        }
        assert f["good"] > f["mediocre"] > max(f["broken"], f["hacked"])
