"""Runs against each other: what is refused, what is missing, what is decided."""

import dataclasses
import re

import numpy as np
import pytest

from harness.errors import UserError
from harness.scoring.gate_runs import compare
from harness.scoring.rundata import RunData
from harness.scoring.task_info import TaskInfo
from tests.scoring.made_runs import made_run

LEVELS = {"cartpole": (480.0, 300.0, 20.0), "quadcopter": (-0.3, -1.5, 0.1)}
"""Task → human, sparse, spread over seeds."""


def drawn(
    name: str, seed: int = 0, *, lost: float = 0.0, seeds: int = 6, code: str = "a", searches: int = 1
) -> RunData:
    """A run of human, sparse and eureka, which is as good as human but for what it `lost` of the gap."""
    rng, scores = np.random.default_rng(seed), {}
    for task, (human, sparse, spread) in LEVELS.items():
        levels = {"human": human, "sparse": sparse, "eureka": human - lost * (human - sparse)}
        for method, level in levels.items():
            rows = searches if method == "eureka" else 1
            scores[task, method] = rng.normal(level, spread, (rows, seeds)).tolist()
    return made_run(name, scores, code=code)


BASE = drawn("base", seeds=20)


def test_a_drop_is_a_regression_and_a_run_as_good_passes() -> None:
    same, worse = (compare(BASE, drawn("new", 1, lost=lost, code="b"), 0.25) for lost in (0.0, 0.4))
    assert (same.verdict, same.exit_code) == ("pass", 0)
    assert (worse.verdict, worse.exit_code) == ("regression", 1)
    assert worse.decision is not None
    assert worse.decision.difference.point == pytest.approx(-0.4, abs=0.1)
    assert [row.dropped for row in worse.tasks] == [True, True]
    assert worse.tasks[0].difference.low is not None


def test_the_very_same_trials_pass_however_few() -> None:
    few = drawn("few", seeds=2)
    found = compare(few, dataclasses.replace(few), 0.01)
    assert found.verdict == "pass"
    assert "same key" in found.why
    assert compare(few, drawn("other", seeds=2, code="b"), 0.01).verdict == "undecided"  # other code


def other_task(run: RunData, **changes: object) -> RunData:
    tasks = (dataclasses.replace(run.tasks[0], **changes), *run.tasks[1:])  # type: ignore[arg-type]
    return dataclasses.replace(run, tasks=tasks)


def other_config(run: RunData, **changes: object) -> RunData:
    ((name, config),) = run.configs
    return dataclasses.replace(run, configs=((name, dataclasses.replace(config, **changes)),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (other_config(BASE, budget="smoke"), "budget is 'quick' in the first and 'smoke'"),
        (other_config(BASE, engine="warp"), "engine is 'cpu'"),
        (other_config(BASE, protocol="paper"), "protocol is 'strict'"),
        (other_config(BASE, precision="bf16"), "precision is 'fp32'"),
        (
            other_config(BASE, versions={"torch": "2.14.0"}),
            "versions of torch are 2.13.0 in the first and 2.14.0",
        ),
        (other_task(BASE, code="b"), "code of task 'cartpole' is ''"),
        (
            other_task(BASE, options={"speed": 2.0}, default_options={"speed": 1.0}),
            "options of task 'cartpole' is none in the first and speed=2",
        ),
    ],
)
def test_runs_of_other_kinds_are_refused_with_the_difference(new: RunData, words: str) -> None:
    with pytest.raises(UserError, match=words) as refused:
        compare(BASE, new, 0.1)
    assert refused.value.exit_code == 2


def test_other_versions_can_be_let_pass_and_are_said() -> None:
    new = other_config(BASE, versions={"torch": "2.14.0"})
    found = compare(BASE, new, 0.1, any_version=True)
    assert found.verdict == "pass"
    assert "torch 2.13.0 in base, 2.14.0 in base" in " ".join(found.notes)


def without(run: RunData, task: str, method: str) -> RunData:
    """A run that was never asked for a method on a task."""
    searches, expected = (
        {k: v for k, v in found.items() if k != (task, method)} for found in (run.searches, run.expected)
    )
    return dataclasses.replace(run, searches=searches, expected=expected)


