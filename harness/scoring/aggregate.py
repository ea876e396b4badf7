"""One number over all tasks, with method, human and sparse scores resampled together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.scoring.cells import Cell, Estimate, Floats, estimate, pooled, satterthwaite
from harness.scoring.intervals import LEVEL, Interval, cautious, small_sample_factor, t_quantile
from harness.scoring.normalise import CLIP, human_normalised, unbiased_ratio
from harness.scoring.resample import RESAMPLES, SEED, degrees, draw, means, rescaled, values


@dataclass(frozen=True)
class Arms:
    """The cells of one task that a normalised score is made of."""

    method: Cell
    human: Cell
    sparse: Cell
    bounds: tuple[float, float] = (-math.inf, math.inf)
    """Between which the scores of the task lie."""


@dataclass(frozen=True)
class Aggregate:
    """A number over tasks and its 95 % interval (None where an arm has a single score)."""

    point: float
    interval: Interval | None


def iqm(scores: Floats) -> Floats:
    """Interquartile mean along the last axis, NaN ignored: (..., K) → (...).

    Mean of what is left after floor(K/4) scores are cut from either end (Agarwal et al. 2021, section 4.3;
    the same as scipy.stats.trim_mean with 0.25). NaN where nothing is left.
    """
    ordered = np.sort(scores, axis=-1)  # NaN sorts to the end
    count = np.asarray((~np.isnan(ordered)).sum(axis=-1))
    cut = (count // 4)[..., None]
    slot = np.arange(ordered.shape[-1])
    inside = (slot >= cut) & (slot < count[..., None] - cut)
    kept = inside.sum(axis=-1)
    total = np.where(inside, ordered, 0.0).sum(axis=-1)
    return np.asarray(np.divide(total, kept, out=np.full_like(total, np.nan), where=kept > 0))


def mean_of_ratios(tasks: Sequence[Arms]) -> Aggregate:
    """Mean over tasks of the ratio of means (method - sparse) / |human - sparse|: the strict headline.

    Each ratio is Beale's (`unbiased_ratio`), since a bias would be the same in all tasks and does not average out. With
    b = human - sparse and R the ratio, the delta method gives a task the variance (v_m + R² v_h + (1 - R)² v_s) / b²
    for R of the sign of b, so that the noise of the references counts; tasks are independent of each other. Interval:
    Student's t with Satterthwaite's degrees of freedom over all parts. Variances are `cautious` where a score sits at
    a bound of its task. None where an arm has a single score.
    """
    ratios: list[float] = []
    parts: list[Part] = []
    for task in tasks:
        m, h, s = (cautious(cell, *task.bounds) for cell in (task.method, task.human, task.sparse))
        gap = h.mean - s.mean
        ratios.append(unbiased_ratio(task.method, task.human, task.sparse))
        ratio = math.copysign(1.0, gap) * ratios[-1]
        parts += [(arm, slope / gap) for arm, slope in ((m, 1.0), (h, ratio), (s, 1.0 - ratio)) if gap]
    return with_interval(combined(ratios, parts))


Part = tuple[Estimate, float]
"""An arm of a task, and the slope of the task's number in the arm's mean."""


def combined(points: Sequence[float], parts: Sequence[Part]) -> Estimate:
    """Mean of the tasks' numbers, its variance by the delta method, and Satterthwaite's degrees of freedom.

    From all arms that went into them; variance and degrees of freedom are None where an arm has a single score.
    """
    point = float(np.mean(points)) if points else math.nan
    known = [
        (arm.variance * (slope / len(points)) ** 2, arm.df)
        for arm, slope in parts
        if arm.variance is not None and arm.df is not None
    ]
    if len(known) < len(parts) or not math.isfinite(point):
        return Estimate(point, None, None, len(points))
    return Estimate(point, sum(variance for variance, _ in known), satterthwaite(known), len(points))


def with_interval(found: Estimate, level: float = LEVEL) -> Aggregate:
    """An estimate with Student's t interval, two-sided at `level`; None where nothing is known to vary."""
    if not found.variance or found.df is None:
        return Aggregate(found.mean, None)
    half = t_quantile(found.df, level) * math.sqrt(found.variance)
    return Aggregate(found.mean, Interval(found.mean - half, found.mean + half))


