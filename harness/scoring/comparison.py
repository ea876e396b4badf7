"""Do two sets of trials on a task differ? One test per task, adjusted for their number."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import t as student

from harness.scoring.cells import Cell, Floats, estimate, satterthwaite
from harness.scoring.intervals import Interval, t_quantile


def welch(left: Cell, right: Cell) -> float | None:
    """Two-sided p-value for equal means (Welch 1947); the unit is the search where there are several.

    None with fewer than two units in an arm. Where neither arm has any spread Welch's test has no meaning,
    and the exact rank test's smallest p, 2 / C(n+m, n), stands for different means.
    """
    a, b = estimate(left), estimate(right)
    if a.variance is None or b.variance is None or a.df is None or b.df is None:
        return None
    gap, variance = abs(a.mean - b.mean), a.variance + b.variance
    if variance == 0:
        n, m = round(a.df) + 1, round(b.df) + 1
        return 1.0 if gap == 0 else 2 / math.comb(n + m, n)  # of integers, which may be beyond floats
    df = satterthwaite(((a.variance, a.df), (b.variance, b.df)))
    return float(2 * student.sf(gap / math.sqrt(variance), df))


def difference(left: Cell, right: Cell) -> Interval | None:
    """Welch's 95 % interval for mean(left) - mean(right); None with fewer than two units in an arm."""
    a, b = estimate(left), estimate(right)
    if a.variance is None or b.variance is None or a.df is None or b.df is None:
        return None
    df = satterthwaite(((a.variance, a.df), (b.variance, b.df)))
    half = t_quantile(df) * math.sqrt(a.variance + b.variance)
    return Interval(a.mean - b.mean - half, a.mean - b.mean + half)


def holm(p_values: Sequence[float]) -> Floats:
    """Holm's step-down adjusted p-values (Holm 1979), in the order given: (T,) → (T,)."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
