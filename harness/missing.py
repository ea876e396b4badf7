"""What of a plan a run folder does not hold yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.identity import TaskId
from harness.plan import Plan
from harness.records import SearchRecord
from harness.reuse import stored
from harness.store import Store
from harness.trial import TrialSpec


@dataclass(frozen=True)
class Missing:
    """Trials of one task that are still to be done, if every candidate can be trained."""

    finals: int = 0
    candidates: int = 0

    def __add__(self, other: Missing) -> Missing:
        return Missing(self.finals + other.finals, self.candidates + other.candidates)

    @property
    def total(self) -> int:
        """All of them."""
        return self.finals + self.candidates


def missing(plan: Plan, store: Store) -> dict[TaskId, Missing]:
    """What of a plan a run folder does not hold yet."""
    return {task: sum(_missing(plan, store, task), Missing()) for task in plan.tasks}


def _missing(plan: Plan, store: Store, task: TaskId) -> Iterator[Missing]:
    for method in plan.fixed(task):
        if store.has_trials():
            specs = plan.finals(task, method, plan.program(task, method) or "")
            yield Missing(_unfinished(plan, store, specs))
        else:  # which needs no keys
            yield Missing(plan.seeds)
    for method, settings in plan.settings.items():
        for index in range(plan.searches):
            record = store.search(task.slug, method, index)
            done = 0 if record is None else len(record.iterations)
            if record is not None and record.status == "ok" and done >= settings.iterations:
                finals = plan.finals(task, method, record.program or "", index)
                tried = tried_trials(plan, task, record)
                yield Missing(_unfinished(plan, store, finals), _unfinished(plan, store, tried))
            else:
                yield Missing(plan.seeds, max(0, settings.iterations - done) * settings.samples)


def tried_trials(plan: Plan, task: TaskId, record: SearchRecord) -> list[TrialSpec]:
    """The trials of a search's candidates, each once; those that a race has used, at half and to the end."""
    specs: dict[str, TrialSpec] = {}
    for candidate in record.candidates:
        if candidate.source is None:
            continue
        whole = plan.spec(task, record.method, candidate.source, "search", record.search)
        half = whole.half if candidate.half is not None else None
        if half is not None:
            specs[half.hash] = half
        if half is None or candidate.half is None or candidate.trial != candidate.half.trial:
            specs[whole.hash] = whole
    return list(specs.values())


def _unfinished(plan: Plan, store: Store, specs: list[TrialSpec]) -> int:
    return sum(stored(store, spec, plan.reuse) is None for spec in specs)


def env_steps(plan: Plan, task: TaskId, amount: Missing) -> int:
    """Control steps of so many trainings on a task."""
    full = plan.experience(task)
    epochs = plan.candidate_epochs or full.epochs
    candidates = amount.candidates * full.env_steps // full.epochs * epochs
    return amount.finals * full.env_steps + round(candidates * plan.raced(task))
