"""What other installed packages offer: entry points of the groups `eureka_harness.<kind>s` (name → `module:Class`)."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from importlib.metadata import Distribution, distributions
from typing import Literal

from harness.errors import UserError

Kind = Literal["task", "method", "engine", "executor", "trainer"]
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""Names become names of folders."""
Target = tuple[str, str]
"""The distribution that offers something, and its `module:Class`."""


@functools.cache
def plugin_targets(kind: Kind) -> dict[str, list[Target]]:
    """Name → who offers something of this kind and name, each target once."""
    found: dict[str, list[Target]] = {}
    for distribution in _installed():
        for point in distribution.entry_points.select(group=f"eureka_harness.{kind}s"):
            targets = found.setdefault(point.name, [])
            if point.value not in [target for _, target in targets]:
                targets.append((_name(distribution), point.value))
    return found


def plugin_target(kind: Kind, name: str) -> str | None:
    """`module:Class` of a plug-in; None if there is none. UserError if the name is unusable or not unique."""
    targets = plugin_targets(kind).get(name)
    if targets is None:
        return None
    if len(targets) > 1:
        offers = " and ".join(f"{distribution} ({target})" for distribution, target in targets)
        raise UserError(
            f"{kind} {name!r} is offered by {offers}: uninstall one, or name the {kind} as module:Class"
        )
    ((distribution, target),) = targets
    if not NAME.fullmatch(name):
        expected = "expected letters, digits, dots, - and _"
        raise UserError(
            f"{kind} {name!r} of {distribution} has an unusable name: {expected}; name it {target}"
        )
    if ":" not in target:
        raise UserError(f"{kind} {name!r} of {distribution} is {target!r}: expected module:Class")
    return target


def hidden_plugins(taken: Collection[str]) -> list[str]:
    """One line for each task of a package that cannot be used under its name, since the harness has it itself."""
    return [
        f"task {name!r} of {distribution} is hidden by the harness's own {name!r}: name it {target}"
        for name, targets in sorted(plugin_targets("task").items())
        if name in taken
        for distribution, target in targets
    ]


@functools.cache
def _installed() -> Collection[Distribution]:
    """Every distribution once: of two with one name, the first on the module path."""
    found: dict[str, Distribution] = {}
    for distribution in distributions():
        found.setdefault(re.sub(r"[-_.]+", "-", _name(distribution)).lower(), distribution)
    return found.values()


def _name(distribution: Distribution) -> str:
    about = distribution.metadata
    return about["Name"] if "Name" in about else "an unnamed distribution"  # noqa: SIM401 (no mapping)
