import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.scoring.correlate import RESAMPLES, SAME, Moments, over_trajectories, pearson, spearman
from harness.scoring.intervals import Interval


def ends(interval: Interval | None) -> tuple[float, float]:
    assert interval is not None
    return interval.low, interval.high


series = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=3, max_size=30)


def test_pearson_by_hand() -> None:
    found = pearson(np.array([1.0, 2.0, 3.0]), np.array([2.0, 1.0, 3.0]))
    assert (found.r, found.n, found.why) == (pytest.approx(0.5), 3, None)


@given(series)
def test_pearson_and_spearman_are_scipys(pairs: list[tuple[float, float]]) -> None:
    x, y = (np.array(values) for values in zip(*pairs, strict=True))
    if min(np.std(x), np.std(y)) < 1e-3:
        return
    assert pearson(x, y).r == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-6)
    assert spearman(x, y).r == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-9)


def test_a_constant_series_has_no_correlation_and_says_so() -> None:
    found = pearson(np.ones(5), np.arange(5.0))
    assert math.isnan(found.r)
    assert found.why == "a constant series"
    assert math.isnan(pearson(np.full(5, 0.1) + 1e-17, np.arange(5.0)).r)


def test_pairs_that_are_not_finite_are_left_out_and_not_counted() -> None:
    x = np.array([1.0, np.nan, 2.0, 3.0, np.inf])
    assert pearson(x, np.array([1.0, 9.0, 2.0, 3.0, 1.0])).n == 3
    few = pearson(x[:3], np.arange(3.0))
    assert (few.n, few.why) == (2, "fewer than three pairs")
    assert math.isnan(few.r)
    assert [pearson(x, np.arange(5.0)).left_out, few.left_out] == [2, 1]


@given(series)
def test_sums_say_what_the_series_say(pairs: list[tuple[float, float]]) -> None:
    x, y = (np.array(values) for values in zip(*pairs, strict=True))
    if min(np.std(x), np.std(y)) < 1e-3:
        return
    dx, dy = x - x.mean(), y - y.mean()
    sums = Moments(len(x), 4, x.mean(), y.mean(), dx @ dx, dy @ dy, dx @ dy)
    assert sums.possible
    found = sums.pearson()
    assert (found.r, found.n, found.left_out) == (pytest.approx(pearson(x, y).r, abs=1e-9), len(x), 4)


@pytest.mark.parametrize(
    ("sums", "possible"),
    [
        ((2.0, 2.0, 2.0), True),
        ((2.0, 2.0, -2.1), False),
        ((-1.0, -1.0, 0.0), False),
        ((0.0, 1.0, 0.1), False),
    ],
)
def test_sums_that_no_series_has_are_told(sums: tuple[float, float, float], possible: bool) -> None:
    assert Moments(10, 0, 0.0, 0.0, *sums).possible is possible


def test_sums_of_few_pairs_or_of_a_constant_have_no_correlation() -> None:
    assert Moments(2, 0, 0.0, 0.0, 1.0, 1.0, 1.0).pearson().why == "fewer than three pairs"
    for squares in (0.0, 1e-28):
        assert Moments(100, 0, 5.0, 0.0, squares, 1.0, 0.0).pearson().why == SAME
    assert Moments(100, 0, 0.0, 0.0, 1e-200, 1e-200, 1e-200).pearson().r == pytest.approx(1.0)


def clustered(trajectories: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """States of a trajectory lie close together: 20 of each, of rewards that correlate by 0.6."""
    number = np.repeat(np.arange(trajectories), 20)
    a, b = rng.normal(size=(2, trajectories))
    centre = np.stack([a, 0.6 * a + 0.8 * b])
    return (*(centre[:, number] + 0.1 * rng.normal(size=(2, len(number)))), number)


def test_the_interval_over_trajectories_is_that_of_scipys_bootstrap() -> None:
    x, y, number = clustered(30, np.random.default_rng(3))
    found, interval = over_trajectories(x, y, number)
    assert found == pearson(x, y)

    def statistic(drawn: np.ndarray) -> float:
        rows = np.concatenate([np.flatnonzero(number == one) for one in drawn])
        return float(np.corrcoef(x[rows], y[rows])[0, 1])

    scipys = stats.bootstrap(
        (np.arange(30),), statistic, n_resamples=RESAMPLES, vectorized=False, method="percentile"
    ).confidence_interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((scipys.low, scipys.high), abs=0.04)
    assert over_trajectories(x, y, number)[1] == interval  # the same resamples each time
    assert ends(over_trajectories(1e6 * x + 1e9, y, number)[1]) == pytest.approx(ends(interval), abs=1e-6)


def test_states_of_a_trajectory_are_not_taken_for_independent() -> None:
    """Over 100 buffers the interval holds the true 0.6 nearly as often as it says; that of single states does not."""
    held, alone = [], []
    for seed in range(100):
        x, y, number = clustered(16, np.random.default_rng(seed))
        for count, parts in ((held, number), (alone, np.arange(len(x)))):
            interval = over_trajectories(x, y, parts)[1]
            assert interval is not None
            count.append(interval.low <= 0.6 <= interval.high)
    assert sum(held) >= 85
    assert sum(alone) < 60


def test_common_states_without_an_interval() -> None:
    x = np.arange(6.0)
    same = np.zeros(6)
    assert over_trajectories(x, x**2, same)[1] is None
    assert over_trajectories(same, x, np.arange(6))[0].why == SAME
    found, interval = over_trajectories(np.where(x == 5, np.nan, x), 2 * x, x // 2)
    assert (found.r, found.n, found.left_out) == (pytest.approx(1.0), 5, 1)
    assert ends(interval) == pytest.approx((1.0, 1.0))
