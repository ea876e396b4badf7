"""`--task-option NAME.FIELD=VALUE`: from the command line, and from a run folder, to the tasks of a run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.errors import UserError
from harness.identity import TaskId
from harness.registry import SUITES, resolve, task_names, unknown
from harness.task_options import Values, chosen, no_option, options_class, options_of, values_of, with_options

FORM = re.compile(r"(.+?)\.([A-Za-z_]\w*)=(.*)", re.DOTALL)


def assigned(tasks: Sequence[TaskId], arguments: Iterable[str]) -> list[TaskId]:
    """The tasks with what `arguments` ask for beside their own options.

    A later one wins over an earlier one, one for a task over one for a suite. UserError, one line with the choices,
    for one that is ill-formed or names no task of these, no option of it, or a value that it cannot have.
    """
    suites: dict[str, Values] = {task.slug: {} for task in tasks}
    own: dict[str, Values] = {task.slug: {} for task in tasks}
    for argument in arguments:
        match = FORM.fullmatch(argument)
        if match is None:
            raise UserError(
                f"--task-option {argument!r}: expected NAME.FIELD=VALUE, where NAME is a task or a suite"
            )
        name, field, value = match.groups()
        try:
            meant, target = _meant(name, tasks), own
            if meant is None:
                meant, target = [task for task in tasks if task.slug in SUITES[name]], suites
            for task in _having(field, meant, name, tasks):
                target[task.slug][field] = value
        except UserError as error:
            raise UserError(f"--task-option {argument!r}: {error}") from None
    try:
        return [_beside(task, suites[task.slug] | own[task.slug]) for task in tasks]
    except UserError as error:
        raise UserError(f"--task-option: {error}") from None


def _beside(task: TaskId, asked: Values) -> TaskId:
    """The task with what is asked for beside its own options.

    Without them where they turn what is asked for into something else, as those do that one option chooses.
    """
    alone, both = with_options(task, asked), with_options(task, chosen(task) | asked)
    meant, found = (values_of(options_of(each)) for each in (alone, both))
    return both if all(meant[name] == found[name] for name in asked) else alone


def adopted(task: TaskId, record: Mapping[str, Any], place: Path) -> TaskId:
    """The task with the options that a run folder at `place` was made with, as its run.json says."""
    held = record.get("task_info", {}).get(task.slug, {}).get("options", {})
    fields = options_class(task).model_fields if held else {}
    try:
        return with_options(task, {name: value for name, value in held.items() if name in fields})
    except UserError as error:
        raise UserError(f"run folder {place} holds what cannot be now ({error}): choose another") from None


def _meant(name: str, tasks: Sequence[TaskId]) -> list[TaskId] | None:
    """The task of these that a name means; None for a suite's name."""
    found = [task for task in tasks if task.slug == name]
    if found or name in SUITES:
        return found or None
    if name not in task_names() and ":" not in name:
        known = dict.fromkeys([*(task.slug for task in tasks), *SUITES, *task_names()])
        raise UserError(unknown("task or suite", name, known))
    slug = resolve(name).slug
    return [task for task in tasks if task.slug == slug]


def _having(field: str, meant: Sequence[TaskId], name: str, tasks: Sequence[TaskId]) -> list[TaskId]:
    """Those of the tasks that have an option of this name. UserError if there are none."""
    if not meant:
        raise UserError(
            f"no task here is meant by {name!r}: expected {', '.join(task.slug for task in tasks)}"
        )
    fields = {task: options_class(task).model_fields for task in meant}
    having = [task for task in meant if field in fields[task]]
    if not having:
        known = dict.fromkeys(known for names in fields.values() for known in names)
        raise UserError(no_option(field, [task.slug for task in meant], known))
    return having
