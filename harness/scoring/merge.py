"""Several runs as one: methods side by side, each compared with the references of its own run."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Sequence
from pathlib import Path

from harness.errors import UserError
from harness.scoring.load import load_run
from harness.scoring.option_words import shown as option_value
from harness.scoring.references import with_references
from harness.scoring.rundata import FIXED, Family, RunData, TaskInfo
from harness.scoring.scores import rows

SETTLED = ("budget", "engine", "precision", "protocol", "goal_bonus", "candidate_epochs")
SAME_TASK = ("options", "code", "episode_steps", "fitness", "unit")


def read_runs(folders: Sequence[Path]) -> RunData:
    """One run out of run folders, with what of the reference set fits it. Errors: see `load_run` and `merge`."""
    return with_references(merge([load_run(Path(folder)) for folder in folders]))


def merge(runs: Sequence[RunData]) -> RunData:
    """One run out of several; a single one is returned as it is.

    A method is renamed `<method> (<run>)`; human and sparse keep their names where all runs that have them have the
    very same trials, which then count once. No number of a run changes: its methods are compared with, and
    normalised by, its own human and sparse. Only a run that has neither takes those of the others, if these agree.

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
    shared = {m for m in FIXED if len({_content(run, m) for run in runs if m in run.methods}) == 1}
    shown = [
        {m: m if m in shared else f"{m} ({name})" for m in run.methods}
        for name, run in zip(names, runs, strict=True)
    ]
    references = [display[m] for m in FIXED for display in shown if m in display]
    others = [name for display in shown for m, name in display.items() if m not in FIXED]
    return RunData(
        configs=tuple((name, run.config) for name, run in zip(names, runs, strict=True)),
        tasks=tasks,
        methods=tuple(dict.fromkeys([*references, *others])),
        searches={
            (slug, display[method]): tuple(dataclasses.replace(s, method=display[method]) for s in found)
            for run, display in zip(runs, shown, strict=True)
            for (slug, method), found in run.searches.items()
        },
        expected={
            (slug, display[method]): asked
            for run, display in zip(runs, shown, strict=True)
            for (slug, method), asked in run.expected.items()
        },
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
    if not any(method in FIXED for method in display):
        return Family(name, tuple(display.values()))  # by their plain names: those that all others share
    human, sparse = (display.get(method, f"{method} ({name})") for method in FIXED)
    return Family(name, tuple(display.values()), human, sparse)


def _content(run: RunData, method: str) -> Hashable:
    """What a method of a run is, down to its scores: where it is the same in two runs, it counts once."""
    return tuple(
        (
            task.slug,
            run.expected.get((task.slug, method)),
            tuple((s.status, tuple((t.hash, t.status) for t in s.finals)) for s in run.of(task.slug, method)),
            tuple((tuple(scores), tally) for _, scores, tally in rows(run, task, method)),
        )
        for task in sorted(run.tasks, key=lambda task: task.slug)
        if (task.slug, method) in run.expected
    )


def _check_settings(runs: Sequence[RunData]) -> None:
    first = runs[0]
    for run in runs[1:]:
        for key in SETTLED:
            left, right = getattr(first.config, key), getattr(run.config, key)
            if left != right:
                raise UserError(
                    f"runs of different {key} cannot share a page: {first.configs[0][0]} has {left!r}, "
                    f"{run.configs[0][0]} has {right!r}; report on them one by one"
                )


def _tasks(runs: Sequence[RunData]) -> tuple[TaskInfo, ...]:
    """The tasks of all runs. UserError where two of one name are not the same."""
    found: dict[str, tuple[str, TaskInfo]] = {}
    for run in runs:
        name = run.configs[0][0]
        for task in run.tasks:
            other, before = found.setdefault(task.slug, (name, task))
            for key in SAME_TASK:
                if getattr(before, key) != getattr(task, key):
                    left, right = _told_apart(before, task, key)
                    raise UserError(
                        f"task {task.slug!r} is not the same in {other} and {name} ({key} {left} and {right}): "
                        "their numbers cannot share a page; report on them one by one"
                    )
    return tuple(task for _, task in found.values())


def _told_apart(left: TaskInfo, right: TaskInfo, key: str) -> tuple[str, str]:
    """What differs between two tasks, as each has it."""
    if key != "options":
        return repr(getattr(left, key)), repr(getattr(right, key))
    names = [
        name
        for name in {**left.options, **right.options}
        if left.options.get(name) != right.options.get(name)
    ]
    words = (
        ", ".join(f"{name}={option_value(task.options[name])}" for name in names if name in task.options)
        for task in (left, right)
    )
    first, second = (text or "none" for text in words)
    return first, second
