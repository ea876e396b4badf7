"""From a run to cells: failures get the task's floor and are counted, what is missing is said."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from harness.scoring.cells import Cell, Floats, make_cell
from harness.scoring.rundata import RunData
from harness.scoring.searchdata import Search
from harness.scoring.task_info import TaskInfo


@dataclass(frozen=True)
class Tally:
    """How the trials and searches behind a cell ended."""

    ok: int = 0
    failed: int = 0
    """Final trials without a score, those of failed searches included."""
    missing: int = 0
    """Final trials that have not been done."""
    altered: int = 0
    """Final trials that are not as they were stored, those of altered searches included."""
    failed_searches: int = 0
    missing_searches: int = 0
    altered_searches: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.ok + other.ok,
            self.failed + other.failed,
            self.missing + other.missing,
            self.altered + other.altered,
            self.failed_searches + other.failed_searches,
            self.missing_searches + other.missing_searches,
            self.altered_searches + other.altered_searches,
        )


def floor(run: RunData, task: TaskInfo, method: str) -> float:
    """The score of a failed trial: the task's floor.

    Runs from before rates declared one: the worst finite F that the run has for the task, of final trials, their
    checkpoints and the candidates of all methods of the run that `method` belongs to; NaN if there is none.
    """
    if task.floor is not None:
        return task.floor
    seen: list[float] = []
    family = run.family(method)
    for search in (search for name in family.methods for search in run.of(task.slug, name)):
        seen += [c.f for c in search.candidates.values() if c.f is not None]
        for trial in search.finals:
            seen += [trial.f] if trial.f is not None else []
            seen += [point.f for point in trial.checkpoints if math.isfinite(point.f)]
    return min(seen, default=math.nan)


def rows(run: RunData, task: TaskInfo, method: str) -> list[tuple[Search | None, Floats, Tally]]:
    """Per search of a method on a task: its seed scores with failures at the floor, and the tally.

    A search that was never run has None in its place and no scores; one that was altered has no scores.
    """
    low = floor(run, task, method)
    searches, seeds = run.expected.get((task.slug, method), (0, 0))
    out: list[tuple[Search | None, Floats, Tally]] = []
    for search in run.of(task.slug, method):
        scored = [trial for trial in search.finals if not (trial.missing or trial.altered)]
        altered = sum(trial.altered for trial in search.finals)
        scores: list[float] = []
        if search.altered:
            tally = Tally(altered=max(seeds, 1), altered_searches=1)
        elif search.failed and not search.finals:
            lost = max(seeds, 1)
            scores, tally = [low] * lost, Tally(failed=lost, failed_searches=1)
        else:
            scores = [low if trial.f is None else trial.f for trial in scored]
            ok = sum(trial.ok for trial in scored)
            missing = max(seeds, len(search.finals)) - len(scored) - altered
            tally = Tally(ok, len(scored) - ok, missing, altered)
        usable = np.array([score for score in scores if math.isfinite(score)])
        out.append((search, usable, tally))
    for _ in range(searches - len(out)):
        out.append((None, np.empty(0), Tally(missing=seeds, missing_searches=1)))
    return out


def scored_searches(run: RunData, task: TaskInfo, method: str) -> list[tuple[Search | None, Floats]]:
    """Searches that count under the run's protocol, with their scores: `strict` all, `paper` the best."""
    scored = [(search, scores) for search, scores, _ in rows(run, task, method)]
    best = best_search(run, task, method)
    if run.config.protocol == "paper" and best is not None:
        return [(search, scores) for search, scores in scored if search is best]
    return scored


def cell(run: RunData, task: TaskInfo, method: str) -> Cell:
    """The scores of a method on a task, one row per search that counts; references with those of the reference set."""
    own = make_cell(scores for _, scores in scored_searches(run, task, method))
    reference = run.reference(task.slug, method)
    return own if reference is None else make_cell([np.concatenate([reference.scores, *own])])


def best_search(run: RunData, task: TaskInfo, method: str) -> Search | None:
    """The search whose program had the best score *within the search*; None where none has been run.

    Search seeds are disjoint from those of the final trials, so the choice does not see what it is judged
    by. Ties and failed searches: the earlier one.
    """
    found = [search for search in run.of(task.slug, method) if not search.altered]
    return max(found, key=_selection, default=None)


def tally(run: RunData, task: TaskInfo, method: str) -> Tally:
    """How all trials of a method on a task ended."""
    return sum((each for _, _, each in rows(run, task, method)), Tally())


def selection_scores(run: RunData, task: TaskInfo, method: str) -> tuple[Floats, Floats]:
    """What searches are chosen by, and what their programs then score: two (M,) arrays of the scored ones."""
    scored = [
        (_selection(search), scores.mean())
        for search, scores, _ in rows(run, task, method)
        if search and scores.size
    ]
    return np.array([s for s, _ in scored]), np.array([f for _, f in scored])


def _selection(search: Search) -> float:
    return -math.inf if search.reward_score is None else search.reward_score
