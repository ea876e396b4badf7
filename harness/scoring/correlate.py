"""How much a reward agrees with the expert's."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from harness.scoring.cells import Floats


@dataclass(frozen=True)
class Correlation:
    """A coefficient in [-1, 1], the pairs it rests on, and why it is NaN where it is."""

    r: float
    n: int
    why: str | None = None


def pearson(x: Floats, y: Floats) -> Correlation:
    """Pearson's correlation of (n,) and (n,); pairs with a non-finite member are left out and not counted.

    A constant series has none: NaN, with the reason. Fewer than three pairs: NaN as well.
    """
    both = np.isfinite(x) & np.isfinite(y)
    x, y = np.asarray(x, dtype=np.float64)[both], np.asarray(y, dtype=np.float64)[both]
    n = int(both.sum())
    if n < 3:
        return Correlation(math.nan, n, "fewer than three pairs")
    if _constant(x) or _constant(y):
        return Correlation(math.nan, n, "a constant series")
    x, y = x - x.mean(), y - y.mean()
    x, y = x / np.abs(x).max(), y / np.abs(y).max()
    r = float(x @ y / math.sqrt(float(x @ x) * float(y @ y)))
    return Correlation(min(1.0, max(-1.0, r)), n)


def spearman(x: Floats, y: Floats) -> Correlation:
    """Spearman's rank correlation, with the same rules as `pearson`."""
    both = np.isfinite(x) & np.isfinite(y)
    return pearson(rankdata(np.asarray(x)[both]), rankdata(np.asarray(y)[both]))


def _constant(x: Floats) -> bool:
    return bool(np.ptp(x) <= 1e-12 * np.abs(x).max())
