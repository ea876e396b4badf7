"""What each look may spend."""

import numpy as np
import pytest
from scipy.stats import norm

from harness.scoring.sequential import LOOKS, Looks, levels, obrien_fleming, shares

QUARTERS = [0.25, 0.5, 0.75, 1.0]


def test_boundaries_as_published() -> None:
    """Four equal looks at one-sided 0.025, as the programs ld98 and gsDesign give them."""
    found = norm.isf(levels(QUARTERS, 0.025))
    assert found == pytest.approx([4.3326, 2.9631, 2.3590, 2.0141], abs=2e-3)


def test_all_is_spent_at_the_end() -> None:
    assert obrien_fleming(0.05, 1.0) == pytest.approx(0.05)
    assert levels([1.0], 0.05) == pytest.approx([0.05])


def test_the_information_grows_less_than_the_seeds_where_the_baseline_is_small() -> None:
    assert shares((2, 4), 10**9) == pytest.approx([0.5, 1.0])
    assert shares((2, 4, 6, 8), 8) == pytest.approx([0.4, 2 / 3, 6 / 7, 1.0])


def test_looks_together_keep_the_level() -> None:
    rng, looks, base, wrong = np.random.default_rng(0), Looks.of(LOOKS, 8), 8, 0
    bounds = norm.isf(looks.levels)
    new, old = rng.normal(size=(20_000, 8)), rng.normal(size=(20_000, base)).mean(axis=1)
    alarms = np.zeros(len(new), dtype=bool)
    for seeds, bound in zip(looks.seeds, bounds, strict=True):
        z = (new[:, :seeds].mean(axis=1) - old) / np.sqrt(1 / seeds + 1 / base)
        alarms |= z > bound
    wrong = int(alarms.sum())
    assert wrong / len(new) == pytest.approx(0.05, abs=0.005)
