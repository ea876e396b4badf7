"""How much a reward agrees with the expert's: over series, streamed sums, and trajectories of common states."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import pearsonr, spearmanr

from harness.scoring.cells import Floats
from harness.scoring.intervals import LEVEL, Interval

RESAMPLES: Final = 2_000
SEED: Final = 20231
CONSTANT: Final = 1e-12
"""Spread, as a share of the values, below which a series is constant."""
FEWEST: Final = 3
FEW, SAME = "fewer than three pairs", "a constant series"


@dataclass(frozen=True)
class Correlation:
    """A coefficient in [-1, 1] and the pairs it rests on."""

    r: float
    n: int
    why: str | None = None
    """Why `r` is NaN, where it is."""
    left_out: int = 0
    """Pairs that were left out, a member being not finite."""


@dataclass(frozen=True)
class Moments:
    """Two rewards over all transitions of a training, as the training has summed them up."""

    n: int
    left_out: int
    reward_mean: float
    human_mean: float
    reward_squares: float
    """Sum of squared deviations from the mean."""
    human_squares: float
    products: float
    """Sum of products of both deviations."""

    @property
    def possible(self) -> bool:
        """Whether there are numbers that have these sums: squares are not negative, and Cauchy-Schwarz holds."""
        squares = self.reward_squares, self.human_squares
        return min(squares) >= 0.0 and abs(self.products) <= math.prod(map(math.sqrt, squares)) * (1 + 1e-9)

    def pearson(self) -> Correlation:
        """Pearson's correlation of the two."""
        if self.n < FEWEST:
            return Correlation(math.nan, self.n, FEW, self.left_out)
        scales = [math.sqrt(squares) for squares in (self.reward_squares, self.human_squares)]
        means = abs(self.reward_mean), abs(self.human_mean)
        if any(s <= CONSTANT * math.sqrt(self.n) * m for s, m in zip(scales, means, strict=True)):
            return Correlation(math.nan, self.n, SAME, self.left_out)
        r = self.products / scales[0] / scales[1]
        return Correlation(min(1.0, max(-1.0, r)), self.n, left_out=self.left_out)


@dataclass(frozen=True)
class RewardPairs:
    """The trained and the human reward of a trial, side by side; None and empty where they were not recorded."""

    transitions: Moments | None = None
    sample: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False, compare=False)
    """`reward` and `human_reward` of a fixed sample of transitions."""
    buffer: str | None = None
    """Digest of the common states; None where the task had none."""
    states: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False, compare=False)
    """`trajectory`, `reward` and `human_reward` of each common state."""


def pearson(x: ArrayLike, y: ArrayLike) -> Correlation:
    """Pearson's correlation of (n,) and (n,); pairs with a non-finite member are left out, and counted as such.

    A constant series has none: NaN, with the reason. Fewer than three pairs: NaN as well.
    """
    return _correlation(lambda a, b: float(pearsonr(a, b).statistic), x, y)


def spearman(x: ArrayLike, y: ArrayLike) -> Correlation:
    """Spearman's rank correlation, with the same rules as `pearson`."""
    return _correlation(lambda a, b: float(spearmanr(a, b).statistic), x, y)


def over_trajectories(
    x: ArrayLike, y: ArrayLike, trajectory: ArrayLike
) -> tuple[Correlation, Interval | None]:
    """Pearson's correlation of (n,) and (n,) with a 95 % interval, states of one `trajectory` (n,) hanging together.

    Percentile bootstrap of whole trajectories (the block bootstrap, Davison & Hinkley 1997, section 8.2.3). No
    interval without a coefficient or with a single trajectory; resamples with a constant series are left out.
    """
    found = pearson(x, y)
    a, b = (np.asarray(series, dtype=np.float64) for series in (x, y))
    both = np.isfinite(a) & np.isfinite(b)
    blocks, members = np.unique(np.asarray(trajectory)[both], return_inverse=True)
    if math.isnan(found.r) or len(blocks) < 2:
        return found, None
    a, b = (_standardised(series[both]) for series in (a, b))
    parts = np.stack([np.ones_like(a), a, b, a * a, b * b, a * b], axis=1)
    sums = np.zeros((len(blocks), parts.shape[1]))
    np.add.at(sums, members, parts)
    drawn = np.random.default_rng(SEED).multinomial(len(blocks), [1 / len(blocks)] * len(blocks), RESAMPLES)
    n, sa, sb, saa, sbb, sab = (drawn @ sums).T
    variances = np.maximum(saa - sa * sa / n, 0.0) * np.maximum(sbb - sb * sb / n, 0.0)
    known = variances > (CONSTANT * n) ** 2
    if not known.any():
        return found, None
    r = np.clip((sab - sa * sb / n)[known] / np.sqrt(variances[known]), -1.0, 1.0)
    low, high = np.quantile(r, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return found, Interval(float(low), float(high))


def _correlation(statistic: Callable[[Floats, Floats], float], x: ArrayLike, y: ArrayLike) -> Correlation:
    a, b = (np.asarray(series, dtype=np.float64) for series in (x, y))
    both = np.isfinite(a) & np.isfinite(b)
    a, b, n, left_out = a[both], b[both], int(both.sum()), int((~both).sum())
    if n < FEWEST:
        return Correlation(math.nan, n, FEW, left_out)
    if _constant(a) or _constant(b):
        return Correlation(math.nan, n, SAME, left_out)
    return Correlation(statistic(a, b), n, left_out=left_out)


def _constant(x: Floats) -> bool:
    return bool(np.ptp(x) <= CONSTANT * np.abs(x).max())


def _standardised(x: Floats) -> Floats:
    centred = x - x.mean()
    return np.asarray(centred / np.abs(centred).max(), dtype=np.float64)
