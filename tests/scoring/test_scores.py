import dataclasses
import math

import numpy as np
import pytest

from harness.scoring.rundata import Config, RunData
from harness.scoring.scores import Tally, best_search, cell, floor, selection_scores, tally
from harness.scoring.searchdata import Candidate, Iteration, Search, Trial
from harness.scoring.task_info import TaskInfo

STEPS = TaskInfo("cartpole", "SURVIVAL", "steps")
SPEED = TaskInfo("ant", "RATE", "m/s")


def trial(f: float | None, seed: int = 0, status: str = "ok") -> Trial:
    return Trial(f"{seed:08x}", seed, status, f)


def search(task: TaskInfo, scores: list[float | None], index: int = 0, own: float | None = None) -> Search:
    """A finished search; None is a failed trial."""
    finals = tuple(trial(f, i, "ok" if f is not None else "failed") for i, f in enumerate(scores))
    return Search(task.slug, "eureka", index, "ok", None, "source", None, own, (), finals)


def run(
    searches: list[Search], task: TaskInfo, protocol: str = "strict", asked: tuple[int, int] = (1, 3)
) -> RunData:
    config = Config(3, 1, "quick", "cpu", "fp32", protocol, False, ("eureka",), {"proposer": "grammar"})
    held = {(task.slug, "eureka"): tuple(searches)}
    return RunData((("run", config),), (task,), ("eureka",), held, {(task.slug, "eureka"): asked})


def rows(found: tuple[np.ndarray, ...]) -> list[list[float]]:
    return [row.tolist() for row in found]


def test_failed_trials_count_at_the_floor_of_zero() -> None:
    held = run([search(STEPS, [10.0, None, 30.0])], STEPS)
    assert rows(cell(held, STEPS, "eureka")) == [[10.0, 0.0, 30.0]]
    assert tally(held, STEPS, "eureka") == Tally(ok=2, failed=1)


def test_a_failure_of_a_rate_counts_at_the_floor_that_its_task_declares() -> None:
    task = dataclasses.replace(SPEED, declared_floor=-1.5)
    one = search(task, [-3.0, None, 2.0])
    assert floor(run([one], task), task, "eureka") == -1.5
    assert rows(cell(run([one], task), task, "eureka")) == [[-3.0, -1.5, 2.0]]
    assert rows(cell(run([search(task, [None, None])], task), task, "eureka")) == [[-1.5, -1.5]]


def test_without_one_the_floor_of_a_rate_is_the_worst_that_the_run_has_seen() -> None:
    one = search(SPEED, [-3.0, None, 2.0])
    assert floor(run([one], SPEED), SPEED, "eureka") == -3.0
    tried = Candidate("0-0", 0, 0, None, "", None, "ok", None, -7.0, None, None)
    worse = dataclasses.replace(one, iterations=(Iteration(0, (), None, None, (tried,)),))
    assert rows(cell(run([worse], SPEED), SPEED, "eureka")) == [[-3.0, -7.0, 2.0]]


def test_a_rate_task_on_which_all_failed_has_no_scores() -> None:
    held = run([search(SPEED, [None, None, None])], SPEED)
    assert math.isnan(floor(held, SPEED, "eureka"))
    assert cell(held, SPEED, "eureka") == ()
    assert tally(held, SPEED, "eureka").failed == 3


def test_a_failed_search_is_a_score_for_every_seed() -> None:
    lost = Search("cartpole", "eureka", 0, "failed", "no candidate", None, None, None, (), ())
    held = run([lost], STEPS)
    assert rows(cell(held, STEPS, "eureka")) == [[0.0, 0.0, 0.0]]
    assert tally(held, STEPS, "eureka") == Tally(failed=3, failed_searches=1)


def test_what_has_not_been_done_is_missing_and_no_score() -> None:
    half = search(STEPS, [10.0])
    half = dataclasses.replace(half, finals=(*half.finals, trial(None, 1, "missing")))
    held = run([half], STEPS, asked=(2, 3))
    assert rows(cell(held, STEPS, "eureka")) == [[10.0]]
    assert tally(held, STEPS, "eureka") == Tally(ok=1, missing=2 + 3, missing_searches=1)


def test_strict_takes_all_searches_and_paper_the_best_by_its_own_score() -> None:
    searches = [search(STEPS, [9.0, 9.0], 0, own=5.0), search(STEPS, [1.0, 2.0], 1, own=6.0)]
    assert rows(cell(run(searches, STEPS), STEPS, "eureka")) == [[9.0, 9.0], [1.0, 2.0]]
    assert rows(cell(run(searches, STEPS, "paper"), STEPS, "eureka")) == [[1.0, 2.0]]
    best = best_search(run(searches, STEPS), STEPS, "eureka")
    assert best is not None
    assert best.index == 1
    selection, scores = selection_scores(run(searches, STEPS), STEPS, "eureka")
    assert (selection.tolist(), scores.tolist()) == ([5.0, 6.0], [9.0, 1.5])


def test_what_was_altered_is_no_score_and_no_floor() -> None:
    half = search(SPEED, [-3.0, None, 2.0])
    finals = (half.finals[0], dataclasses.replace(half.finals[1], status="altered"), half.finals[2])
    gone = Search("ant", "eureka", 1, "altered", "edited", None, None, None, (), ())
    held = run([dataclasses.replace(half, finals=finals), gone], SPEED, asked=(2, 3))
    assert rows(cell(held, SPEED, "eureka")) == [[-3.0, 2.0]]
    assert tally(held, SPEED, "eureka") == Tally(ok=2, altered=1 + 3, altered_searches=1)
    assert best_search(run([gone], SPEED), SPEED, "eureka") is None


@pytest.mark.parametrize("protocol", ["strict", "paper"])
def test_nothing_run_is_no_cell(protocol: str) -> None:
    assert cell(run([], STEPS, protocol), STEPS, "eureka") == ()
