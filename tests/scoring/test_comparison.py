import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.scoring.cells import make_cell
from harness.scoring.comparison import difference, holm, welch


def test_welch_is_scipys() -> None:
    left, right = [1.0, 2.0, 4.0, 3.0], [2.5, 5.0, 7.0]
    expected = stats.ttest_ind(left, right, equal_var=False).pvalue
    assert welch(make_cell([left]), make_cell([right])) == pytest.approx(expected)


def test_the_interval_of_a_difference_is_scipys() -> None:
    left, right = [1.0, 2.0, 4.0, 3.0], [2.5, 5.0, 7.0]
    expected = stats.ttest_ind(left, right, equal_var=False).confidence_interval()
    found = difference(make_cell([left]), make_cell([right]))
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert difference(make_cell([[1.0]]), make_cell([right])) is None


def test_searches_are_the_unit() -> None:
    many = make_cell([[1.0] * 9, [2.0] * 9, [4.0] * 9])
    human = make_cell([[2.5, 5.0, 7.0]])
    assert welch(many, human) == pytest.approx(
        stats.ttest_ind([1, 2, 4], [2.5, 5, 7], equal_var=False).pvalue
    )


def test_without_spread_the_rank_test_speaks() -> None:
    zeros, ones = make_cell([[0.0] * 3]), make_cell([[1.0] * 3])
    exact = stats.mannwhitneyu([0.0, 0.0, 0.0], [1.0, 1.1, 1.2], method="exact").pvalue
    assert welch(zeros, ones) == pytest.approx(exact)
    assert welch(ones, ones) == 1.0
    assert welch(make_cell([[0.0] * 600]), make_cell([[1.0] * 600])) == 0.0  # smaller than any float
    assert welch(make_cell([[1.0]]), ones) is None


few = st.lists(st.integers(0, 8).map(float), min_size=2, max_size=6)


@given(few, few)
def test_the_interval_and_the_test_say_the_same_and_take_no_side(
    left: list[float], right: list[float]
) -> None:
    one, other = make_cell([left]), make_cell([right])
    found, turned = difference(one, other), difference(other, one)
    if found is None or turned is None:
        assert np.ptp(left) == np.ptp(right) == 0
        return
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))
    p = welch(one, other)
    assert p is not None
    assert p == pytest.approx(welch(other, one))
    if abs(found.low) > 1e-9 and abs(found.high) > 1e-9:
        assert (p < 0.05) == (found.low > 0 or found.high < 0)


def test_at_a_cap_by_hand() -> None:
    """All trials at 500, with one more at 0 and at 500 a variance of 100² with 4 degrees of freedom, against 20 ± 1."""
    capped, low = make_cell([[500.0] * 3]), make_cell([[19.0, 20.0, 21.0]])
    found = difference(capped, low, 0.0, 500.0)
    df = (100**2 + 1 / 3) ** 2 / (100**4 / 4 + 1 / 9 / 2)
    half = stats.t.ppf(0.975, df) * (100**2 + 1 / 3) ** 0.5
    assert found is not None
    assert (found.low, found.high) == pytest.approx((480 - half, 500.0))
    p = welch(capped, low, 0.0, 500.0)
    assert p == pytest.approx(2 * stats.t.sf(480 / (100**2 + 1 / 3) ** 0.5, df))
    sure = welch(capped, low)
    assert sure is not None
    assert sure < 1e-4 < 0.005 < p


def test_two_arms_at_a_cap_do_not_differ_but_might() -> None:
    capped = make_cell([[500.0] * 3])
    found = difference(capped, capped, 0.0, 500.0)
    assert found is not None
    assert found.low == -found.high < -100
    assert welch(capped, capped, 0.0, 500.0) == 1.0
    assert difference(capped, capped) is None  # nothing says how far apart they could be


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]).tolist() == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_only_raises_and_keeps_the_order(p: list[float]) -> None:
    adjusted = holm(p)
    assert np.all(adjusted >= np.array(p))
    assert np.all(adjusted <= 1.0)
    assert np.all(np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0)
    assert adjusted.min() == pytest.approx(min(1.0, min(p) * len(p)))
