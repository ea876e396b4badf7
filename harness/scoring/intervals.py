"""Two-sided 95 % intervals for means and for the success rate of one policy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import stdtrit
from scipy.stats import norm

from harness.scoring.cells import Cell, Estimate, estimate, satterthwaite

LEVEL: Final = 0.95


def percent(share: float) -> str:
    """A share in words."""
    return f"{share:.0%}".replace("%", " %")


SURE: Final = percent(LEVEL)
"""The level of all intervals, in words."""


@dataclass(frozen=True)
class Interval:
    """Lower and upper end, in the unit of the score."""

    low: float
    high: float


def t_quantile(df: float, level: float = LEVEL) -> float:
    """Two-sided quantile of Student's t, at 95 % unless told otherwise."""
    return float(stdtrit(df, 0.5 + level / 2))


def small_sample_factor(df: float) -> float:
    """How much wider than the normal one a 95 % interval with `df` degrees of freedom is: t / z."""
    return t_quantile(df) / float(norm.ppf(0.5 + LEVEL / 2))


def mean_interval(cell: Cell, low: float = -math.inf, high: float = math.inf) -> Interval | None:
    """Student's t interval for the mean of a cell of scores in [low, high]; None with fewer than two units.

    Near a bound (see `at_bounds`) the union with the t interval of the cell with one pseudo-score more at each bound:
    trials that all reach the cap do not show how many would not. Of five or three scores that are capped, or that
    are successes and failures, t alone covers 26 to 70 %, the union 94 to 100 % (`benchmarks/coverage.py`). None,
    too, where all scores are equal and no bound says how far they could be apart.

    The unit is the seed with one search, and the search with several. A percentile bootstrap of few values
    covers far less than it claims (measured for n = 2, 3, 5 normal values: 61, 81 and 87 % even after
    rescaling by √(n/(n-1)), against 94-95 % for t), so per-task means use t and only aggregates resample.
    """
    if not cell:
        return None
    plain, padded = _t_interval(estimate(cell), low, high), at_bounds(cell, low, high, alone=True)
    wide = None if padded is None else _t_interval(estimate(padded), low, high)
    if plain is not None and wide is not None:
        plain = Interval(min(plain.low, wide.low), max(plain.high, wide.high))
    return None if plain is None or plain.low == plain.high else plain


def at_bounds(cell: Cell, low: float, high: float, alone: bool = False) -> Cell | None:
    """All scores of a cell and one pseudo-score more at each finite bound, in one row; None if no score sits at one.

    Of several searches it says what single trials may still do; how the searches differ is in the cell itself. For a
    number that is to stand `alone`, and is not one of many tasks' in a mean where their skewness averages out, also
    where Student's t would reach beyond a bound: scores near a bound that none of them hits, such as success rates,
    are skewed too.
    """
    bounds = [bound for bound in (low, high) if math.isfinite(bound)]
    if not bounds or not (_touches(cell, low, high) or (alone and _reaches(cell, low, high))):
        return None
    return (np.concatenate([*cell, bounds]),)


def _touches(cell: Cell, low: float, high: float) -> bool:
    return any(row.min() <= low or row.max() >= high for row in cell)


def _reaches(cell: Cell, low: float, high: float) -> bool:
    found = estimate(cell)
    if found.variance is None or found.df is None:
        return False
    half = t_quantile(found.df) * math.sqrt(found.variance)
    return found.mean - half < low or found.mean + half > high


def mean_over_tasks(cells: list[Cell], low: float = -math.inf, high: float = math.inf) -> Interval | None:
    """Interval for the unweighted mean of several tasks' means: variances add, Satterthwaite df.

    The variance of a task with a score at a bound is that with pseudo-scores, where it is the larger one.
    """
    parts = [cautious(cell, low, high) for cell in cells]
    known = [(part.variance, part.df) for part in parts if part.variance is not None and part.df is not None]
    if not parts or len(known) < len(parts):
        return None
    variance = sum(v for v, _ in known) / len(parts) ** 2
    mean = float(np.mean([part.mean for part in parts]))
    return _t_interval(Estimate(mean, variance, satterthwaite(known), len(parts)), low, high)


def cautious(cell: Cell, low: float, high: float, alone: bool = False) -> Estimate:
    """Mean and variance of a cell of scores in [low, high]; near a bound, the larger of two variances.

    The other one is that of the cell with pseudo-scores (see `at_bounds`, also for `alone`).
    """
    plain, padded = estimate(cell), at_bounds(cell, low, high, alone)
    wide = None if padded is None else estimate(padded)
    if wide is None or wide.variance is None or plain.variance is None or wide.variance <= plain.variance:
        return plain
    return Estimate(plain.mean, wide.variance, wide.df, plain.n)


def wilson(successes: float, n: int) -> Interval:
    """Wilson's score interval for `successes` out of `n` episodes of one policy (Wilson 1927).

    A fractional count is taken as it is. ValueError without episodes or with a count outside [0, n].
    """
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError(f"expected 0 <= successes <= n with n > 0, found {successes} of {n}")
    z = float(norm.ppf(0.5 + LEVEL / 2))
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Interval(max(0.0, min(centre - half, p)), min(1.0, max(centre + half, p)))


def _t_interval(found: Estimate, low: float, high: float) -> Interval | None:
    if found.variance is None or found.df is None:
        return None
    half = t_quantile(found.df) * math.sqrt(found.variance)
    return Interval(
        min(max(found.mean - half, low), found.mean), max(min(found.mean + half, high), found.mean)
    )
