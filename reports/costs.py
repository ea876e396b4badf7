"""What a run used: experience, trainings, model calls. No seconds, so that a replayed run reads the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.scoring.rundata import RunData, Usage
from harness.scoring.searchdata import Candidate, Search, Trial

MOST_MODELS = 3
LONGEST_NAME = 60


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
        tried = _tried(found)
        used = Usage()
        for search in searches:
            used = used + run.usage.get((search.task, method, search.index), Usage())
        steps = sum(trial.env_steps for trial in (tried | finals).values())
        out.append(Cost(method, len(found), len(tried), len(finals), steps, used))
    return out


def model_names(models: Iterable[str]) -> str:
    """The models that answered, the first few by name: how a server calls them may be anything."""
    plain = [
        "".join(char if char.isprintable() else " " for char in model[:LONGEST_NAME]) for model in models
    ]
    names = sorted({" ".join(name.split()) for name in plain} - {""})
    more = f" and {len(names) - MOST_MODELS} more" if len(names) > MOST_MODELS else ""
    return ", ".join(names[:MOST_MODELS]) + more


def proposer_words(run: RunData, name: str) -> str | None:
    """The proposer of the run called `name`, and which model answered where that is not the one asked for.

    None where nothing was searched for.
    """
    proposer = dict(run.configs)[name].proposer
    if proposer is None:
        return None
    end = f" ({name})" if len(run.configs) > 1 else ""  # methods of merged runs bear their run's name
    used = [usage for (_, method, _), usage in run.usage.items() if method.endswith(end)]
    models = model_names(model for usage in used for model in usage.models)
    asked = proposer.removeprefix("openai:")
    return f"{proposer}, answered by {models}" if models not in ("", asked) else proposer


def search_steps(search: Search) -> int:
    """Env steps of the candidates of one search."""
    return sum(trial.env_steps for trial in _tried(search.candidates.values()).values())


def _tried(candidates: Iterable[Candidate]) -> dict[str, Trial]:
    """The trials of candidates, each once; one that went on after half stands for both halves."""
    candidates = list(candidates)
    halves = {c.half.hash for c in candidates if c.half is not None and c.half is not c.trial}
    found = _distinct(c.trial for c in candidates if c.trial is not None)
    return {name: trial for name, trial in found.items() if name not in halves}


def _distinct(trials: Iterable[Trial]) -> dict[str, Trial]:
    return {trial.hash: trial for trial in trials if not (trial.missing or trial.altered)}
