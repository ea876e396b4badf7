import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.scoring.cells import Estimate, make_cell
from harness.scoring.intervals import (
    at_bounds,
    cautious,
    mean_interval,
    mean_over_tasks,
    small_sample_factor,
    wilson,
)

scores = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12)


def test_students_interval_by_hand() -> None:
    interval = mean_interval(make_cell([[1.0, 2.0, 3.0]]))
    assert interval is not None
    half = 4.302652729911275 * 1.0 / 3**0.5  # t(0.975, 2) * s / sqrt(n)
    assert (interval.low, interval.high) == pytest.approx((2 - half, 2 + half))


@given(scores)
def test_students_interval_is_scipys_and_holds_the_mean(values: list[float]) -> None:
    interval = mean_interval(make_cell([values]))
    if interval is None:  # nothing says how far apart they could be
        assert np.ptp(values) < 1e-100
        return
    assert interval.low <= np.mean(values) <= interval.high
    if np.std(values) > 1e-3:
        expected = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
        assert (interval.low, interval.high) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_the_search_is_the_unit_with_several() -> None:
    many_seeds = make_cell([np.full(50, 1.0), np.full(50, 2.0), np.full(50, 3.0)])
    assert mean_interval(many_seeds) == mean_interval(make_cell([[1.0, 2.0, 3.0]]))


def test_no_interval_from_one_score_or_none() -> None:
    assert mean_interval(make_cell([[1.0]])) is None
    assert mean_interval(()) is None


def test_intervals_stay_inside_what_can_be() -> None:
    interval = mean_interval(make_cell([[0.9, 1.0, 0.8]]), 0.0, 1.0)
    assert interval is not None
    assert interval.high == 1.0
    assert 0.0 <= interval.low < 0.9


def test_trials_at_a_cap_by_hand() -> None:
    """Three of 500 steps, with one more at 0 and at 500: mean 400, standard error 100, t(0.975, 4)."""
    interval = mean_interval(make_cell([[500.0, 500.0, 500.0]]), 0.0, 500.0)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((400 - 2.7764451051977987 * 100, 500.0))
    assert cautious(make_cell([[500.0, 500.0, 500.0]]), 0.0, 500.0) == Estimate(500.0, 100.0**2, 4.0, 3)


def test_a_pseudo_score_at_each_finite_bound_where_a_score_sits_at_one() -> None:
    assert at_bounds(make_cell([[0.3, 0.4]]), 0.0, 1.0) is None
    assert at_bounds(make_cell([[0.3, 0.4]]), -np.inf, np.inf) is None
    (row,) = at_bounds(make_cell([[0.3, 1.0]]), 0.0, 1.0) or ()
    assert row.tolist() == [0.3, 1.0, 0.0, 1.0]
    (row,) = at_bounds(make_cell([[0.0, 2.0]]), 0.0, np.inf) or ()
    assert row.tolist() == [0.0, 2.0, 0.0]
    (row,) = at_bounds(make_cell([[1.0, 0.5], [0.7]]), 0.0, 1.0) or ()
    assert row.tolist() == [1.0, 0.5, 0.7, 0.0, 1.0]


def test_where_t_reaches_beyond_a_bound_a_score_alone_gets_pseudo_scores_too() -> None:
    near, far = make_cell([[0.8, 0.9, 0.95]]), make_cell([[0.5, 0.51, 0.49]])
    (row,) = at_bounds(near, 0.0, 1.0, alone=True) or ()
    assert row.tolist() == [0.8, 0.9, 0.95, 0.0, 1.0]
    assert at_bounds(near, 0.0, 1.0) is None  # one of many tasks
    assert at_bounds(far, 0.0, 1.0, alone=True) is None
    assert at_bounds(make_cell([[0.9]]), 0.0, 1.0, alone=True) is None
    interval, padded = mean_interval(near, 0.0, 1.0), mean_interval(make_cell([row]), -9.0, 9.0)
    assert interval is not None
    assert padded is not None
    assert (interval.low, interval.high) == (pytest.approx(padded.low), 1.0)
    plain = mean_interval(far)
    assert mean_interval(far, 0.0, 1.0) == plain


def test_searches_at_a_cap_by_hand() -> None:
    """Union of t over the three searches, and t over their six trials and one more at each bound."""
    cell = make_cell([[1.0, 0.6], [0.7, 0.9], [0.8, 0.9]])
    interval = mean_interval(cell, 0.0, 1.0)
    searches = stats.t.interval(0.95, 2, np.mean([0.8, 0.8, 0.85]), stats.sem([0.8, 0.8, 0.85]))
    trials = [1.0, 0.6, 0.7, 0.9, 0.8, 0.9, 0.0, 1.0]
    single = stats.t.interval(0.95, 7, np.mean(trials), stats.sem(trials))
    assert interval is not None
    assert interval.low == pytest.approx(min(searches[0], single[0]))
    assert interval.high == pytest.approx(min(max(searches[1], single[1]), 1.0))


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=9))
def test_bounds_only_widen_an_interval(values: list[float]) -> None:
    cell = make_cell([values])
    plain, bounded = mean_interval(cell), mean_interval(cell, 0.0, 1.0)
    if plain is not None:
        assert bounded is not None
        assert bounded.low <= max(plain.low, 0.0) + 1e-12
        assert bounded.high >= min(plain.high, 1.0) - 1e-12


def test_mean_over_tasks_adds_variances() -> None:
    cells = [make_cell([[0.0, 1.0]]), make_cell([[0.0, 1.0]])]
    interval = mean_over_tasks(cells)
    assert interval is not None
    half = stats.t.ppf(0.975, 2) * (2 * 0.25) ** 0.5 / 2
    assert (interval.low, interval.high) == pytest.approx((0.5 - half, 0.5 + half))
    assert mean_over_tasks([*cells, make_cell([[1.0]])]) is None
    assert mean_over_tasks([]) is None


def test_small_samples_widen() -> None:
    assert small_sample_factor(2) == pytest.approx(4.302652729911275 / 1.959963984540054)
    assert small_sample_factor(10_000) == pytest.approx(1.0, abs=1e-3)


@given(st.integers(1, 500), st.data())
def test_wilson_is_scipys(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    expected = stats.binomtest(k, n).proportion_ci(0.95, "wilson")
    found = wilson(k, n)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert found.low <= k / n <= found.high


def test_wilson_refuses_what_is_no_count() -> None:
    for successes, n in ((1, 0), (-1, 5), (6, 5)):
        with pytest.raises(ValueError, match="successes"):
            wilson(successes, n)
