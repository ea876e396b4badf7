"""Methods of a run against each other."""

import numpy as np
import pytest

from harness.scoring.aggregate import Aggregate
from harness.scoring.analysis import analyse
from harness.scoring.rivals import Rivalry, rivalries
from harness.scoring.rundata import Config, RunData
from harness.scoring.searchdata import Search, Trial
from harness.scoring.task_info import TaskInfo
from harness.scoring.wins import Record

TASKS = (
    TaskInfo("ant", "RATE", "m/s"),
    TaskInfo("humanoid", "RATE", "m/s"),
    TaskInfo("switch", "SUCCESS", "share"),
)
LEVELS = {"human": 1.0, "sparse": 0.0, "eureka": 0.8, "mine": 0.5}
SEARCH = {"proposer": "grammar"}


def search(task: str, method: str, scores: list[float]) -> Search:
    finals = tuple(Trial(f"{seed:08x}", seed, "ok", f) for seed, f in enumerate(scores))
    return Search(task, method, 0, "ok", None, "source", None, None, (), finals)


def run(methods: tuple[str, ...] = ("human", "sparse", "eureka", "mine"), **scores: list[float]) -> RunData:
    """Five trials of each about their level on every task, and `scores` of a method on the ant instead."""
    rng = np.random.default_rng(0)
    held = {}
    for task in TASKS:
        for method in methods:
            drawn = np.clip(LEVELS[method] + 0.05 * rng.normal(size=5), 0.0, 1.0).tolist()
            found = scores.get(method, drawn) if task.slug == "ant" else drawn
            held[task.slug, method] = (search(task.slug, method, found),)
    config = Config(5, 1, "quick", "cpu", "fp32", "strict", False, methods, SEARCH)
    return RunData((("run", config),), TASKS, methods, held, dict.fromkeys(held, (1, 5)))


def only(run: RunData) -> Rivalry:
    (found,) = rivalries(analyse(run))
    return found


def test_later_methods_are_set_against_earlier_ones_with_shared_references() -> None:
    held = run()
    found, analysis = only(held), analyse(held)
    assert (found.left, found.right, found.normalised_tasks) == ("mine", "eureka", 3)
    means = {line.method: line.mean.point for line in analysis.headlines}
    assert found.difference.point == pytest.approx(means["mine"] - means["eureka"])
    assert found.difference.interval is not None
    assert found.difference.interval.high < -0.15
    assert found.means == Record(0, 0, 3)
    assert found.improvement.point < 0.1
    bout = found.bouts[0]
    assert bout.task.slug == "ant"
    assert bout.p_value is not None
    assert bout.p_value < 0.01


def test_the_same_scores_are_a_tie() -> None:
    even = [0.6, 0.7, 0.8, 0.9, 1.0]
    found = only(run(eureka=even, mine=even))
    assert found.means.ties == 1
    assert found.bouts[0].difference == 0.0
    assert found.bouts[0].p_value == 1.0


def test_a_task_without_a_scale_counts_in_what_needs_none() -> None:
    level = [0.5] * 5
    found = only(run(human=level, sparse=level))
    assert found.normalised_tasks == 2
    assert len(found.bouts) == 3


def test_a_method_alone_has_no_rival() -> None:
    assert rivalries(analyse(run(("human", "sparse", "eureka")))) == []
    without = only(run(("eureka", "mine")))
    assert without.difference.interval is None
    assert isinstance(without.improvement, Aggregate)
    assert without.improvement.interval is not None
