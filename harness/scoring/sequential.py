"""Looking at the data several times: what each look may spend of a test's level (group-sequential tests)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.stats import multivariate_normal, norm

from harness.scoring.gate import ALPHA

LOOKS: Final = (2, 4, 6, 8)
"""Seeds of NEW at each look."""
FARTHEST: Final = 9.0
"""Standard deviations beyond which a boundary is out of reach."""


def obrien_fleming(alpha: float, share: float) -> float:
    """Of a one-sided `alpha`, what is spent when a share of the information is there: little early, most at the end.

    Lan & DeMets 1983, their α₁*, whose boundaries are like those of O'Brien & Fleming 1979.
    """
    return float(2 * norm.sf(norm.isf(alpha / 2) / math.sqrt(share)))


def shares(looks: Sequence[int], base: int) -> list[float]:
    """The information of each look as a share of the last one's: n new trials against `base` old ones, 1/(1/n + 1/m).

    What was seen at an earlier look is part of the later one, and BASE is the same at all, so that the statistics of
    looks i < j correlate by the root of the ratio of their shares (Jennison & Turnbull 2000, section 3.1).
    """
    information = [1 / (1 / n + 1 / base) for n in looks]
    return [one / information[-1] for one in information]


def levels(share: Sequence[float], alpha: float) -> list[float]:
    """One-sided level of each look's own test, so that all together have `alpha`.

    Solved look by look: that the statistic stays within its boundaries up to a look has the probability
    1 - obrien_fleming(alpha, share), by the multivariate normal distribution.
    """
    bounds: list[float] = []
    for look in range(1, len(share) + 1):
        spent = obrien_fleming(alpha, share[look - 1])
        root = np.sqrt(np.asarray(share[:look]))
        covariance = np.minimum.outer(root, root) / np.maximum.outer(root, root)

        def excess(bound: float, covariance: np.ndarray = covariance, spent: float = spent) -> float:
            rng = np.random.default_rng(0)  # of the integration in four dimensions and more
            held = multivariate_normal.cdf(
                [*bounds, bound], cov=covariance, allow_singular=True, abseps=1e-5, rng=rng
            )
            return float(1 - held - spent)

        bounds.append(FARTHEST if excess(FARTHEST) > 0 else float(brentq(excess, -FARTHEST, FARTHEST)))
    return [float(norm.sf(bound)) for bound in bounds]


@dataclass(frozen=True)
class Looks:
    """When is looked, and what each look may spend."""

    seeds: tuple[int, ...]
    levels: tuple[float, ...]
    """One-sided, of a regression as of a pass: each of the two errors has a level of its own."""

    @classmethod
    def of(cls, seeds: Sequence[int], base: int, alpha: float = ALPHA) -> Looks:
        """Looks at so many seeds of NEW against `base` of BASE."""
        return cls(tuple(seeds), tuple(levels(shares(seeds, base), alpha)))
