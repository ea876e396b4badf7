"""Methods of a run against each other: what is won, lost and open, over tasks and on each of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from harness.scoring.aggregate import Aggregate
from harness.scoring.analysis import Analysis
from harness.scoring.cells import Cell, estimate
from harness.scoring.comparison import difference, holm, welch
from harness.scoring.improvement import probability_of_improvement
from harness.scoring.intervals import Interval
from harness.scoring.task_info import TaskInfo
from harness.scoring.versus import Pair, difference_of_means
from harness.scoring.wins import Record, by_means


@dataclass(frozen=True)
class Bout:
    """Two methods on one task."""

    task: TaskInfo
    left: str
    right: str
    difference: float
    """Of the mean F, left - right."""
    interval: Interval | None
    """Of the difference, 95 %, unadjusted."""
    p_value: float | None
    """Holm-adjusted over the tasks of the pair."""


@dataclass(frozen=True)
class Rivalry:
    """Two methods over the tasks that both have scores on."""

    left: str
    right: str
    difference: Aggregate
    """Of the mean ratios, left - right, with what both are normalised by counted once."""
    normalised_tasks: int
    improvement: Aggregate
    """P(a trial of left > one of right), mean over tasks."""
    bouts: tuple[Bout, ...]

    @property
    def means(self) -> Record:
        """Tasks with the higher mean on the left, equal means, and the higher one on the right."""
        return by_means(bout.difference for bout in self.bouts)


def rivalries(analysis: Analysis) -> list[Rivalry]:
    """Every pair of methods that are neither human nor sparse, in order of display, with a task in common."""
    pairs = itertools.combinations(analysis.run.compared, 2)
    # what is listed later is set against what is before
    found = [_rivalry(analysis, right, left) for left, right in pairs]
    return [one for one in found if one.bouts]


def _rivalry(analysis: Analysis, left: str, right: str) -> Rivalry:
    tasks = [t for t in analysis.run.tasks if analysis.score(t, left).cell and analysis.score(t, right).cell]
    cells = [(analysis.score(task, left).cell, analysis.score(task, right).cell) for task in tasks]
    shared = [pair for task in tasks if (pair := _pair(analysis, task, left, right)) is not None]
    return Rivalry(
        left,
        right,
        difference_of_means(shared),
        len(shared),
        probability_of_improvement(cells),
        tuple(_bouts(tasks, cells, left, right)),
    )


def _pair(analysis: Analysis, task: TaskInfo, left: str, right: str) -> Pair | None:
    """A task on which two methods are normalised by the same trials; None where they are not."""
    if any((task.slug, method) in analysis.unscaled for method in (left, right)):
        return None
    human, sparse = analysis.human(task, left), analysis.sparse(task, left)
    if (
        human is None
        or sparse is None
        or human is not analysis.human(task, right)
        or sparse is not analysis.sparse(task, right)
    ):
        return None
    return Pair(
        analysis.score(task, left).cell,
        analysis.score(task, right).cell,
        human.cell,
        sparse.cell,
        task.bounds,
    )


def _bouts(
    tasks: Sequence[TaskInfo], cells: Sequence[tuple[Cell, Cell]], left: str, right: str
) -> list[Bout]:
    tests = [welch(one, other, *task.bounds) for task, (one, other) in zip(tasks, cells, strict=True)]
    tested = [p for p in tests if p is not None]
    adjusted = iter(holm(tested))
    return [
        Bout(
            task,
            left,
            right,
            estimate(one).mean - estimate(other).mean,
            difference(one, other, *task.bounds),
            None if p is None else float(next(adjusted)),
        )
        for task, (one, other), p in zip(tasks, cells, tests, strict=True)
    ]
