"""Does a task declare what the contract of `harness.task` asks for? Looks, runs nothing of the task's methods."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Sequence
from typing import Any

from harness.bound import TAKEN
from harness.contract_rules import (
    ATTRIBUTES,
    LINE,
    METADATA,
    METHODS,
    RECORDS,
    Expected,
    holds,
    instance_of,
    is_number,
)
from harness.errors import UserError
from harness.task import Fitness, Task, Text, TextOptions, budget_of
from harness.task_options import values_of

MISSING = object()


def check_task(task: Task) -> None:
    """Raise UserError, one line with class, member and cause, if a declaration of `task` is missing or wrong."""
    _options(task)
    _wording(task)
    for name, expected in ATTRIBUTES.items():
        _attribute(task, name, getattr(task, name, MISSING), expected)
    for name, rules in RECORDS.items():
        record = getattr(task, name)
        if record is None:
            continue
        for field, expected in rules.items():
            _attribute(task, f"{name}.{field}", getattr(record, field), expected)
    _memory(task)
    _floor(task)
    _tensors(task)
    _constants(task)
    for name, parameters in METHODS.items():
        _method(task, name, parameters)
    for budget in ("quick", "night", "paper"):
        _minibatch(task, budget)


def wrong(task: Task, member: str, what: str) -> UserError:
    """One line on a member of a task: `Class.member what`, and where the class is."""
    cls = type(task)
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    name = f"{cls.__name__}.{member}" if member else cls.__name__
    return UserError(" ".join(f"{name} {what}; mend it in {file or cls.__module__}".split()))


def _attribute(task: Task, name: str, value: Any, expected: Expected) -> None:
    test, words = expected
    if value is MISSING:
        raise wrong(task, name, f"is not there: expected {words}")
    if not holds(test, value):
        raise wrong(task, name, f"is {_shown(value)}: expected {words}")


def _options(task: Task) -> None:
    model, options = type(task).Options, getattr(task, "options", MISSING)
    if not isinstance(options, model):
        what = f"is {_shown(options)}: expected what __init__ is given; call super().__init__(options)"
        raise wrong(task, "options", what)
    if not (model.model_config.get("frozen") and model.model_config.get("extra") == "forbid"):
        raise wrong(task, "Options", "may be changed or extended: leave model_config as Task.Options has it")
    for name, value in values_of(options).items():
        field = model.model_fields[name]
        if not isinstance(value, bool | int | float | str):
            plain = "a plain value (bool, int, float, str, a Literal or an Enum of them)"
            raise wrong(task, f"Options.{name}", f"is {_shown(value)}: expected {plain}")
        if not (field.description or "").strip():
            raise wrong(task, f"Options.{name}", "is not explained: write a docstring below it")
        if field.alias is not None or field.validation_alias is not None or field.exclude:
            raise wrong(task, f"Options.{name}", "has an alias or is left out: it is stored by its name")


def _wording(task: Task) -> None:
    """A goal in words is said once: `description`, or the two of `text`."""
    if task.text is None:
        return
    _attribute(task, "text", task.text, instance_of(Text, "a harness.task.Text(given, true)"))
    for name in ("given", "true"):
        _attribute(task, f"text.{name}", getattr(task.text, name), LINE)
    if not isinstance(task.options, TextOptions):
        raise wrong(
            task, "text", "has two wordings and no option to choose: write class Options(TextOptions)"
        )
    names = next(vars(cls) for cls in type(task).__mro__ if {"description", "text"} & vars(cls).keys())
    if "description" in names:
        raise wrong(task, "description", "stands beside text, which is told instead: leave it out")


def _memory(task: Task) -> None:
    if task.memory_form is not None and task.fitness not in (Fitness.SUCCESS, Fitness.COUNT):
        what = f"is {task.memory_form.name}: a fitness {task.fitness.name} has none; leave it out"
        raise wrong(task, "memory_form", what)


def _floor(task: Task) -> None:
    """A rate says what a failure scores; it is 0 in the other kinds of F."""
    if task.fitness is not Fitness.RATE:
        if task.fitness_floor is not None:
            raise wrong(
                task,
                "fitness_floor",
                f"is {task.fitness_floor:g}: a fitness {task.fitness.name} has 0; leave it out",
            )
        return
    if task.fitness_floor is None:
        how = (
            "expected what a failed trial scores, the F of a policy that learned nothing (the lower of no action and "
            "random ones), rounded down"
        )
        raise wrong(task, "fitness_floor", f"is not there: a fitness RATE has no worst value; {how}")
    if task.best_rate is not None and task.fitness_floor >= task.best_rate:
        raise wrong(
            task,
            "fitness_floor",
            f"is {task.fitness_floor:g}: expected less than best_rate, {task.best_rate:g}",
        )


def _tensors(task: Task) -> None:
    for name in ("State", "Carried"):
        cls = getattr(task, name, None)
        if not inspect.isclass(cls):
            raise wrong(task, name, f"is {_shown(cls)}: expected a dataclass")
        if not dataclasses.is_dataclass(cls) or (_annotated(cls) and "__dataclass_fields__" not in vars(cls)):
            raise wrong(task, name, "is no dataclass: write @dataclass above it")
        if "__slots__" in vars(cls):
            raise wrong(task, name, "has slots: write @dataclass without them")
    fields = dataclasses.fields(task.State)
    for field in fields:
        for key, expected in METADATA.items():
            if key not in field.metadata:
                declare = "tensor(kind, unit, about, shape) of harness.task"
                raise wrong(task, f"State.{field.name}", f"says no {key}: declare it with {declare}")
            _attribute(task, f"State.{field.name} {key}", field.metadata[key], expected)
        if field.name in TAKEN:
            raise wrong(
                task, f"State.{field.name}", "has a name that the harness itself binds: choose another"
            )
    if all(field.name.startswith("_") for field in fields):
        raise wrong(
            task, "State", "offers nothing to a reward: expected at least one field without underscore"
        )


def _annotated(cls: type) -> bool:
    try:
        return bool(inspect.get_annotations(cls))
    except NameError:  # Python 3.14 looks up what they name, and a checker's names may not be there
        return True


def _constants(task: Task) -> None:
    taken = {field.name for field in dataclasses.fields(task.State)}
    for name, value in task.constants.items():
        if not (isinstance(name, str) and name.isidentifier()):
            raise wrong(task, "constants", f"has the key {_shown(name)}: expected a Python name")
        if name in taken:
            raise wrong(task, f"constants[{name!r}]", "has the name of a State field: choose another")
        if not (is_number(value) or _rows(value)):
            expected = "a finite number or equally long rows of them"
            raise wrong(task, f"constants[{name!r}]", f"is {_shown(value)}: expected {expected}")


def _rows(value: Any) -> bool:
    if not isinstance(value, list | tuple) or not value:
        return False
    if all(map(is_number, value)):
        return True
    return all(map(_rows, value)) and len({len(row) for row in value}) == 1


def _method(task: Task, name: str, parameters: Sequence[str]) -> None:
    method = getattr(task, name, MISSING)
    written = f"def {name}({', '.join(('self', *parameters))})"
    if not callable(method):
        raise wrong(task, name, f"is {_shown(method)}: expected the method {written}")
    signature = inspect.signature(method)
    if _takes(signature, parameters):
        return
    found = f"def {name}({', '.join(('self', *signature.parameters))})"
    fewer = [count for count in range(len(parameters)) if _takes(signature, parameters[:count])]
    lacking = f"lacks {' and '.join(parameters[fewer[-1] :])}" if fewer else "takes other parameters"
    raise wrong(task, name, f"{lacking}: it is {found}, write {written}")


def _takes(signature: inspect.Signature, arguments: Sequence[str]) -> bool:
    try:
        signature.bind(*arguments)
    except TypeError:
        return False
    return True


def _minibatch(task: Task, name: str) -> None:
    budget = budget_of(task, name)
    batch = budget.worlds * budget.horizon
    if batch % min(budget.minibatch, batch):
        where = "ppo" if name == "paper" else name
        what = f"has minibatches of {budget.minibatch}, which do not divide {budget.worlds} worlds x"
        raise wrong(task, where, f"{what} {budget.horizon} steps = {batch} samples: choose a divisor")


def _shown(value: Any) -> str:
    return "nothing" if value is MISSING else f"{type(value).__name__} {value!r:.60}"
