"""Do two sets of trials on a task differ? One test per task, adjusted for their number."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import ttest_ind_from_stats

from harness.scoring.cells import Cell, Floats, estimate, satterthwaite
from harness.scoring.intervals import Interval, cautious, t_quantile


def welch(left: Cell, right: Cell, low: float = -math.inf, high: float = math.inf) -> float | None:
    """Two-sided p-value for equal means of scores in [low, high] (Welch 1947); with several searches they are the unit.

    Variances are `cautious` near a bound. None with fewer than two units in an arm. Where neither arm has any spread
    Welch's test has no meaning, and the exact rank test's smallest p, 2 / C(n+m, n), stands for different means.
    """
    a, b = (cautious(cell, low, high, alone=True) for cell in (left, right))
    if a.variance is None or b.variance is None or a.df is None or b.df is None:
        return None
    if not estimate(left).variance and not estimate(right).variance:
        units = [len(cell) if len(cell) > 1 else cell[0].size for cell in (left, right)]
        fewest = 2 / math.comb(sum(units), units[0])  # of integers, which may be beyond floats
        return 1.0 if a.mean == b.mean else fewest
    n, m = round(a.df) + 1, round(b.df) + 1
    spread = math.sqrt(a.variance * n), math.sqrt(b.variance * m)
    return float(ttest_ind_from_stats(a.mean, spread[0], n, b.mean, spread[1], m, equal_var=False).pvalue)


def difference(left: Cell, right: Cell, low: float = -math.inf, high: float = math.inf) -> Interval | None:
    """Welch's 95 % interval for mean(left) - mean(right) of scores in [low, high], with `cautious` variances.

    None with fewer than two units in an arm, and where both arms are without spread and far from any bound.
    """
    a, b = (cautious(cell, low, high, alone=True) for cell in (left, right))
    if a.variance is None or b.variance is None or a.df is None or b.df is None:
        return None
    gap = a.mean - b.mean
    half = t_quantile(satterthwaite(((a.variance, a.df), (b.variance, b.df)))) * math.sqrt(
        a.variance + b.variance
    )
    return Interval(max(gap - half, low - high), min(gap + half, high - low)) if half else None


def holm(p_values: Sequence[float]) -> Floats:
    """Holm's step-down adjusted p-values (Holm 1979), in the order given: (T,) → (T,)."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