def normalised_scores(tasks: Sequence[Arms]) -> Floats:
    """Normalised scores of every trial of every task, (K,), references averaged."""
    rows = [
        human_normalised(pooled(t.method), estimate(t.human).mean, estimate(t.sparse).mean) for t in tasks
    ]
    return np.concatenate(rows) if rows else np.empty(0)


def normalised_resamples(tasks: Sequence[Arms], count: int = RESAMPLES, seed: int = SEED) -> list[Floats]:
    """Per task, `count` joint resamples of its normalised trial scores: (count, M, S), NaN in empty slots.

    Stratified by task; the three arms of a task are drawn independently of each other, each from its
    rescaled cell, so that the noise of the references is part of every resample.
    """
    rng = np.random.default_rng(seed)
    out = []
    for task in tasks:
        arms = [rescaled(cell) for cell in (task.method, task.human, task.sparse)]
        drawn = [values(cell, draw(cell, rng, count)) for cell in arms]
        human, sparse = means(drawn[1])[:, None, None], means(drawn[2])[:, None, None]
        out.append(human_normalised(drawn[0], human, sparse))
    return out


def iqm_normalised(tasks: Sequence[Arms], count: int = RESAMPLES, seed: int = SEED) -> Aggregate:
    """Interquartile mean of the normalised scores over tasks x searches x seeds: typical trials.

    To be compared with the human reward's own, never with 1: it trims a method's failures, but not those in the mean
    that it is normalised by.

    Percentile interval of the joint resamples, widened about the point by t/z for the degrees of freedom of
    all tasks together (1 % at 29 tasks of five seeds, 42 % at two tasks of three).
    """
    point = float(iqm(normalised_scores(tasks)))
    resamples = normalised_resamples(tasks, count, seed) if _has_spread(tasks) else []
    flat = [drawn.reshape(count, -1) for drawn in resamples]
    return Aggregate(point, interval_about(point, iqm(np.concatenate(flat, axis=1)), tasks) if flat else None)


def clipped_mean(tasks: Sequence[Arms], count: int = RESAMPLES, seed: int = SEED) -> Aggregate:
    """Mean over tasks of the ratio of means, each clipped to [0, 3]: the paper's average.

    Ma et al. 2024, appendix D. Biased upward and heavy-tailed: the headline of the paper protocol only,
    elsewhere a labelled legacy column.
    """
    if not tasks:
        return Aggregate(math.nan, None)
    point = float(
        np.mean(
            [
                np.clip(
                    human_normalised(
                        np.array(estimate(t.method).mean), estimate(t.human).mean, estimate(t.sparse).mean
                    ),
                    *CLIP,
                )
                for t in tasks
            ]
        )
    )
    if not _has_spread(tasks):
        return Aggregate(point, None)
    drawn = [np.clip(means(task), *CLIP) for task in normalised_resamples(tasks, count, seed)]
    return Aggregate(point, interval_about(point, np.mean(drawn, axis=0), tasks))


def interval_about(point: float, statistics: Floats, tasks: Sequence[Arms], stretch: float = 1.0) -> Interval:
    """Percentile interval of `statistics` (B,), its distances from the point times t/z x `stretch`."""
    df = sum(min(degrees(cell) for cell in (task.method, task.human, task.sparse) if cell) for task in tasks)
    wide = stretch * small_sample_factor(df)
    low, high = np.nanquantile(statistics, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return Interval(
        min(point, point + wide * float(low - point)), max(point, point + wide * float(high - point))
    )


def _has_spread(tasks: Sequence[Arms]) -> bool:
    return bool(tasks) and all(min(map(degrees, (t.method, t.human, t.sparse))) > 0 for t in tasks)
