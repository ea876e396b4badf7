"""Several runs as one: methods side by side, references from the first run that has them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from harness.errors import UserError
from harness.scoring.rundata import FIXED, RunData, Search, TaskInfo, Usage

SETTLED = ("budget", "engine", "protocol", "goal_bonus")


def merge(runs: Sequence[RunData]) -> RunData:
    """One run out of several; a single one is returned as it is.

    A method is renamed `<method> (<run>)`. Human and sparse of the first run that holds them keep their names
    and are what everything is normalised by; those of later runs are shown under their longer names, unless
    they are the very same trials. UserError if budget, engine or protocol differ, or run names repeat.
    """
    if not runs:
        raise UserError("no run to report on: give at least one run folder")
    if len(runs) == 1:
        return runs[0]
    first = runs[0]
    for run in runs[1:]:
        for key in SETTLED:
            left, right = getattr(first.config, key), getattr(run.config, key)
            if left != right:
                raise UserError(
                    f"runs of different {key} cannot share a page: {first.configs[0][0]} has {left!r}, "
                    f"{run.configs[0][0]} has {right!r}; report on them one by one"
                )
    names = [run.configs[0][0] for run in runs]
    if len(set(names)) < len(names):
        raise UserError(f"run folders need different names to be told apart, found {', '.join(names)}")
    searches: dict[tuple[str, str], tuple[Search, ...]] = {}
    usage: dict[tuple[str, str, int], Usage] = {}
    expected: dict[tuple[str, str], tuple[int, int]] = {}
    methods: dict[str, None] = dict.fromkeys(m for m in FIXED if any(m in run.methods for run in runs))
    for name, run in zip(names, runs, strict=True):
        held = sorted(run.searches.items(), key=lambda item: run.methods.index(item[0][1]))
        for (slug, method), found in held:
            shown = f"{method} ({name})"
            if method in FIXED and (slug, method) not in searches:
                shown = method
            elif method in FIXED and _trials(searches[slug, method]) == _trials(found):
                continue
            methods.setdefault(shown)
            if (slug, method) in run.expected:
                expected[slug, shown] = run.expected[slug, method]
            searches[slug, shown] = tuple(dataclasses.replace(search, method=shown) for search in found)
        for (slug, method), asked in run.expected.items():
            if method not in FIXED:
                methods.setdefault(f"{method} ({name})")
                expected.setdefault((slug, f"{method} ({name})"), asked)
        usage |= {(slug, f"{method} ({name})", k): used for (slug, method, k), used in run.usage.items()}
    tasks: dict[str, TaskInfo] = {}
    for task in (task for run in runs for task in run.tasks):
        tasks.setdefault(task.slug, task)
    return RunData(
        configs=tuple((name, run.config) for name, run in zip(names, runs, strict=True)),
        tasks=tuple(tasks.values()),
        methods=tuple(methods),
        searches=searches,
        expected=expected,
        usage=usage,
    )


def _trials(searches: Sequence[Search]) -> set[str]:
    return {trial.hash for search in searches for trial in search.finals}
