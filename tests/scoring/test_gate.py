"""Pass, regression or undecided."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from benchmarks.gate import DROP, QUICK, Size, drawn
from harness.scoring.cells import make_cell
from harness.scoring.gate import by_task, decide, permutation_p, smallest_drop
from harness.scoring.versus import Pair

HUMAN, SPARSE = make_cell([[1.0] * 5]), make_cell([[0.0] * 5])


def pair(new: list[float], base: list[float], bounds: tuple[float, float] = (-math.inf, math.inf)) -> Pair:
    """A task with human at 1 and sparse at 0."""
    return Pair(make_cell([new]), make_cell([base]), HUMAN, SPARSE, bounds)


def normal(rng: np.random.Generator, mean: float, n: int, noise: float = 0.1) -> list[float]:
    return list(rng.normal(mean, noise, n))


def test_the_permutation_test_by_hand() -> None:
    """Of the six ways to deal out 1, 2 | 3, 4 none is lower; of the tied ones all are."""
    assert permutation_p([pair([1.0, 2.0], [3.0, 4.0])]) == (1 / 6, 1 / 6)
    assert permutation_p([pair([1.0, 1.0], [1.0, 1.0])])[0] == 1.0
    two = permutation_p([pair([1.0, 2.0], [3.0, 4.0]), pair([1.0, 2.0], [3.0, 4.0])])
    assert two == (1 / 36, 1 / 36)


def test_it_is_scipys_on_one_task() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        new, base = rng.normal(size=4), rng.normal(0.5, size=5)
        wanted = stats.permutation_test(
            (new, base), lambda a, b: a.mean() - b.mean(), alternative="less", n_resamples=np.inf
        )
        assert permutation_p([pair(list(new), list(base))])[0] == pytest.approx(wanted.pvalue)


def test_random_rearrangements_come_near_to_all_of_them() -> None:
    rng = np.random.default_rng(1)
    tasks = [pair(normal(rng, 0.9, 3), normal(rng, 1.0, 4)) for _ in range(2)]  # 35 x 35 ways
    exact, _ = permutation_p(tasks)
    many = [*tasks, pair([0.5] * 6, [0.5] * 10)]  # a task without any difference, and 8008 ways
    assert permutation_p(many)[0] == pytest.approx(exact, abs=0.02)


def test_a_drop_is_found_and_its_absence_passes() -> None:
    rng = np.random.default_rng(2)
    base = [normal(rng, 1.0, 20) for _ in range(3)]
    same = decide([pair(normal(rng, 1.0, 5), old) for old in base], 0.1)
    worse = decide([pair(normal(rng, 0.7, 5), old) for old in base], 0.1)
    better = decide([pair(normal(rng, 1.5, 5), old) for old in base], 0.1)
    assert (same.verdict, worse.verdict, better.verdict) == ("pass", "regression", "pass")
    assert "0.1 is ruled out" in same.why
    assert worse.difference.p < 0.001


def test_a_small_drop_that_is_certain_passes_within_the_margin_only() -> None:
    rng = np.random.default_rng(3)
    task = pair(normal(rng, 0.95, 20, 0.01), normal(rng, 1.0, 20, 0.01))
    assert decide([task], 0.1).verdict == "pass"
    assert decide([task], 0.02).verdict == "regression"


def test_too_few_trials_decide_nothing_and_promise_nothing() -> None:
    found = decide([pair([0.1, 0.2], [0.9, 1.0])], 0.1)
    assert found.verdict == "undecided"
    assert found.smallest is None


def test_trials_that_all_sit_at_the_cap_pass_where_they_are_many() -> None:
    """Five of five at the cap leave room for one that is not: with a baseline of twenty that room is below 0.25."""
    task = pair([1.0] * 5, [1.0] * 20, (0.0, 1.0))
    assert decide([task] * 3, 0.25).verdict == "pass"
    assert decide([task], 0.1).verdict == "undecided"
    fallen = pair([1.0, 1.0, 0.0, 0.0, 1.0], [1.0] * 20, (0.0, 1.0))
    assert decide([fallen] * 3, 0.25).verdict == "regression"


def test_equal_scores_without_a_bound_are_no_certainty() -> None:
    assert decide([pair([1.0] * 3, [1.0] * 3)], 0.1).verdict == "undecided"


def test_one_search_against_several_is_a_t_test() -> None:
    rng = np.random.default_rng(4)
    several = make_cell(rng.normal(0.5, 0.1, (4, 3)))
    task = Pair(several, make_cell([normal(rng, 1.0, 5)]), HUMAN, SPARSE)
    assert decide([task], 0.1).verdict == "regression"


def test_the_smallest_drop_by_hand() -> None:
    """Variances of the means 1/3 each: the standard error is √(2/3), with four degrees of freedom."""
    task = pair([0.0, 1.0, 2.0], [0.0, 1.0, 2.0])
    wanted = (stats.t.ppf(0.95, 4) + stats.t.ppf(0.8, 4)) * math.sqrt(2 / 3)
    assert smallest_drop([task]) == pytest.approx(wanted)


def test_the_smallest_drop_is_found_with_its_power() -> None:
    rng = np.random.default_rng(5)

    def drawn_pairs(drop: float) -> list[Pair]:
        return [pair(normal(rng, 1 - drop, 9, 0.2), normal(rng, 1.0, 21, 0.2)) for _ in range(2)]

    drop = float(np.median([smallest_drop(drawn_pairs(0.0)) or 0.0 for _ in range(100)]))
    verdicts = [decide(drawn_pairs(drop), 0.0, draws=1000).verdict for _ in range(200)]
    assert 0.72 <= verdicts.count("regression") / 200 <= 0.88


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 100.0), st.floats(-100.0, 100.0))
def test_it_follows_neither_the_scale_nor_the_order_of_tasks(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    tasks = [pair(normal(rng, 0.9, 3), normal(rng, 1.0, 3)) for _ in range(3)]
    arms = ("left", "right", "human", "sparse")
    moved = [
        Pair(*(tuple(scale * row + shift for row in getattr(t, arm)) for arm in arms)) for t in tasks[::-1]
    ]
    one, other = decide(tasks, 0.1), decide(moved, 0.1)
    assert one.verdict == other.verdict
    assert other.difference.p == pytest.approx(one.difference.p)
    assert other.smallest == pytest.approx(one.smallest, rel=1e-4)


def test_p_values_of_tasks_are_adjusted_for_their_number() -> None:
    rng = np.random.default_rng(6)
    tasks = [pair(normal(rng, mean, 4), normal(rng, 1.0, 4)) for mean in (0.5, 1.0, 1.0)]
    found = by_task(tasks)
    assert found[0].p == pytest.approx(3 * permutation_p(tasks[:1])[0])
    assert found[0].low is not None
    assert found[0].low < found[0].point < 0


@pytest.mark.parametrize(("drop", "least", "most"), [(DROP, 0.9, 1.0), (0.0, 0.0, 0.07)])
def test_two_hundred_pairs_of_the_three_quick_tasks(drop: float, least: float, most: float) -> None:
    rng, size = np.random.default_rng(7), Size(5, 20, 0.25)
    verdicts = [
        decide(drawn(tuple(QUICK.values()), size, drop, rng), size.margin, draws=1000).verdict
        for _ in range(200)
    ]
    assert least <= verdicts.count("regression") / 200 <= most


def test_references_that_score_the_same_decide_nothing() -> None:
    task = dataclasses.replace(pair([0.0] * 5, [1.0] * 5), sparse=HUMAN)
    assert decide([task], 0.1).verdict == "undecided"
    with pytest.raises(ValueError, match="no task"):
        decide([], 0.1)
