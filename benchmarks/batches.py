"""The headline of many repetitions at once, for simulations: `benchmarks.coverage` holds it to the harness's own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from harness.scoring.cells import Floats


@dataclass(frozen=True)
class Batch:
    """`estimate` and `cautious` of one arm: (repetitions,) each."""

    mean: Floats
    plain: Floats
    """Variance of the mean."""
    variance: Floats
    """The same, cautious at a bound."""
    df: Floats


@dataclass(frozen=True)
class Task:
    """A number of one task and what it adds to the mean over tasks: (repetitions,) each."""

    point: Floats
    variance: Floats
    squares: Floats
    """Σ v² / df over the arms, for Satterthwaite's degrees of freedom."""


def batch(scores: Floats, low: float, high: float) -> Batch:
    """An arm of scores (repetitions, searches, seeds) between two bounds."""
    rows = scores.reshape(len(scores), -1)
    units = rows if scores.shape[1] == 1 else scores.mean(axis=2)
    plain = units.var(axis=1, ddof=1) / units.shape[1]
    bounds = [bound for bound in (low, high) if math.isfinite(bound)]
    padded = np.concatenate([rows, np.tile(bounds, (len(rows), 1))], axis=1)
    wide = padded.var(axis=1, ddof=1) / padded.shape[1]
    use = ((rows <= low) | (rows >= high)).any(axis=1) & (wide > plain)
    df = np.where(use, padded.shape[1] - 1.0, units.shape[1] - 1.0)
    return Batch(units.mean(axis=1), plain, np.where(use, wide, plain), df)


def ratio(method: Batch, human: Batch, sparse: Batch) -> Floats:
    """`unbiased_ratio`."""
    a, b = method.mean - sparse.mean, human.mean - sparse.mean
    return np.sign(b) * (a * b + sparse.plain) / (b * b + human.plain + sparse.plain)


def task(point: Floats, arms: Sequence[tuple[Batch, Floats | float]]) -> Task:
    """A task's number and its arms, each with the slope of the number in the arm's mean."""
    variances = [(arm.variance * slope * slope, arm.df) for arm, slope in arms]
    total = sum((v for v, _ in variances), np.zeros_like(point))
    return Task(point, total, sum((v * v / df for v, df in variances), np.zeros_like(point)))


def headline_part(method: Batch, human: Batch, sparse: Batch) -> Task:
    """What a task adds to `mean_of_ratios`."""
    point, gap = ratio(method, human, sparse), human.mean - sparse.mean
    signed = np.sign(gap) * point
    return task(point, [(method, 1.0 / gap), (human, signed / gap), (sparse, (1.0 - signed) / gap)])


def difference_part(left: Batch, right: Batch, human: Batch, sparse: Batch) -> Task:
    """What a task adds to `difference_of_means`."""
    point, gap = ratio(left, human, sparse) - ratio(right, human, sparse), human.mean - sparse.mean
    return task(point, [(left, 1.0 / gap), (right, 1.0 / gap), (human, point / gap), (sparse, point / gap)])


def over_tasks(tasks: Sequence[Task]) -> tuple[Floats, Floats]:
    """`mean_over`: lower and upper ends, (repetitions,) each."""
    point = np.mean([one.point for one in tasks], axis=0)
    variance = np.sum([one.variance for one in tasks], axis=0)
    df = variance**2 / np.sum([one.squares for one in tasks], axis=0)
    half = stdtrit(df, 0.975) * np.sqrt(variance) / len(tasks)
    return point - half, point + half
