"""Several runs as one: methods side by side, each compared with the references of its own run."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from harness.errors import UserError
from harness.roles import REFERENCES
from harness.scoring.comparable import other_setting, other_task
from harness.scoring.load import read_run
from harness.scoring.references import with_references
from harness.scoring.rundata import Family, RunData
from harness.scoring.searchdata import Search
from harness.scoring.task_info import TaskInfo


def read_runs(folders: Sequence[Path]) -> RunData:
    """One run out of run folders, with what of the reference set fits it. Errors: see `read_run` and `merge`."""
    return with_references(merge([read_run(Path(folder)) for folder in folders]))


def merge(runs: Sequence[RunData]) -> RunData:
    """One run out of several; a single one is returned as it is.

    A method is renamed `<method> (<run>)`; human and sparse keep their names where all runs that have them have the
    same arm, whose trials are pooled: see `_one_arm`. Elsewhere no number of a run changes: its methods are compared
    with, and normalised by, its own human and sparse. Only a run that has neither takes those of the others, if these
    are one arm.

    UserError if budget, engine, precision, protocol or tasks of one name differ, or run names repeat.
    """
    if not runs:
        raise UserError("no run to report on: give at least one run folder")
    if len(runs) == 1:
        return runs[0]
    names = [run.configs[0][0] for run in runs]
    if len(set(names)) < len(names):
        raise UserError(f"run folders need different names to be told apart, found {', '.join(names)}")
    _check_settings(runs)
    tasks = _tasks(runs)
    shared = {m for m in REFERENCES if _one_arm([run for run in runs if m in run.methods], m)}
    shown = [
        {m: m if m in shared else f"{m} ({name})" for m in run.methods}
        for name, run in zip(names, runs, strict=True)
    ]
    references = [display[m] for m in REFERENCES for display in shown if m in display]
    others = [name for display in shown for m, name in display.items() if m not in REFERENCES]
    return RunData(
        configs=tuple((name, run.config) for name, run in zip(names, runs, strict=True)),
        tasks=tasks,
        methods=tuple(dict.fromkeys([*references, *others])),
        searches=_searches(runs, shown),
        expected=_expected(runs, shown),
        usage={
            (slug, display[method], k): used
            for run, display in zip(runs, shown, strict=True)
            for (slug, method, k), used in run.usage.items()
            if method in display
        },
        alterations=tuple(
            f"{name}: {line}" for name, run in zip(names, runs, strict=True) for line in run.alterations
        ),
        families=tuple(_family(name, display) for name, display in zip(names, shown, strict=True)),
    )


def borrowers(run: RunData) -> list[str]:
    """The runs whose methods are compared with the references of another one, for want of their own."""
    return [
        family.run
        for family in run.families
        if family.human in run.methods and not {family.human, family.sparse} & set(family.methods)
    ]


def _family(name: str, display: dict[str, str]) -> Family:
    if not any(method in REFERENCES for method in display):
        return Family(name, tuple(display.values()))  # by their plain names: those that all others share
    human, sparse = (display.get(method, f"{method} ({name})") for method in REFERENCES)
    return Family(name, tuple(display.values()), human, sparse)


def _one_arm(runs: Sequence[RunData], method: str) -> bool:
    """Whether a reference is the same in all these runs: program, libraries, the outcome of every seed they share."""
    if len({tuple(sorted(run.config.versions.items())) for run in runs}) != 1:
        return False
    programs: dict[str, str | None] = {}
    outcomes: dict[tuple[str, int], tuple[object, ...]] = {}
    for search in (search for run in runs for task in run.tasks for search in run.of(task.slug, method)):
        if search.altered or programs.setdefault(search.task, search.program) != search.program:
            return False
        for trial in (trial for trial in search.finals if not trial.missing):
            outcome = (trial.hash, trial.status, trial.f)
            if outcomes.setdefault((search.task, trial.seed), outcome) != outcome:
                return False
    return True


def _searches(
    runs: Sequence[RunData], shown: Sequence[dict[str, str]]
) -> dict[tuple[str, str], tuple[Search, ...]]:
    """The searches of all runs under the names they are shown by, those of one arm with all its trials."""
    found: dict[tuple[str, str], tuple[Search, ...]] = {}
    for run, display in zip(runs, shown, strict=True):
        for (slug, method), searches in run.searches.items():
            key = slug, display[method]
            renamed = tuple(dataclasses.replace(search, method=display[method]) for search in searches)
            found[key] = _pooled(found[key], renamed) if key in found else renamed
    return found


def _pooled(left: tuple[Search, ...], right: tuple[Search, ...]) -> tuple[Search, ...]:
    """One arm's search with the trials of both, each seed once: done rather than missing."""
    trials = sorted((t for search in (*left, *right) for t in search.finals), key=lambda t: not t.missing)
    finals = {trial.seed: trial for trial in trials}
    return (dataclasses.replace(left[0], finals=tuple(finals[seed] for seed in sorted(finals))),)


def _expected(
    runs: Sequence[RunData], shown: Sequence[dict[str, str]]
) -> dict[tuple[str, str], tuple[int, int]]:
    """Searches and final trials that were asked for; of one arm, the most that a run asked for."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for run, display in zip(runs, shown, strict=True):
        for (slug, method), (searches, seeds) in run.expected.items():
            before = found.get((slug, display[method]), (0, 0))
            found[slug, display[method]] = max(searches, before[0]), max(seeds, before[1])
    return found


def _check_settings(runs: Sequence[RunData]) -> None:
    first = runs[0]
    for run in runs[1:]:
        other = other_setting(first, run)
        if other is not None:
            key, left, right = other
            raise UserError(
                f"runs of different {key} cannot share a page: {first.configs[0][0]} has {left}, "
                f"{run.configs[0][0]} has {right}; report on them one by one"
            )


def _tasks(runs: Sequence[RunData]) -> tuple[TaskInfo, ...]:
    """The tasks of all runs. UserError where two of one name are not the same."""
    found: dict[str, tuple[str, TaskInfo]] = {}
    for run in runs:
        name = run.configs[0][0]
        for task in run.tasks:
            other, before = found.setdefault(task.slug, (name, task))
            if before.floor is None:  # a run from before tasks said it
                before = dataclasses.replace(before, declared_floor=task.floor)
                found[task.slug] = other, before
            differs = other_task(before, task)
            if differs is not None:
                key, left, right = differs
                raise UserError(
                    f"task {task.slug!r} is not the same in {other} and {name} ({key} {left} and {right}): "
                    "their numbers cannot share a page; report on them one by one"
                )
    return tuple(task for _, task in found.values())
