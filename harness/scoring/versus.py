"""Two methods against each other, over tasks: on the human-normalised scale, with what they share counted once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.scoring.aggregate import Aggregate
from harness.scoring.cells import Cell, Estimate, satterthwaite
from harness.scoring.intervals import LEVEL, Interval, cautious, t_quantile


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

    Interval: Student's t with Satterthwaite's degrees of freedom, two-sided at `level`. None where an arm has a single
    score or all parts are without spread. NaN without a task, or with one where human and sparse score the same.
    """
    found = estimated_difference(tasks)
    if not found.variance or found.df is None:
        return Aggregate(found.mean, None)
    half = t_quantile(found.df, level) * math.sqrt(found.variance)
    return Aggregate(found.mean, Interval(found.mean - half, found.mean + half))


def estimated_difference(tasks: Sequence[Pair]) -> Estimate:
    """The difference of two headlines, its variance and Satterthwaite's degrees of freedom over all parts.

    With D the ratio of a task and b = human - sparse, the delta method gives the task the variance
    (v_left + v_right + D² (v_human + v_sparse)) / b²: the noise of shared references matters as far as the methods
    differ. Variances are `cautious`. Unknown, and NaN, where `difference_of_means` says so.
    """
    points: list[float] = []
    parts: list[tuple[float, float]] = []
    unknown = not tasks
    for task in tasks:
        left, right, human, sparse = (
            cautious(cell, *task.bounds) for cell in (task.left, task.right, task.human, task.sparse)
        )
        gap = abs(human.mean - sparse.mean)
        ratio = (left.mean - right.mean) / gap if gap else math.nan
        points.append(ratio)
        for of, weight in ((left, 1.0), (right, 1.0), (human, ratio), (sparse, ratio)):
            if of.variance is None or of.df is None or not gap:
                unknown = True
            else:
                parts.append((of.variance * (weight / gap / len(tasks)) ** 2, of.df))
    point = float(np.mean(points)) if points else math.nan
    if unknown or not math.isfinite(point):
        return Estimate(point, None, None, len(tasks))
    return Estimate(point, sum(variance for variance, _ in parts), satterthwaite(parts), len(tasks))
