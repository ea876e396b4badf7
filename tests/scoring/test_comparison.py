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
