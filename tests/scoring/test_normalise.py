import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.scoring.cells import make_cell
from harness.scoring.normalise import fieller, human_normalised, unbiased_ratio, why_not_normalisable

METHOD, HUMAN, SPARSE = (
    make_cell([[6.0, 7.0, 8.0]]),
    make_cell([[4.8, 5.0, 5.2]]),
    make_cell([[0.8, 1.0, 1.2]]),
)
seeds = st.lists(st.floats(-100, 100).map(lambda x: round(x, 3)), min_size=3, max_size=6)


def test_scale_by_hand() -> None:
    assert human_normalised(np.array([7.0, 1.0, 5.0]), 5.0, 1.0).tolist() == [1.5, 0.0, 1.0]


def test_higher_stays_better_where_human_is_below_sparse() -> None:
    assert human_normalised(np.array([-1.0, -4.0]), -3.0, -2.0).tolist() == [1.0, -2.0]


def test_no_scale_where_human_equals_sparse() -> None:
    assert math.isnan(human_normalised(np.array(1.0), 2.0, 2.0))
    assert math.isnan(fieller(METHOD, HUMAN, HUMAN).point)


def test_fieller_inverts_the_test_of_every_ratio() -> None:
    """At its ends the t statistic of `method - sparse - R (human - sparse)` is the quantile."""
    found = fieller(METHOD, HUMAN, SPARSE)
    assert found.point == pytest.approx(1.5)
    assert found.low is not None
    assert found.high is not None
    vm, vh, vs = 1 / 3, 0.04 / 3, 0.04 / 3
    at_point = [vm, 1.5**2 * vh, 0.5**2 * vs]
    df = sum(at_point) ** 2 / sum(v**2 / 2 for v in at_point)
    for ratio in (found.low, found.high):
        t = (6.0 - ratio * 4.0) / math.sqrt(vm + ratio**2 * vh + (1 - ratio) ** 2 * vs)
        assert abs(t) == pytest.approx(stats.t.ppf(0.975, df))


def test_fieller_without_noise_in_the_references_is_students_interval() -> None:
    found = fieller(METHOD, make_cell([[5.0, 5.0, 5.0]]), make_cell([[1.0, 1.0, 1.0]]))
    half = stats.t.ppf(0.975, 2) * 1 / 3**0.5 / 4
    assert (found.low, found.high) == pytest.approx((1.5 - half, 1.5 + half))


def test_fieller_is_unbounded_where_human_is_not_told_from_sparse() -> None:
    found = fieller(METHOD, make_cell([[0.0, 3.0, 1.0]]), make_cell([[1.0, 0.0, 2.0]]))
    assert found.unbounded


def test_fieller_has_no_interval_with_one_seed() -> None:
    found = fieller(make_cell([[7.0]]), HUMAN, SPARSE)
    assert (found.point, found.low, found.high) == (1.5, None, None)


def test_fieller_at_a_cap_is_as_cautious_as_the_means_are() -> None:
    """All trials at 500, with one more at 0 and at 500: variances of 100² with 4 degrees of freedom."""
    cap, low = make_cell([[500.0] * 3]), make_cell([[100.0] * 3])
    found = fieller(cap, cap, low, 0.0, 500.0)
    assert found.point == 1.0
    assert found.low is not None
    assert found.high is not None
    for ratio in (found.low, found.high):
        t = (400 - ratio * 400) / math.sqrt(100**2 * (1 + ratio**2))
        assert abs(t) == pytest.approx(stats.t.ppf(0.975, 8))
    assert fieller(cap, cap, low).high == 1.0


def test_beales_ratio_by_hand() -> None:
    """a = 6, b = 4, variances of the means of human and sparse 0.04 / 3."""
    assert unbiased_ratio(METHOD, HUMAN, SPARSE) == pytest.approx((24 + 0.04 / 3) / (16 + 0.08 / 3))


def test_without_noise_in_the_references_a_ratio_has_no_bias() -> None:
    human, sparse = make_cell([[5.0, 5.0]]), make_cell([[1.0]])
    assert unbiased_ratio(METHOD, human, sparse) == 1.5
    assert math.isnan(unbiased_ratio(METHOD, human, human))


@given(seeds, seeds, seeds, st.floats(0.01, 100), st.floats(-50, 50))
def test_beales_ratio_ignores_unit_and_offset(
    m: list[float], h: list[float], s: list[float], a: float, b: float
) -> None:
    plain = unbiased_ratio(make_cell([m]), make_cell([h]), make_cell([s]))
    moved = unbiased_ratio(*(make_cell([[a * x + b for x in values]]) for values in (m, h, s)))
    if abs(np.mean(h) - np.mean(s)) < 0.01:
        return
    assert moved == pytest.approx(plain, rel=1e-6, abs=1e-6)


@given(seeds, seeds, seeds, st.floats(0.01, 100), st.floats(-50, 50))
def test_ratio_ignores_unit_and_offset(
    m: list[float], h: list[float], s: list[float], a: float, b: float
) -> None:
    first = fieller(make_cell([m]), make_cell([h]), make_cell([s]))
    second = fieller(*(make_cell([[a * x + b for x in values]]) for values in (m, h, s)))
    if first.low is None or abs(np.mean(h) - np.mean(s)) < 0.01:
        return
    assert first.low <= first.point <= (first.high or math.inf)
    if not first.unbounded and not second.unbounded and second.low is not None and abs(first.low) < 1e4:
        assert second.point == pytest.approx(first.point, rel=1e-4, abs=1e-4)
        assert second.low == pytest.approx(first.low, rel=1e-2, abs=1e-2)


def test_a_task_has_a_scale_only_if_human_is_above_sparse_at_95_percent() -> None:
    assert why_not_normalisable(HUMAN, SPARSE) is None
    below, same, noisy = make_cell([[0.0, 0.1, 0.2]]), HUMAN, make_cell([[-9.0, 5.0, 1.0]])
    assert "not above" in str(why_not_normalisable(below, SPARSE))
    assert "not above" in str(why_not_normalisable(same, HUMAN))
    assert "not above" in str(why_not_normalisable(HUMAN, noisy))
    assert "single seed" in str(why_not_normalisable(make_cell([[5.0]]), SPARSE))
    assert "no human" in str(why_not_normalisable((), SPARSE))
    assert "no sparse" in str(why_not_normalisable(HUMAN, ()))


def test_the_scale_test_is_welchs() -> None:
    human, sparse = [1.0, 1.4, 1.1, 0.7], [0.5, 0.9, 0.2]
    interval = stats.ttest_ind(human, sparse, equal_var=False).confidence_interval(0.95)
    assert (why_not_normalisable(make_cell([human]), make_cell([sparse])) is None) == (interval.low > 0)
    assert interval.low != 0


def test_references_without_spread_decide_by_their_order() -> None:
    constant = make_cell([[499.0, 499.0]])
    assert why_not_normalisable(constant, make_cell([[1.0, 1.0]])) is None
    assert why_not_normalisable(constant, constant) is not None
