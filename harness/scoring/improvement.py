"""How often a method beats the human reward: a comparison that needs no scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from harness.scoring.aggregate import Aggregate, Arms, interval_about
from harness.scoring.cells import Cell, Floats, pooled
from harness.scoring.intervals import Interval
from harness.scoring.resample import RESAMPLES, SEED, degrees, draw, weights


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
    its distance from the point is widened by √(n/(n-1)) and t/z afterwards, and cut to [0, 1]. None with a
    single trial in an arm, and where all pairs of every task agree: resampling cannot show doubt there.
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
    if min(sizes) < 2 or all(np.ptp(win) == 0 for win in table):
        return Aggregate(point, None)
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


def _even_weights(cell: Cell) -> Floats:
    return np.concatenate([np.full(row.size, 1.0 / (row.size * len(cell))) for row in cell])
