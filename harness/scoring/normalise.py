"""Scores on the scale where the sparse reward is 0 and the human reward is 1."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from harness.roles import HUMAN, SPARSE
from harness.scoring.cells import Cell, Floats, estimate, satterthwaite
from harness.scoring.intervals import SURE, cautious, t_quantile

CLIP: Final = (0.0, 3.0)  # the paper's range for its average over tasks
CLIPPED: Final = "[{:g}, {:g}]".format(*CLIP)
"""The same in words."""


@dataclass(frozen=True)
class Ratio:
    """A normalised score with its 95 % interval; None where there is none, infinite where unbounded."""

    point: float
    low: float | None
    high: float | None

    @property
    def unbounded(self) -> bool:
        """Whether the denominator is not told from zero, so that no finite interval holds the ratio."""
        return self.low == -math.inf or self.high == math.inf


def human_normalised(method: Floats, human: float | Floats, sparse: float | Floats) -> Floats:
    """(method - sparse) / |human - sparse|, elementwise with broadcasting; NaN where human == sparse.

    Ma et al. 2024 (Eureka), section 4.1: the absolute value keeps higher = better where human < sparse.
    """
    gap = np.abs(np.asarray(human, dtype=np.float64) - sparse)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ratio = (np.asarray(method, dtype=np.float64) - sparse) / np.where(gap > 0, gap, np.nan)
    return np.asarray(ratio, dtype=np.float64)


def fieller(method: Cell, human: Cell, sparse: Cell, low: float = -math.inf, high: float = math.inf) -> Ratio:
    """Normalised score of the means of scores in [low, high], with Fieller's interval (Fieller 1954).

    With a = m - s, b = h - s and the three means independent, the interval is every R with
    (a - R b)² <= t² (v_m + R² v_h + (1 - R)² v_s); t has the Satterthwaite degrees of freedom of that
    variance at the point estimate. Variances are `cautious` near a bound. The interval is infinite where b is not
    told from zero, and absent where a variance is unknown (one seed).
    """
    m, h, s = (cautious(cell, low, high, alone=True) for cell in (method, human, sparse))
    a, b = m.mean - s.mean, h.mean - s.mean
    if b == 0:
        return Ratio(math.nan, None, None)
    ratio, sign = a / b, math.copysign(1.0, b)
    if not math.isfinite(ratio):
        return Ratio(math.nan, None, None)
    if m.variance is None or h.variance is None or s.variance is None:
        return Ratio(sign * ratio, None, None)
    scale = max(abs(a), abs(b))  # everything in units of the larger difference: squares stay representable
    vm, vh, vs = (float(arm.variance or 0.0) / scale / scale for arm in (m, h, s))
    a, b = a / scale, b / scale
    parts = ((vm, m), (ratio * ratio * vh, h), ((1 - ratio) ** 2 * vs, s))
    t2 = t_quantile(satterthwaite((variance, float(arm.df or 1)) for variance, arm in parts)) ** 2
    square = b * b - t2 * (vh + vs)
    if square <= 0:
        return Ratio(sign * ratio, -math.inf, math.inf)
    middle = (a * b - t2 * vs) / square
    constant = a * a - t2 * (vm + vs)
    half = math.sqrt(max(0.0, middle * middle - constant / square))
    low, high = sorted((sign * (middle - half), sign * (middle + half)))
    return Ratio(sign * ratio, min(low, sign * ratio), max(high, sign * ratio))


def unbiased_ratio(method: Cell, human: Cell, sparse: Cell) -> float:
    """Normalised score of the means without the bias of a ratio, for a mean over tasks; NaN where human == sparse.

    With a = m - s and b = h - s, the noise of b makes a/b too large on average, and a mean over tasks does not average
    that out (Cochran 1977, section 6.11). Beale's estimator (Beale 1962; Tin 1965) is right to second order:
    (a b + cov(a, b)) / (b² + var(b)), here with cov(a, b) = v_s and var(b) = v_h + v_s, the variances of the means. A
    reference of a single score counts as without noise.
    """
    m, h, s = estimate(method), estimate(human), estimate(sparse)
    a, b = m.mean - s.mean, h.mean - s.mean
    if b == 0:
        return math.nan
    vh, vs = h.variance or 0.0, s.variance or 0.0
    root = math.hypot(b, math.sqrt(vh), math.sqrt(vs))  # of the denominator: its square may be beyond floats
    return math.copysign(1.0, b) * ((a / root) * (b / root) + vs / root / root)


def why_not_normalisable(human: Cell, sparse: Cell) -> str | None:
    """Why a task has no scale here, or None if the human reward is above the sparse one at 95 %.

    Welch's test of the difference of the two means. Where neither shows any spread, their order decides.
    """
    for name, cell in ((HUMAN, human), (SPARSE, sparse)):
        if not cell:
            return f"no {name} score to normalise by"
    h, s = estimate(human), estimate(sparse)
    gap = h.mean - s.mean
    if h.variance is None or s.variance is None:
        return "a single seed of the references: human above sparse cannot be tested"
    half = t_quantile(satterthwaite(((h.variance, h.df or 1), (s.variance, s.df or 1))))
    half *= math.sqrt(h.variance + s.variance)
    if gap - half > 0:
        return None
    return f"human is not above sparse at {SURE} (difference {_short(gap)} ± {_short(half)})"


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "\u2212")
