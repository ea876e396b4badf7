"""Before anything is trained: stored trials that are not used again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from harness.identity import TaskId
from harness.plan import Plan, tried_trials
from harness.store import Store
from harness.trial import TrialSpec


def not_reused(plan: Plan, store: Store) -> list[str]:
    """Lines that name stored trials which would do but for other versions of the libraries, or other code."""
    if not store.has_trials():
        return []
    versions: Counter[str] = Counter()
    code = 0
    for spec in _wanted(plan, store):
        if store.result(spec.hash) is not None:
            continue
        others = store.others(spec)
        if others and not plan.reuse.any_version:
            versions[_differing(spec, store.spec(others[0])["versions"])] += 1
        elif not others:
            code += bool(store.of_other_code(spec))
    lines = [
        f"{count} trial(s) of {what} are not reused: they are trained again; --reuse-any-version takes them as they are"
        for what, count in sorted(versions.items())
    ]
    if code:
        lines.append(f"{code} trial(s) of other code of the harness, a task or its rewards are not reused")
    return lines


def _wanted(plan: Plan, store: Store) -> Iterator[TrialSpec]:
    for task in plan.tasks:
        for method in plan.fixed(task):
            yield from plan.finals(task, method, plan.program(task, method) or "")
        for method in plan.searching:
            for index in range(plan.searches):
                record = store.search(task.slug, method, index)
                if record is not None:
                    yield from _searched(plan, task, method, record)


def _searched(plan: Plan, task: TaskId, method: str, record: dict[str, Any]) -> Iterator[TrialSpec]:
    if record["program"] is not None:
        yield from plan.finals(task, method, record["program"], record["search"])
    yield from tried_trials(plan, task, method, record)


def _differing(spec: TrialSpec, versions: dict[str, str]) -> str:
    return ", ".join(
        f"{name} {version}" for name, version in versions.items() if spec.versions.get(name) != version
    )