def lost_trial(run: RunData, task: str, method: str, status: str) -> RunData:
    """A run whose first trial of a method on a task has another status, and no score."""
    (search,) = run.searches[task, method]
    finals = (dataclasses.replace(search.finals[0], status=status, f=None), *search.finals[1:])
    return dataclasses.replace(
        run, searches={**run.searches, (task, method): (dataclasses.replace(search, finals=finals),)}
    )


@pytest.mark.parametrize(
    ("base", "new", "words"),
    [
        (BASE, without(drawn("new", 1), "quadcopter", "eureka"), "quadcopter is not in new"),
        (BASE, drawn("new", 1, seeds=1), "NEW has a single seed on cartpole"),
        (drawn("base", seeds=1), drawn("new", 1), "BASE has a single seed on cartpole"),
        (
            BASE,
            lost_trial(drawn("new", 1), "cartpole", "eureka", "missing"),
            "1 trial.* of eureka on cartpole are missing in new",
        ),
        (
            BASE,
            lost_trial(drawn("new", 1), "cartpole", "eureka", "altered"),
            "altered since they were stored in new",
        ),
        (
            lost_trial(BASE, "cartpole", "human", "missing"),
            drawn("new", 1),
            "of human on cartpole are missing in base",
        ),
        (
            without(without(BASE, "cartpole", "human"), "quadcopter", "human"),
            drawn("new", 1),
            "no task has a scale",
        ),
    ],
)
def test_missing_data_is_never_green(base: RunData, new: RunData, words: str) -> None:
    found = compare(base, new, 10.0)
    assert (found.verdict, found.exit_code, found.decision) == ("undecided", 3, None)
    assert re.search(words, found.why)


def test_a_failed_trial_is_a_score() -> None:
    found = compare(BASE, lost_trial(drawn("new", 1, code="b"), "cartpole", "eureka", "failed"), 0.1)
    assert found.tasks[0].new[0].min() == 0.0


def test_a_task_without_a_scale_is_left_out_and_said() -> None:
    found = compare(without(BASE, "cartpole", "human"), drawn("new", 1, code="b"), 0.25)
    assert [row.task.slug for row in found.tasks] == ["quadcopter"]
    assert any("cartpole is without a scale" in note for note in found.notes)


def test_what_base_has_not_is_not_compared() -> None:
    new = drawn("new", 1, code="b")
    more = dataclasses.replace(new, tasks=(*new.tasks, TaskInfo("ant", "RATE", "m/s")))
    assert "not in base, and not compared: ant" in compare(BASE, more, 0.25).notes


def test_the_scale_is_bases_own() -> None:
    """A change that harms the human reward as much does not hide behind it."""
    new = drawn("new", 1, lost=0.4, code="b")
    harmed = {
        key: BASE.searches[key[0], "sparse"] if key[1] == "human" else found
        for key, found in new.searches.items()
    }
    assert compare(BASE, dataclasses.replace(new, searches=harmed), 0.25).verdict == "regression"


def test_which_method_is_meant_has_to_be_clear() -> None:
    rows = {("cartpole", name): [[1.0, 2.0]] for name in ("human", "sparse", "a", "b")}
    both = made_run("both", rows)
    with pytest.raises(UserError, match=r"unclear \(both has human, sparse, a, b\): name one with --method"):
        compare(both, both, 0.1)
    with pytest.raises(UserError, match="no method 'c', only"):
        compare(both, both, 0.1, method="c")
    found = compare(both, both, 0.1, method="a", against="human")
    assert (found.method, found.against) == ("a", "human")


def test_one_search_says_nothing_of_its_method() -> None:
    asked = {"search": {"proposer": "grammar"}}
    one = compare(BASE, other_config(drawn("new", 1, code="b"), **asked), 0.25)
    assert any("about the programs found" in note for note in one.notes)
    several = compare(
        drawn("base", searches=5, seeds=3), drawn("new", 1, searches=4, seeds=3, code="b"), 0.25
    )
    assert not any("about the programs found" in note for note in several.notes)
    assert several.tasks[0].new[0].size == 3
