import numpy as np
import pytest

from harness.scoring.cells import estimate, make_cell, pooled, satterthwaite


def test_one_search_has_the_variance_of_a_mean_over_seeds() -> None:
    found = estimate(make_cell([[1.0, 2.0, 3.0, 6.0]]))
    assert found.mean == 3.0
    assert found.variance == pytest.approx((4 + 1 + 0 + 9) / 3 / 4)
    assert (found.df, found.n) == (3, 4)


def test_several_searches_are_the_unit_whatever_their_number_of_seeds() -> None:
    found = estimate(make_cell([[1.0, 3.0], [4.0], [9.0, 9.0, 9.0]]))  # means 2, 4, 9
    assert found.mean == 5.0
    assert found.variance == pytest.approx((9 + 1 + 16) / 2 / 3)
    assert (found.df, found.n) == (2, 6)


def test_a_single_score_has_no_variance() -> None:
    assert estimate(make_cell([[2.0]])).variance is None
    with pytest.raises(ValueError, match="no scores"):
        estimate(())


def test_empty_rows_are_left_out() -> None:
    cell = make_cell([[], [1.0, 2.0]])
    assert len(cell) == 1
    assert pooled(cell).tolist() == [1.0, 2.0]
    assert pooled(()).size == 0


def test_welch_satterthwaite_by_hand() -> None:
    assert satterthwaite([(1.0, 4.0), (1.0, 4.0)]) == pytest.approx(8.0)
    assert satterthwaite([(3.0, 2.0), (1.0, 4.0)]) == pytest.approx(16 / (9 / 2 + 1 / 4))
    assert satterthwaite([(1e-300, 4.0), (0.0, 4.0)]) == pytest.approx(4.0)
    assert satterthwaite([(0.0, 4.0), (0.0, 2.0)]) == 6.0
    assert np.isfinite(satterthwaite([(1e300, 4.0), (1e300, 4.0)]))
