"""How often a method beats the human reward: a comparison that needs no scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq

from harness.scoring.aggregate import Aggregate, Arms, interval_about
from harness.scoring.cells import Cell, Floats, pooled
from harness.scoring.intervals import Interval, t_quantile
from harness.scoring.resample import RESAMPLES, SEED, degrees, draw, weights

CLOSE = 1e-9
"""To a point, where an equation for the ends of its interval may not be asked."""


def wins(method: Cell, human: Cell) -> Floats:
    """Pairwise results (K, H): 1 where the method's trial is above the human's, ½ on a tie, else 0."""
    left, right = pooled(method)[:, None], pooled(human)[None, :]
    return np.asarray((left > right) + 0.5 * (left == right), dtype=np.float64)


def probability_of_improvement(
    tasks: Sequence[tuple[Cell, Cell]], count: int = RESAMPLES, seed: int = SEED
) -> Aggregate:
    """Mean over tasks of P(method's trial > human's trial), ties counting half.

    Agarwal et al. 2021, section 4.3 (Mann-Whitney U over its largest value). `tasks` holds (method, human)
    cells. The interval resamples both arms within each task; as ranks cannot be stretched before drawing,
    its distance from the point is widened by √(n/(n-1)) and t/z afterwards, and cut to [0, 1]. Where all pairs of
    every task agree, resampling cannot show any doubt: the interval is that of `agreement`. None with a single trial
    in an arm.
    """
    if not tasks:
        return Aggregate(math.nan, None)
    table = [wins(method, human) for method, human in tasks]
    points = [
        float(_even_weights(method) @ win @ _even_weights(human))
        for (method, human), win in zip(tasks, table, strict=True)
    ]
    point = float(np.mean(points))
    sizes = [min(degrees(method), degrees(human)) + 1 for method, human in tasks]
    if min(sizes) < 2:
        return Aggregate(point, None)
    if all(np.ptp(win) == 0 for win in table):
        units = [(degrees(method) + 1, degrees(human) + 1) for method, human in tasks]
        return Aggregate(point, agreement(points, units))
    rng = np.random.default_rng(seed)
    total = np.zeros(count)
    for (method, human), win in zip(tasks, table, strict=True):
        left = weights(method, draw(method, rng, count))
        right = weights(human, draw(human, rng, count))
        total += ((left @ win) * right).sum(axis=1)
    stretch = math.sqrt(sum(sizes) / (sum(sizes) - len(sizes)))
    arms = [Arms(method, human, ()) for method, human in tasks]
    wide = interval_about(point, total / len(tasks), arms, stretch)
    return Aggregate(point, Interval(max(0.0, wide.low), min(1.0, wide.high)))


def agreement(points: Sequence[float], units: Sequence[tuple[int, int]]) -> Interval:
    """Interval for the mean over tasks of P(better) from each task's alone, given the units (m, n) of its two arms.

    MOVER (Zou and Donner 2008): the distance of an end from the mean is the root of the summed squares of the tasks'
    distances, over their number.
    """
    ends = [newcombe(point, *sizes) for point, sizes in zip(points, units, strict=True)]
    down = math.hypot(*(point - end.low for point, end in zip(points, ends, strict=True))) / len(points)
    up = math.hypot(*(end.high - point for point, end in zip(points, ends, strict=True))) / len(points)
    mean = float(np.mean(points))
    return Interval(max(0.0, mean - down), min(1.0, mean + up))


def newcombe(point: float, m: int, n: int) -> Interval:
    """Interval for P(better) of one task, of m and n trials: method 5 of Newcombe 2006 (part 2), with Student's t.

    The ends θ solve |point - θ| = t √V(θ) with V(θ) = θ (1 - θ) [1 + (N - 1) ((1 - θ) / (2 - θ) + θ / (1 + θ))] / (m n)
    and N = (m + n) / 2, after Hanley and McNeil 1982. Unlike a resampled one it has a width where all pairs agree.
    """
    quantile, mean_size = t_quantile(m + n - 2), (m + n) / 2

    def beyond(theta: float) -> float:
        """Above 0 where θ is too far from the point."""
        more = (mean_size - 1.0) * ((1.0 - theta) / (2.0 - theta) + theta / (1.0 + theta))
        return abs(point - theta) - quantile * math.sqrt(theta * (1.0 - theta) * (1.0 + more) / (m * n))

    low = float(brentq(beyond, 0.0, point - CLOSE)) if point > CLOSE else 0.0
    high = float(brentq(beyond, point + CLOSE, 1.0)) if point < 1.0 - CLOSE else 1.0
    return Interval(low, high)


def _even_weights(cell: Cell) -> Floats:
    return np.concatenate([np.full(row.size, 1.0 / (row.size * len(cell))) for row in cell])
