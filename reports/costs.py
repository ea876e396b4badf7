"""What a run used: experience, trainings, model calls. No seconds, so that a replayed run reads the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.scoring.rundata import RunData, Search, Trial, Usage


@dataclass(frozen=True)
class Cost:
    """The cost of a method, over all tasks."""

    method: str
    candidates: int
    search_trials: int
    final_trials: int
    env_steps: int
    usage: Usage


def costs(run: RunData) -> list[Cost]:
    """One row per method; a trial that serves twice is counted once."""
    out = []
    for method in run.methods:
        searches = [s for task in run.tasks for s in run.of(task.slug, method)]
        found = [c for search in searches for c in search.candidates.values()]
        finals = _distinct(trial for search in searches for trial in search.finals)
        tried = _distinct(c.trial for c in found if c.trial is not None)
        used = Usage()
        for search in searches:
            used = used + run.usage.get((search.task, method, search.index), Usage())
        steps = sum(trial.env_steps for trial in (tried | finals).values())
        out.append(Cost(method, len(found), len(tried), len(finals), steps, used))
    return out


def search_steps(search: Search) -> int:
    """Env steps of the candidates of one search."""
    tried = _distinct(c.trial for c in search.candidates.values() if c.trial is not None)
    return sum(trial.env_steps for trial in tried.values())


def _distinct(trials: Iterable[Trial]) -> dict[str, Trial]:
    return {trial.hash: trial for trial in trials if not trial.missing}
