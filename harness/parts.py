"""Engines, executors and trainers by name. The tables are the only place to edit.

A user's own package adds to them through entry points (name → `module:Class`) of the groups `eureka_harness.engines`,
`eureka_harness.executors` and `eureka_harness.trainers`.
"""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any, Final, Literal

from harness.errors import UserError
from harness.plugins import plugin_target, plugin_targets

Part = Literal["engine", "executor", "trainer"]

PARTS: Final[dict[Part, dict[str, str]]] = {
    "engine": {"cpu": "harness.sim.cpu:CpuSimulation"},
    "executor": {"local": "harness.execution.local:LocalExecutor"},
    "trainer": {"rl_games": "harness.training.trainer:train_members"},
}
"""What there is of each → where it is. An engine makes a `harness.sim.Simulation` of a model, a number of worlds and of
threads; an executor is a `harness.execution.contract.Executor`; a trainer a `harness.training.members.Trainer`."""


def part_names(kind: Part) -> list[str]:
    """Every one that can be named, the built-in ones first."""
    return [*PARTS[kind], *sorted(set(plugin_targets(kind)) - PARTS[kind].keys())]


def check_part(kind: Part, name: str) -> None:
    """UserError if there is none of this name."""
    if name not in PARTS[kind] and name not in part_names(kind):  # looking at what is installed takes a while
        known = ", ".join(part_names(kind))
        raise UserError(
            f"{kind} {name!r} is not here: expected one of {known}; see docs/architecture.md to add one"
        )


def find_part(kind: Part, name: str) -> Any:
    """The one of this name. UserError if there is none, or if it does not import."""
    check_part(kind, name)
    target = PARTS[kind].get(name) or plugin_target(kind, name) or ""
    place, _, attribute = target.partition(":")
    try:
        return getattr(importlib.import_module(place), attribute)
    except (Exception, SystemExit) as error:
        said = " ".join(str(error).split())
        raise UserError(
            f"{kind} {name!r} does not import: {type(error).__name__}: {said}; fix the module {place!r}"
        ) from error


def source_of(kind: Part, name: str) -> Path | None:
    """The file of one that is not built in, for a trial's key; None for those that are."""
    if name in PARTS[kind]:
        return None
    file = inspect.getsourcefile(find_part(kind, name))
    return None if file is None else Path(file)
