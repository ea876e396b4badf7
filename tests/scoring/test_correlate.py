import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.scoring.correlate import pearson, spearman

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
