"""All statistics of a report, computed once; figures and tables only show them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harness.scoring.aggregate import Aggregate, Arms, clipped_mean, iqm_normalised
from harness.scoring.cells import Cell, Floats, estimate, pooled
from harness.scoring.comparison import holm, welch
from harness.scoring.improvement import probability_of_improvement
from harness.scoring.intervals import Interval, mean_interval, mean_over_tasks
from harness.scoring.normalise import Ratio, fieller, why_not_normalisable
from harness.scoring.rundata import FIXED, RunData, Search, TaskInfo, Trial, base_name
from harness.scoring.scores import Tally, best_search, cell, counted, floor, rows, tally


@dataclass(frozen=True)
class Score:
    """What a method reached on a task."""

    task: TaskInfo
    method: str
    cell: Cell
    """Under the protocol: all searches (strict) or the best one (paper)."""
    searches: tuple[tuple[Search | None, Floats], ...]
    """Every search with its seed scores, failures at the floor."""
    tally: Tally
    mean: float | None
    interval: Interval | None
    median: float | None
    """Over the trials of the cell."""
    best: float | None
    """Mean of the search with the best score in its own search."""
    ratio: Ratio | None
    """Human-normalised, where the task has both references."""
    trials: tuple[Trial, ...]
    """The final trials behind the cell, failed and missing ones included."""
    p_value: float | None = None
    """Against human, Holm-adjusted over tasks."""

    @property
    def n(self) -> int:
        """Trials in the cell, those of failed searches included."""
        return int(pooled(self.cell).size)


@dataclass(frozen=True)
class Headline:
    """A method over all tasks."""

    method: str
    iqm: Aggregate
    clipped: Aggregate
    improvement: Aggregate
    success: Aggregate
    """Mean success rate over the tasks that have success."""
    normalised_tasks: int
    compared_tasks: int
    success_tasks: int
    searches: int


@dataclass(frozen=True)
class Analysis:
    """A run with its statistics."""

    run: RunData
    scores: Mapping[tuple[str, str], Score]
    """By task slug and method."""
    unscaled: Mapping[str, str]
    """Tasks left out of ratios (slug → why)."""
    floors: Mapping[str, float]
    headlines: tuple[Headline, ...]

    def score(self, task: TaskInfo, method: str) -> Score:
        """What `method` reached on `task`."""
        return self.scores[task.slug, method]

    @property
    def strict(self) -> bool:
        """Whether the headline is the strict protocol's."""
        return self.run.config.protocol != "paper"

    @property
    def scaled_tasks(self) -> list[TaskInfo]:
        """Tasks on which normalised scores exist."""
        return [task for task in self.run.tasks if task.slug not in self.unscaled]

    @property
    def conditional(self) -> list[str]:
        """Searching methods of which at most one search stands behind every number."""
        searching = [m for m in self.run.methods if base_name(m) not in FIXED]
        return [m for m in searching if all(len(self.score(t, m).cell) <= 1 for t in self.run.tasks)]

    def normalised(self, line: Headline) -> Aggregate:
        """The protocol's aggregate: IQM (strict) or mean of clipped ratios (paper)."""
        return line.iqm if self.strict else line.clipped

    def arms(self, method: str) -> list[Arms]:
        """What the ratio aggregates of a method are made of."""
        cells = [
            Arms(self.score(t, method).cell, self.score(t, "human").cell, self.score(t, "sparse").cell)
            for t in self.scaled_tasks
        ]
        return [arms for arms in cells if arms.method]


def analyse(run: RunData) -> Analysis:
    """Scores per task and method, normalised, compared and aggregated under the run's protocol."""
    scores: dict[tuple[str, str], Score] = {}
    unscaled: dict[str, str] = {}
    for task in run.tasks:
        found = {method: _score(run, task, method) for method in run.methods}
        reason, ratios = _normalise(run, {method: score.cell for method, score in found.items()})
        if reason:
            unscaled[task.slug] = reason
        for method, score in found.items():
            scores[task.slug, method] = dataclasses.replace(score, ratio=ratios.get(method))
    for method in run.methods:
        _compare(run, scores, method)
    floors = {task.slug: floor(run, task) for task in run.tasks}
    bare = Analysis(run, scores, unscaled, floors, ())
    return dataclasses.replace(bare, headlines=tuple(_headline(bare, method) for method in run.methods))


def _score(run: RunData, task: TaskInfo, method: str) -> Score:
    scores, chosen = cell(run, task, method), [search for search, _ in counted(run, task, method)]
    by_search = tuple((search, values) for search, values, _ in rows(run, task, method))
    favourite = best_search(run, task, method)
    best = next(
        (values for search, values in by_search if search is not None and search is favourite), np.empty(0)
    )
    return Score(
        task=task,
        method=method,
        cell=scores,
        searches=by_search,
        tally=tally(run, task, method),
        mean=estimate(scores).mean if scores else None,
        interval=mean_interval(scores, *task.bounds),
        median=float(np.median(pooled(scores))) if scores else None,
        best=float(best.mean()) if best.size else None,
        ratio=None,
        trials=tuple(trial for search in chosen if search is not None for trial in search.finals),
    )


def _normalise(run: RunData, cells: Mapping[str, Cell]) -> tuple[str | None, dict[str, Ratio]]:
    """Why a task has no scale (None if it has), and the ratios of its methods."""
    human, sparse = cells.get("human", ()), cells.get("sparse", ())
    reason = why_not_normalisable(human, sparse)
    if not human or not sparse:
        return reason, {}
    ratios = {m: fieller(c, human, sparse) for m, c in cells.items() if c and m not in FIXED}
    if run.config.protocol == "paper":
        equal = estimate(human).mean == estimate(sparse).mean
        return ("human and sparse score the same" if equal else None), ratios
    wild = [method for method, ratio in ratios.items() if ratio.unbounded]
    if reason is None and wild:
        reason = f"the interval of the ratio is unbounded for {', '.join(wild)}"
    return reason, ratios


def _compare(run: RunData, scores: dict[tuple[str, str], Score], method: str) -> None:
    """Fill in the adjusted p-values of a method against human."""
    if method == "human" or "human" not in run.methods:
        return
    tested: dict[tuple[str, str], float] = {}
    for task in run.tasks:
        mine, human = scores[task.slug, method].cell, scores[task.slug, "human"].cell
        p = welch(mine, human) if mine and human else None
        if p is not None:
            tested[task.slug, method] = p
    for key, adjusted in zip(tested, holm(list(tested.values())), strict=True):
        scores[key] = dataclasses.replace(scores[key], p_value=float(adjusted))


def _headline(of: Analysis, method: str) -> Headline:
    run, arms = of.run, of.arms(method) if method not in FIXED else []
    pairs = [
        (of.score(task, method).cell, of.score(task, "human").cell)
        for task in run.tasks
        if "human" in run.methods and of.score(task, method).cell and of.score(task, "human").cell
    ]
    success = [
        of.score(t, method).cell for t in run.tasks if t.fitness == "SUCCESS" and of.score(t, method).cell
    ]
    rate = float(np.mean([estimate(cell).mean for cell in success])) if success else float("nan")
    return Headline(
        method=method,
        iqm=iqm_normalised(arms),
        clipped=clipped_mean(arms),
        improvement=probability_of_improvement(pairs if method != "human" else []),
        success=Aggregate(rate, mean_over_tasks(success, 0.0, 1.0)),
        normalised_tasks=len(arms),
        compared_tasks=len(pairs),
        success_tasks=len(success),
        searches=max((len(of.score(task, method).searches) for task in run.tasks), default=0),
    )
