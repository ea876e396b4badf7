"""What the terms of the grammar are about: a task's fields as expressions of Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

GOAL_WORDS = ("goal", "target", "desired", "command")
FIXED_WORDS = ("basis", "gravity", "unit", "limit", "default", "init", "start", "local")
BEFORE = ("prev_", "previous_", "last_")
"""How the name of a value one step earlier begins."""
BODY_STATE = (
    ("pos", "position", 0, 3),
    ("rot", "rotation", 3, 7),
    ("vel", "velocity", 7, 10),
    ("spin", "angular velocity", 10, 13),
)
"""Columns of a body's state: name, kind, first, end."""


@dataclass(frozen=True)
class View:
    """A tensor that terms are about: a field, or some columns of one."""

    name: str
    field: str
    """The state tensor it comes from."""
    kind: str
    shape: tuple[int, ...]
    """Without the world axis."""
    first: int | None = None
    """The first of its columns, if it is a part of its field."""

    @property
    def inputs(self) -> tuple[str]:
        """What a reward needs for it."""
        return (self.field,)

    @property
    def expression(self) -> str:
        """Python for it."""
        return self.field if self.first is None else self.columns(0, self.shape[-1])

    @property
    def is_goal(self) -> bool:
        """Whether the name says that this is where something should be."""
        return any(word in self.name for word in GOAL_WORDS)

    @property
    def is_fixed(self) -> bool:
        """Whether the name says that no action changes it: good to compare with, not to reward."""
        return self.is_goal or any(word in self.name for word in FIXED_WORDS) or self.name.startswith(BEFORE)

    def columns(self, first: int, end: int) -> str:
        """Some of the last axis."""
        start = self.first or 0
        return f"{self.field}[{':' if len(self.shape) == 1 else '...'}, {start + first}:{start + end}]"

    def column(self, index: int) -> str:
        """One coordinate, averaged over bodies if there are several: (N,)."""
        place = (self.first or 0) + index
        return mean(f"{self.field}[{':' if len(self.shape) == 1 else '...'}, {place}]", self.shape[:-1])

    @property
    def norm(self) -> str:
        """Length, averaged over bodies if there are several: (N,)."""
        return length(self.expression, self.shape)

    @property
    def size(self) -> str:
        """Mean absolute value: (N,)."""
        return mean(f"{self.expression}.abs()", self.shape)


def views_of(name: str, about: Mapping[str, Any]) -> Iterator[View]:
    """The tensors of one field: itself, or the parts of a body's 13 state columns. None of an observation."""
    shape = tuple(about["shape"])
    if shape == (13,) and "quaternion" in about["about"]:
        stem = name.removesuffix("_states").removesuffix("_state")
        for part, kind, first, end in BODY_STATE:
            yield View(f"{stem}_{part}", name, kind, (end - first,), first)
    elif about["kind"] != "observation":
        yield View(name, name, about["kind"], shape)


def length(expression: str, axes: tuple[int, ...]) -> str:
    """`expression` (N, *axes): its length over the last axis, averaged over the others, (N,)."""
    return mean(f"torch.norm({expression}, dim=-1)", axes[:-1]) if axes else f"({expression}).abs()"


def mean(expression: str, axes: tuple[int, ...]) -> str:
    """`expression` (N, *axes) averaged to (N,)."""
    if not axes:
        return expression
    return f"{expression}.mean(dim=-1)" if len(axes) == 1 else f"{expression}.flatten(1).mean(dim=-1)"


def distance(one: View, other: View) -> str | None:
    """How far two views are apart, averaged over bodies, (N,); None if their shapes do not go together."""
    if one.shape == other.shape:
        return length(f"{one.expression} - {other.expression}", one.shape)
    if len(one.shape) == 2 and one.shape[1:] == other.shape:
        return length(f"{one.expression} - {other.expression}.unsqueeze(1)", one.shape)
    if len(other.shape) == 2 and other.shape[1:] == one.shape:
        return length(f"{one.expression}.unsqueeze(1) - {other.expression}", other.shape)
    return None
