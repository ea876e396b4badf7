"""Is NEW worse than BASE? A decision between pass, regression and undecided, on the human-normalised scale.

The rule, with D the mean over tasks of (NEW - BASE) / |human - sparse| and a margin that was fixed beforehand:

- *pass* where a one-sided lower bound of D lies above -margin: a drop of the margin is ruled out (non-inferiority;
  ICH E9 1998, section 3.3.2). The bound is Student's t of `estimated_difference`, with pseudo-scores where trials
  sit at a bound of their task: that all of five trials reach the cap does not show how many would not.
- else *regression* where a permutation test within tasks, of "NEW's scores are drawn as BASE's are", rejects it for
  lower ones (Fisher 1935, section 21; Pitman 1937). It is exact whatever the shape of the scores, capped, bimodal or
  failing ones too, so that false alarms do not exceed its level.
- else *undecided*: neither was shown.

Both are one-sided at 5 %. A drop that is told from zero but not from the margin is a regression, one that is shown to
be smaller than the margin passes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.stats import t as student

from harness.scoring.cells import Cell, Floats, units
from harness.scoring.comparison import holm
from harness.scoring.versus import Pair, difference_of_means, estimated_difference

ALPHA: Final = 0.05
"""One-sided, of a false alarm, and of a pass where the drop is as large as the margin."""
POWER: Final = 0.8
"""With which the smallest detectable drop is found."""
MARGIN: Final = 0.1
"""Of the normalised score, where neither the command nor a baseline file names one."""
EXACT: Final = 20_000
"""Rearrangements up to which all are counted."""
DRAWS: Final = 20_000
"""Random rearrangements where there are more."""
SEED: Final = 20231
Verdict = Literal["pass", "regression", "undecided"]


@dataclass(frozen=True)
class Difference:
    """NEW minus BASE on the normalised scale."""

    point: float
    low: float | None
    """Two-sided 90 % interval, whose ends are one-sided 95 % bounds; None where nothing is known of the spread."""
    high: float | None
    p: float
    """Of the one-sided permutation test for a drop."""


@dataclass(frozen=True)
class Decision:
    """What was decided, and from what."""

    verdict: Verdict
    difference: Difference
    smallest: float | None
    """The smallest drop that a comparison of this size finds with 80 % power; None if it could find none."""
    margin: float
    why: str


def decide(
    tasks: Sequence[Pair], margin: float, alarm: float = ALPHA, clearance: float = ALPHA, draws: int = DRAWS
) -> Decision:
    """NEW (left) against BASE (right) over tasks: see the module's docstring.

    `alarm` and `clearance` are the levels of a regression and of a pass; at an interim look each is what the look may
    spend. ValueError without a task.
    """
    if not tasks:
        raise ValueError("no task to decide on")
    p, least = permutation_p(tasks, draws)
    difference = differs(tasks, clearance, p)
    low = difference.low
    smallest = smallest_drop(tasks, alarm) if least <= alarm else None
    shown, level = f"{difference.point:+.3f}", f"{100 * (1 - clearance):.4g} %"
    if low is not None and low > -margin:
        why = f"the difference is {shown}, and at least {low:+.3f} at {level}: a drop of {margin:g} is ruled out"
        return Decision("pass", difference, smallest, margin, why)
    if p <= alarm:
        why = f"the difference is {shown}, and below zero (p = {p:.3g}, one-sided permutation test)"
        return Decision("regression", difference, smallest, margin, why)
    bound = (
        ""
        if low is None
        else f" and a drop of {margin:g} is not ruled out (lower bound {low:+.3f} at {level})"
    )
    why = f"the difference is {shown}: no drop is shown (p = {p:.3g}){bound}"
    return Decision("undecided", difference, smallest, margin, why)


def differs(tasks: Sequence[Pair], alpha: float, p: float | None = None) -> Difference:
    """The difference over tasks with one-sided bounds at `alpha`; `p` of the permutation test, if it is known."""
    found = difference_of_means(tasks, 1 - 2 * alpha)
    low, high = (None, None) if found.interval is None else (found.interval.low, found.interval.high)
    return Difference(found.point, low, high, permutation_p(tasks)[0] if p is None else p)


def by_task(tasks: Sequence[Pair], draws: int = DRAWS) -> list[Difference]:
    """The difference on each task, its own interval (unadjusted) and its p-value, Holm-adjusted for their number."""
    adjusted = holm([permutation_p([task], draws)[0] for task in tasks])
    return [differs([task], ALPHA, float(p)) for task, p in zip(tasks, adjusted, strict=True)]


def smallest_drop(tasks: Sequence[Pair], alpha: float = ALPHA, power: float = POWER) -> float | None:
    """The smallest drop found with `power` at level `alpha`: (t_alpha + t_power) standard errors of the difference.

    Cohen 1988, section 2.4, with Student's quantiles; the standard error is the cautious one of
    `estimated_difference`, so that trials which all sit at a cap do not promise to find any drop. None where it is
    unknown.
    """
    found = estimated_difference(tasks)
    if not found.variance or found.df is None:
        return None
    return float(student.isf(alpha, found.df) + student.ppf(power, found.df)) * math.sqrt(found.variance)


def permutation_p(tasks: Sequence[Pair], draws: int = DRAWS) -> tuple[float, float]:
    """One-sided p-value for a drop, and the smallest one that so few scores can have.

    Within each task the scores of both arms are dealt out anew, and the mean over tasks of the normalised difference
    is compared with what was found; the unit is the search where there are several. All rearrangements are counted
    where there are few, else `draws` random ones with (b + 1) / (m + 1) (Phipson & Smyth 2010). A single search against
    several has no common unit: there it is the t-test of `estimated_difference`. NaN, and never small, where human and
    sparse score the same.
    """
    scales = [abs(_mean(task.human) - _mean(task.sparse)) * len(tasks) for task in tasks]
    if not all(scales):
        return math.nan, 1.0
    arms = [(units(task.left), units(task.right)) for task in tasks]
    found = sum((left.mean() - right.mean()) / s for (left, right), s in zip(arms, scales, strict=True))
    if any((len(task.left) > 1) != (len(task.right) > 1) for task in tasks):
        return _t_test(tasks), 0.0
    counts = [math.comb(left.size + right.size, left.size) for left, right in arms]
    rng = np.random.default_rng(SEED)
    total = math.prod(counts)
    nulls = [
        _rearranged(left, right, rng, draws, exact=count <= EXACT) / scale
        for (left, right), scale, count in zip(arms, scales, counts, strict=True)
    ]
    slack = 1e-9 * max(1.0, abs(found))  # sums of the same numbers in another order are ties
    if total <= EXACT:
        null = np.zeros(1)
        for part in nulls:
            null = np.add.outer(null, part).ravel()
        return float(np.mean(null <= found + slack)), 1 / total
    null = sum((part if part.size == draws else rng.choice(part, draws) for part in nulls), np.zeros(draws))
    return float((np.sum(null <= found + slack) + 1) / (draws + 1)), 1 / (draws + 1)


def _rearranged(left: Floats, right: Floats, rng: np.random.Generator, draws: int, *, exact: bool) -> Floats:
    """Differences of the means of two arms of these sizes, scores dealt out in every way or in `draws` random ones."""
    scores, n = np.concatenate([left, right]), left.size
    if exact:
        picked = np.array(list(itertools.combinations(range(scores.size), n)))
    else:
        picked = np.argpartition(rng.random((draws, scores.size)), n - 1, axis=1)[:, :n]
    sums = scores[picked].sum(axis=1)
    return np.asarray(sums / n - (scores.sum() - sums) / right.size)


def _t_test(tasks: Sequence[Pair]) -> float:
    found = estimated_difference(tasks)
    if not found.variance or found.df is None:
        return math.nan
    return float(student.cdf(found.mean / math.sqrt(found.variance), found.df))


def _mean(cell: Cell) -> float:
    return float(units(cell).mean())
