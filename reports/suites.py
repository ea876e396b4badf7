"""Tasks by the suite that brings them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.scoring.task_info import TaskInfo

OTHERS: Final = "others"
"""Where users' own tasks are."""


def by_suite(tasks: Sequence[TaskInfo]) -> dict[str, list[TaskInfo]]:
    """Suite → its tasks, both in order of first appearance."""
    found: dict[str, list[TaskInfo]] = {}
    for task in tasks:
        found.setdefault(task.suite or OTHERS, []).append(task)
    return found
