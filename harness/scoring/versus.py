"""Two methods against each other, over tasks: on the human-normalised scale, with what they share counted once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.scoring.aggregate import Aggregate, Part, combined, with_interval
from harness.scoring.cells import Cell, Estimate
from harness.scoring.intervals import LEVEL, cautious
from harness.scoring.normalise import unbiased_ratio


@dataclass(frozen=True)
class Pair:
    """Two methods on a task, and the references that both are normalised by."""

    left: Cell
    right: Cell
    human: Cell
    sparse: Cell
    bounds: tuple[float, float] = (-math.inf, math.inf)
    """Between which the scores of the task lie."""


def difference_of_means(tasks: Sequence[Pair], level: float = LEVEL) -> Aggregate:
    """Mean over tasks of (left - right) / |human - sparse| of the means: the difference of two headlines.

    Interval: as that of `mean_of_ratios`, two-sided at `level`. None where an arm has a single score or all parts are
    without spread. NaN without a task, or with one where human and sparse score the same.
    """
    return with_interval(estimated_difference(tasks), level)


def estimated_difference(tasks: Sequence[Pair]) -> Estimate:
    """The difference of two headlines, its variance and Satterthwaite's degrees of freedom over all parts.

    Of Beale's ratios, as they are (`unbiased_ratio`). With D the difference on a task and b = human - sparse, the delta
    method gives the task the variance (v_left + v_right + D² (v_human + v_sparse)) / b²: the noise of shared references
    matters as far as the methods differ. Variances are `cautious`. Unknown, and NaN, as `difference_of_means` says.
    """
    points: list[float] = []
    parts: list[Part] = []
    for task in tasks:
        left, right, human, sparse = (
            cautious(cell, *task.bounds) for cell in (task.left, task.right, task.human, task.sparse)
        )
        gap = abs(human.mean - sparse.mean)
        above, below = (unbiased_ratio(cell, task.human, task.sparse) for cell in (task.left, task.right))
        points.append(above - below)
        slopes = ((left, 1.0), (right, 1.0), (human, points[-1]), (sparse, points[-1]))
        parts += [(arm, slope / gap) for arm, slope in slopes if gap]
    return combined(points, parts)
