"""Two methods against each other."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.scoring.aggregate import Arms, mean_of_ratios
from harness.scoring.cells import make_cell
from harness.scoring.versus import Pair, difference_of_means


def pair(rng: np.random.Generator, left: float = 0.8, right: float = 0.5, seeds: int = 5) -> Pair:
    """A task with human at 1 and sparse at 0."""
    levels = (left, right, 1.0, 0.0)
    return Pair(*(make_cell(level + 0.2 * rng.normal(size=(1, seeds))) for level in levels))


def test_by_hand() -> None:
    """left 4, right 2 (variances of the mean 1/3), human 8 (1/3), sparse 0 (1/12): b = 8, D = 2 b / (b² + 5/12)."""
    cells = ([3.0, 4.0, 5.0], [1.0, 2.0, 3.0], [7.0, 8.0, 9.0], [-0.5, 0.0, 0.5])
    found = difference_of_means([Pair(*(make_cell([cell]) for cell in cells))])
    ahead = 16 / (64 + 5 / 12)
    assert found.point == pytest.approx(ahead)
    parts = np.array([1 / 3, 1 / 3, ahead**2 / 3, ahead**2 / 12]) / 64
    df = parts.sum() ** 2 / (parts**2 / 2).sum()
    assert found.interval is not None
    assert found.interval.high - ahead == pytest.approx(stats.t.ppf(0.975, df) * math.sqrt(parts.sum()))


def test_its_point_is_the_difference_of_two_headlines() -> None:
    rng = np.random.default_rng(0)
    tasks = [pair(rng) for _ in range(4)]
    one, other = (
        mean_of_ratios([Arms(getattr(t, side), t.human, t.sparse) for t in tasks])
        for side in ("left", "right")
    )
    assert difference_of_means(tasks).point == pytest.approx(one.point - other.point)


def test_with_exact_references_it_is_welchs_interval() -> None:
    rng = np.random.default_rng(1)
    left, right = rng.normal(size=6), rng.normal(1.0, 3.0, size=4)
    task = Pair(make_cell([left]), make_cell([right]), make_cell([[1.0] * 3]), make_cell([[0.0] * 3]))
    found = difference_of_means([task]).interval
    wanted = stats.ttest_ind(left, right, equal_var=False).confidence_interval(0.95)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))


@given(st.integers(0, 1000), st.floats(0.01, 100.0), st.floats(-100.0, 100.0))
def test_it_follows_neither_the_scale_nor_the_order_of_tasks(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    tasks = [pair(rng) for _ in range(3)]
    arms = ("left", "right", "human", "sparse")
    moved = [Pair(*(tuple(scale * row + shift for row in getattr(t, arm)) for arm in arms)) for t in tasks]
    plain, other = difference_of_means(tasks), difference_of_means(moved[::-1])
    assert plain.interval is not None
    assert other.interval is not None
    assert dataclasses.astuple(other.interval) == pytest.approx(
        dataclasses.astuple(plain.interval), rel=1e-6, abs=1e-8
    )
    swapped = difference_of_means([dataclasses.replace(t, left=t.right, right=t.left) for t in tasks])
    assert swapped.point == pytest.approx(-plain.point)


def test_it_covers_what_it_should() -> None:
    """Two methods that differ by 0.3 on each of three tasks, five seeds an arm."""
    rng, held = np.random.default_rng(2), 0
    for _ in range(400):
        found = difference_of_means([pair(rng) for _ in range(3)]).interval
        held += found is not None and found.low <= 0.3 <= found.high
    assert 0.92 <= held / 400 <= 0.985


def test_what_cannot_be_said_is_not() -> None:
    rng = np.random.default_rng(3)
    task = pair(rng)
    single = dataclasses.replace(task, left=make_cell([[1.0]]))
    assert difference_of_means([task, single]).interval is None
    level = dataclasses.replace(task, human=task.sparse)
    assert math.isnan(difference_of_means([level]).point)
    assert math.isnan(difference_of_means([]).point)
    flat = Pair(*(make_cell([[level] * 3]) for level in (2.0, 1.0, 2.0, 0.0)))
    assert difference_of_means([flat]).interval is None
    capped = dataclasses.replace(flat, bounds=(0.0, 2.0))
    assert difference_of_means([capped]).interval is not None
