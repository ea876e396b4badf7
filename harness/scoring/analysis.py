"""All statistics of a run, computed once; figures, tables and frames only show them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harness.roles import HUMAN, REFERENCES
from harness.scoring.aggregate import (
    Aggregate,
    Arms,
    clipped_mean,
    iqm,
    iqm_normalised,
    mean_of_ratios,
    normalised_scores,
)
from harness.scoring.cells import Cell, Floats, estimate, pooled
from harness.scoring.comparison import holm, welch
from harness.scoring.improvement import probability_of_improvement
from harness.scoring.intervals import Interval, mean_interval, mean_over_tasks
from harness.scoring.normalise import Ratio, fieller
from harness.scoring.references import why_unscaled
from harness.scoring.rundata import RunData, base_name, is_reference
from harness.scoring.scores import Tally, best_search, cell, floor, rows, scored_searches, tally
from harness.scoring.searchdata import Search, Trial
from harness.scoring.task_info import TaskInfo
from harness.scoring.wins import Record, at_95_percent, by_means


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
    def finals(self) -> list[Trial]:
        """The final trials of all searches, of those too that are not in the cell."""
        return [trial for search, _ in self.searches if search for trial in search.finals]

    @property
    def n(self) -> int:
        """Trials in the cell, those of failed searches included."""
        return int(pooled(self.cell).size)


@dataclass(frozen=True)
class Headline:
    """A method over all tasks."""

    method: str
    mean: Aggregate
    """Over tasks, of the ratio of means."""
    iqm: Aggregate
    """Of its trials."""
    human_iqm: float
    """Of the human reward's trials, on the same tasks and scale; NaN without any."""
    clipped: Aggregate
    improvement: Aggregate
    success: Aggregate
    """Mean success rate over the tasks that have success."""
    means: Record
    """Tasks on which its mean is above, equal to and below the human reward's."""
    significant: Record
    """The same where the difference shows at 95 %, Holm-adjusted over tasks; ties elsewhere."""
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
    unscaled: Mapping[tuple[str, str], str]
    """Tasks left out of the ratios of a method ((slug, method) → why): for all methods of a run alike."""
    floors: Mapping[tuple[str, str], float]
    """By task slug and method: of all methods of a run the same."""
    headlines: tuple[Headline, ...]

    def score(self, task: TaskInfo, method: str) -> Score:
        """What `method` reached on `task`."""
        return self.scores[task.slug, method]

    @property
    def strict(self) -> bool:
        """Whether the headline is the strict protocol's."""
        return self.run.config.protocol != "paper"

    def scaled(self, method: str) -> list[TaskInfo]:
        """Tasks on which a method has normalised scores."""
        return [task for task in self.run.tasks if (task.slug, method) not in self.unscaled]

    @property
    def scaled_tasks(self) -> list[TaskInfo]:
        """Tasks on which some method has normalised scores."""
        scaled = {task.slug for method in self._normalised for task in self.scaled(method)}
        return [task for task in self.run.tasks if task.slug in scaled]

    @property
    def without_set(self) -> list[TaskInfo]:
        """Tasks that are normalised, and by the run's own references alone."""
        known = self.run.references
        return [
            task
            for task in self.scaled_tasks
            if not any((task.slug, method) in known for method in REFERENCES)
        ]

    def why_unscaled(self, task: TaskInfo) -> str:
        """Why a task is left out of the ratios, "" if it is for no method; with the methods where runs differ."""
        found = {m: self.unscaled.get((task.slug, m)) for m in self._normalised if self.has(task, m)}
        whys: dict[str, list[str]] = {}
        for method, why in found.items():
            if why is not None:
                whys.setdefault(why, []).append(method)
        if len(whys) == 1 and None not in found.values():
            return next(iter(whys))
        return "; ".join(f"{', '.join(names)}: {why}" for why, names in whys.items())

    def has(self, task: TaskInfo, method: str) -> bool:
        """Whether a method was asked for, tried, or is in the reference set, on a task."""
        known = self.run.reference(task.slug, method) is not None
        return known or (task.slug, method) in self.run.expected or bool(self.run.of(task.slug, method))

    def human(self, task: TaskInfo, method: str) -> Score | None:
        """The score of the human reward that a method is compared with, if there is one."""
        return self.scores.get((task.slug, self.run.family(method).human))

    def sparse(self, task: TaskInfo, method: str) -> Score | None:
        """The score of the sparse reward that a method is normalised by, if there is one."""
        return self.scores.get((task.slug, self.run.family(method).sparse))

    def references(self, task: TaskInfo) -> list[Score]:
        """What human and sparse rewards reached on a task, of all runs, where they have a score."""
        found = [self.score(task, method) for method in self.run.methods if is_reference(method)]
        return [score for score in found if score.mean is not None]

    @property
    def _normalised(self) -> tuple[str, ...]:
        return self.run.compared or self.run.methods

    @property
    def conditional(self) -> list[str]:
        """Searching methods of which at most one search stands behind every number."""
        searching = self.run.searching
        return [m for m in searching if all(len(self.score(t, m).cell) <= 1 for t in self.run.tasks)]

    def normalised(self, line: Headline) -> Aggregate:
        """The protocol's aggregate: mean over tasks of ratios of means (strict), of clipped ones (paper)."""
        return line.mean if self.strict else line.clipped

    def arms(self, method: str) -> list[Arms]:
        """What the ratio aggregates of a method are made of."""
        found = []
        for task in self.scaled(method):
            human, sparse = self.human(task, method), self.sparse(task, method)
            mine = self.score(task, method).cell
            if mine and human is not None and sparse is not None:
                found.append(Arms(mine, human.cell, sparse.cell, task.bounds))
        return found


