"""Whether numbers of two runs are of the same kind: of one budget, engine, protocol, and of the very same tasks."""

from __future__ import annotations

from typing import Final

from harness.scoring.option_words import shown as option_value
from harness.scoring.rundata import RunData
from harness.scoring.task_info import TaskInfo

SAME_SETTINGS: Final = (
    "budget",
    "engine",
    "precision",
    "protocol",
    "goal_bonus",
    "candidate_epochs",
    "overrides",
)
SAME_TASK: Final = ("options", "code", "episode_steps", "fitness", "unit", "floor")


def other_setting(left: RunData, right: RunData) -> tuple[str, str, str] | None:
    """The first setting in which two runs differ, as (name, left's, right's); None if they are of the same kind."""
    for key in SAME_SETTINGS:
        one, other = getattr(left.config, key), getattr(right.config, key)
        if one != other:
            return key, repr(one), repr(other)
    return None


def other_task(left: TaskInfo, right: TaskInfo) -> tuple[str, str, str] | None:
    """In what two tasks of one name differ, as (name, left's, right's); None if they are the same."""
    for key in SAME_TASK:
        one, other = getattr(left, key), getattr(right, key)
        if one != other and not (key == "floor" and None in (one, other)):  # a run from before tasks said it
            return key, *_differing_values(left, right, key)
    return None


def other_version(left: RunData, right: RunData) -> tuple[str, str, str] | None:
    """The first library of which two runs were made with other versions, as (name, left's, right's)."""
    one, other = left.config.versions, right.config.versions
    for name in sorted({*one, *other}):
        if one.get(name) != other.get(name):
            return name, one.get(name, "unknown"), other.get(name, "unknown")
    return None


def _differing_values(left: TaskInfo, right: TaskInfo, key: str) -> tuple[str, str]:
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
