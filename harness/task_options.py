"""What is chosen of a task: checked, and in one form for its identity, keys and records."""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from harness.errors import UserError
from harness.identity import TaskId, find_class
from harness.task import Task

Values = dict[str, Any]
"""Option → its value as JSON has it: bool, int, float or str."""


def options_class(task: TaskId) -> type[Task.Options]:
    """What may be chosen of a task. UserError if its Options are none."""
    _, task_class = find_class(task.reference, task.reference)
    found: object = task_class.Options
    if not (isinstance(found, type) and issubclass(found, Task.Options)):
        raise UserError(f"task {task.reference!r} has strange Options: expected class Options(Task.Options)")
    return found


def options_of(task: TaskId) -> Task.Options:
    """The options that a task is made with. UserError, one line with the choices, for what it cannot have."""
    return _checked(task, chosen(task))


def chosen(task: TaskId) -> Values:
    """The options of a task that are not at their defaults."""
    found: Values = json.loads(task.options or "{}")
    return found


def values_of(options: BaseModel) -> Values:
    """All options, those at their defaults included; empty for a task without any."""
    return options.model_dump(mode="json")


def with_options(task: TaskId, values: Mapping[str, Any]) -> TaskId:
    """The task with these options, all others at their defaults. A text stands for the value that it spells.

    UserError, one line with the choices, for an option that the task does not have or a value that it cannot have.
    """
    defaults = values_of(_checked(task, {}))
    found = values_of(_checked(task, values))
    changed = {name: value for name, value in found.items() if value != defaults[name]}
    return dataclasses.replace(task, options=json.dumps(changed, sort_keys=True) if changed else "")


def choices(field: FieldInfo) -> list[Any]:
    """The values of an option that is one of a few; empty for numbers and texts."""
    kind = field.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [member.value for member in kind]
    return list(typing.get_args(kind)) if typing.get_origin(kind) is typing.Literal else []


def possible(field: FieldInfo) -> str:
    """What an option may be, in words."""
    if field.annotation is bool:
        return "true or false"
    words = [str(choice) for choice in choices(field)]
    kind = getattr(field.annotation, "__name__", str(field.annotation))
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else kind


def _checked(task: TaskId, values: Mapping[str, Any]) -> Task.Options:
    model = options_class(task)
    spelled = {name: _spelled(model, name, value) for name, value in values.items()}
    try:
        return model.model_validate(spelled)
    except ValidationError as error:
        raise UserError(_line(task, model, error)) from None


def _spelled(model: type[Task.Options], name: str, value: Any) -> Any:
    """The choice that a text spells, be it a number; the value itself if it is none."""
    field = model.model_fields.get(name)
    return next((c for c in choices(field) if str(c) == value), value) if field is not None else value


def _line(task: TaskId, model: type[Task.Options], error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    field = model.model_fields.get(name)
    if field is None and name:
        return no_option(name, [task.slug], model.model_fields)
    said = " ".join(str(first["msg"]).split()).removeprefix("Value error, ")
    if field is None:
        return f"the options of task {task.slug!r} do not go together: {said}"
    if first["type"] == "missing":
        return f"option {name!r} of task {task.slug!r} has no default: give it one"
    few = choices(field) or field.annotation is bool
    wanted = f"expected {possible(field)}" if few else said.replace("Input should be", "expected")
    return f"option {name!r} of task {task.slug!r} is {first['input']!r}: {wanted}"


def no_option(name: str, tasks: list[str], known: Mapping[str, object] | list[str]) -> str:
    """One line for an option that no task of these has."""
    where = f"task {tasks[0]!r} has no" if len(tasks) == 1 else f"none of {', '.join(tasks)} has an"
    return f"{where} option {name!r}: " + (f"expected {', '.join(known)}" if known else "there are none")