def analyse(run: RunData) -> Analysis:
    """Scores per task and method, normalised, compared and aggregated under the run's protocol."""
    scores: dict[tuple[str, str], Score] = {}
    unscaled: dict[tuple[str, str], str] = {}
    families = {run.family(method): None for method in run.methods}
    for task in run.tasks:
        found = {method: _score(run, task, method) for method in run.methods}
        ratios: dict[str, Ratio] = {}
        for family in families:
            cells = {method: found[method].cell for method in family.methods}
            human, sparse = (found[m].cell if m in found else () for m in (family.human, family.sparse))
            reason = why_unscaled(run, task, human, sparse)
            mine = {
                m: fieller(c, human, sparse, *task.bounds)
                for m, c in cells.items()
                if c and not is_reference(m) and human and sparse
            }
            ratios |= mine
            if reason:
                unscaled |= {(task.slug, method): reason for method in family.methods}
        for method, score in found.items():
            scores[task.slug, method] = dataclasses.replace(score, ratio=ratios.get(method))
    for method in run.methods:
        _compare(run, scores, method)
    floors = {(task.slug, method): floor(run, task, method) for task in run.tasks for method in run.methods}
    bare = Analysis(run, scores, unscaled, floors, ())
    return dataclasses.replace(bare, headlines=tuple(_headline(bare, method) for method in run.methods))


def _score(run: RunData, task: TaskInfo, method: str) -> Score:
    scores, chosen = cell(run, task, method), [search for search, _ in scored_searches(run, task, method)]
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


def _compare(run: RunData, scores: dict[tuple[str, str], Score], method: str) -> None:
    """Fill in the adjusted p-values of a method against human."""
    reference = run.family(method).human
    if base_name(method) == HUMAN or reference not in run.methods:
        return
    tested: dict[tuple[str, str], float] = {}
    for task in run.tasks:
        mine, human = scores[task.slug, method].cell, scores[task.slug, reference].cell
        p = welch(mine, human, *task.bounds) if mine and human else None
        if p is not None:
            tested[task.slug, method] = p
    for key, adjusted in zip(tested, holm(list(tested.values())), strict=True):
        scores[key] = dataclasses.replace(scores[key], p_value=float(adjusted))


def _headline(analysis: Analysis, method: str) -> Headline:
    run, arms = analysis.run, analysis.arms(method) if not is_reference(method) else []
    pairs, gaps, p_values = [], [], []
    for task in run.tasks if base_name(method) != HUMAN else ():
        mine, human = analysis.score(task, method), analysis.human(task, method)
        if mine.mean is not None and human is not None and human.mean is not None:
            pairs.append((mine.cell, human.cell))
            gaps.append(mine.mean - human.mean)
            p_values.append(mine.p_value)
    success = [
        analysis.score(t, method).cell
        for t in run.tasks
        if t.fitness == "SUCCESS" and analysis.score(t, method).cell
    ]
    rate = float(np.mean([estimate(cell).mean for cell in success])) if success else float("nan")
    return Headline(
        method=method,
        mean=mean_of_ratios(arms),
        iqm=iqm_normalised(arms),
        human_iqm=float(iqm(normalised_scores([dataclasses.replace(a, method=a.human) for a in arms]))),
        clipped=clipped_mean(arms),
        improvement=probability_of_improvement(pairs),
        success=Aggregate(rate, mean_over_tasks(success, 0.0, 1.0)),
        means=by_means(gaps),
        significant=at_95_percent(gaps, p_values),
        normalised_tasks=len(arms),
        compared_tasks=len(pairs),
        success_tasks=len(success),
        searches=max((len(analysis.score(task, method).searches) for task in run.tasks), default=0),
    )
