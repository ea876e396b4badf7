"""What a designer of rewards is shown of a task: an excerpt of its own source, cut by AST.

Shown: the state with kind, unit and meaning of every field, the constants, `read` and `observe` with what
they call in the same module, the names the harness binds, and the helper functions. Everything else of the
task (scene, reset, actions, episode ends, fitness, training settings) stays hidden, state fields with a leading
underscore and what fills them among it.
"""

from __future__ import annotations

import ast
import functools
import textwrap
from typing import Any

import torch

from harness.bound import bindings
from harness.excerpt import (
    Part,
    constants_of_class,
    head,
    is_plain,
    module_parts,
    options_read,
    shown_methods,
    source_of,
)
from harness.rotations import REWARD_HELPERS
from harness.task import Task, state_fields
from harness.task_options import values_of

INDENT = "    "
USABLE = "# a reward may use these by name too, without an argument"


def context_of(task: Task) -> str:
    """The excerpt of `task` as Python source: it parses, and every name it offers can be read by a reward."""
    methods = shown_methods(type(task))
    blocks = _module_level(module_parts(methods))
    classes = [cls for cls in reversed(type(task).__mro__) if cls in methods or cls is type(task)]
    for cls in classes:
        body = [_state(task), _constants(task), _options(task, methods)] if cls is type(task) else []
        body += [_member(cls, node) for node in methods.get(cls, [])]
        base = cls.__bases__[0].__name__
        header = f'class {cls.__name__}({base}):\n{INDENT}"""What a reward can see; the rest is left out."""'
        blocks.append("\n\n".join([header, *(textwrap.indent(part, INDENT) for part in body if part)]))
    return "\n\n\n".join([*blocks, _bound(task), _helpers()]) + "\n"


def class_constants(task: Task) -> dict[str, Any]:
    """Numbers and rows of numbers that the classes of a task define and the context shows, by name."""
    methods = shown_methods(type(task))
    names = [name for nodes in methods.values() for name in constants_of_class(nodes)]
    values = {name: getattr(task, name) for name in names if not name.startswith("_")}
    return {name: value for name, value in values.items() if is_plain(value) and is_numeric(value)}


def shared_names(task: Task) -> dict[str, Any]:
    """Functions and constants of the task's modules that the context shows and a reward may use by name.

    Lists come as tuples: nothing of them outlives a call.
    """
    return dict(_shared_names(type(task)))


@functools.cache
def _shared_names(task_class: type[Task]) -> dict[str, Any]:
    parts = module_parts(shown_methods(task_class))
    return {part.name: _frozen(part.value) for part in parts if part.usable}


def is_numeric(value: Any) -> bool:
    """Whether a plain value is a number, or rows of numbers that are equally long."""
    if not isinstance(value, list | tuple):
        return not isinstance(value, str)
    lengths = {len(item) if isinstance(item, list | tuple) else -1 for item in value}
    return len(lengths) == 1 and all(map(is_numeric, value))


def visible_fields(task: Task) -> dict[str, dict[str, Any]]:
    """`state_fields` and, where the harness binds them, `actions` as a field of kind `effort`.

    `obs_buf` repeats the state and `num_envs` is no tensor: both are left to those who read source.
    """
    fields = state_fields(task)
    if "actions" in task.bound and "actions" not in fields:
        about = "the actions that led to this state, in [-1, 1]"
        fields["actions"] = {"kind": "effort", "unit": "1", "about": about, "shape": (task.num_actions,)}
    return fields


def _module_level(parts: list[Part]) -> list[str]:
    """Constants, then functions: first what a reward may use too, then what only the code below uses."""
    blocks = []
    for usable, title in ((True, USABLE), (False, "# for the code below only")):
        constants = [part.text for part in parts if part.usable is usable and not part.is_function]
        functions = [part.text for part in parts if part.usable is usable and part.is_function]
        if constants or functions:
            first = constants or functions[:1]
            blocks += ["\n".join([title, *first]), *(functions if constants else functions[1:])]
    return blocks


def _member(cls: type, node: ast.stmt) -> str:
    """A method or constant of a class; a reward gets rows of numbers as a tensor."""
    text = source_of(cls, node)
    for name in constants_of_class([node]):
        value = getattr(cls, name)
        if isinstance(value, list | tuple) and is_plain(value) and is_numeric(value) and "#" not in text:
            text += f"  # as an argument: a Tensor {tuple(torch.tensor(value).shape)}"
    return text


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


def _state(task: Task) -> str:
    lines = [
        "class State:",
        f'{INDENT}"""Tensors with one row per world (N worlds); rotations are quaternions xyzw."""',
        "",
    ]
    for name, about in state_fields(task).items():
        what = f"{_shape(about['shape'])}, {about['unit']}, {about['kind']}: {about['about']}"
        lines.append(f"{INDENT}{name}: Tensor  # {what}")
    return "\n".join(lines)


def _constants(task: Task) -> str:
    if not task.constants:
        return ""
    lines = ["# constants"]
    for name, value in task.constants.items():
        if isinstance(value, float | int):
            lines.append(f"{name} = {_short(value)}")
        else:
            values = torch.tensor(value)
            lines.append(f"{name} = {_short(values.tolist())}  # a Tensor {tuple(values.shape)}")
    return "\n".join(lines)


def _options(task: Task, methods: dict[type, list[ast.stmt]]) -> str:
    """The values of the options that shown code reads; others may be of what is hidden."""
    names = dict.fromkeys(name for nodes in methods.values() for node in nodes for name in options_read(node))
    values = values_of(task.options)
    lines = [f"# self.options.{name} is {values[name]!r}" for name in names if name in values]
    return "\n".join(["# options", *lines]) if lines else ""


def _short(value: Any) -> str:
    """Numbers with six significant digits, in lists too."""
    if isinstance(value, list):
        return f"[{', '.join(map(_short, value))}]"
    return repr(float(f"{value:.6g}")) if isinstance(value, float) else repr(value)


def _bound(task: Task) -> str:
    lines = [f"{name}: {binding.declared}" for name, binding in bindings(task).items()]
    return "\n".join(["# also available as arguments", *lines])


def _helpers() -> str:
    lines = ["# functions that a reward may call without an import; `...` stands for any leading axes"]
    for name, function in REWARD_HELPERS.items():
        if name != function.__name__:
            lines.append(f"# {name}: another name of {function.__name__}")
        else:
            lines.append("# {}({}): {}".format(name, *head(function)))
    return "\n".join(lines)


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(['N', *map(str, shape)])})" if shape else "(N,)"
