import numpy as np
import pytest

from harness.scoring.cells import estimate, make_cell
from harness.scoring.resample import degrees, draw, means, rescaled, values, weights

RAGGED = make_cell([[1.0, 2.0, 3.0], [10.0, 20.0]])


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_rescaling_stretches_deviations_and_keeps_means() -> None:
    (row,) = rescaled(make_cell([[0.0, 1.0, 5.0]]))
    assert row.tolist() == pytest.approx((2 + (1.5**0.5) * np.array([-2.0, -1.0, 3.0])).tolist())
    assert rescaled(make_cell([[4.0]]))[0].tolist() == [4.0]
    assert estimate(rescaled(RAGGED)).mean == pytest.approx(estimate(RAGGED).mean)


def test_rescaling_works_at_both_levels() -> None:
    first, second = rescaled(make_cell([[0.0, 2.0], [4.0, 6.0]]))
    assert first.mean() == pytest.approx(3 - 2 * 2**0.5)  # search means 1 and 5 about 3, times sqrt(2)
    assert np.ptp(second) == pytest.approx(2 * 2**0.5)


def test_bootstrap_variance_of_a_rescaled_mean_is_the_unbiased_one() -> None:
    cell = make_cell([[0.3, 1.1, 0.2, 2.0]])
    drawn = means(values(rescaled(cell), draw(cell, rng(), 200_000)))
    assert drawn.var() == pytest.approx(estimate(cell).variance, rel=0.02)


def test_seeds_stay_with_their_search() -> None:
    drawn = values(RAGGED, draw(RAGGED, rng(), 500))
    for search in drawn.reshape(-1, 3):
        known = search[~np.isnan(search)]
        assert set(known) <= {1.0, 2.0, 3.0} if known.size == 3 else set(known) <= {10.0, 20.0}


def test_every_search_and_seed_is_equally_likely() -> None:
    drawn = draw(RAGGED, rng(), 60_000)
    counts = np.bincount(drawn[drawn >= 0], minlength=5) / 60_000
    assert counts == pytest.approx([1.0] * 5, rel=0.03)  # two draws of two searches, each with all its seeds


def test_weights_reproduce_the_means() -> None:
    indices = draw(RAGGED, rng(), 1000)
    by_weight = weights(RAGGED, indices) @ np.array([1.0, 2.0, 3.0, 10.0, 20.0])
    assert by_weight == pytest.approx(means(values(RAGGED, indices)))
    assert weights(RAGGED, indices).sum(axis=1) == pytest.approx(np.ones(1000))


def test_degrees_of_freedom() -> None:
    assert degrees(RAGGED) == 1
    assert degrees(make_cell([[1.0, 2.0, 3.0]])) == 2
    assert degrees(make_cell([[1.0]])) == 0
