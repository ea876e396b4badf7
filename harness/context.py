"""What a designer of rewards is shown of a task: an excerpt of its own source, cut by AST.

Shown: the state with kind, unit and meaning of every field, the constants, `read` and `observe` with what
they call in the same module, the names the harness binds, and the helper functions. Everything else of the
task (scene, reset, actions, episode ends, fitness, training settings) stays hidden, state fields with a leading
underscore and what fills them among it.
"""

from __future__ import annotations

import ast
import functools
import inspect
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import torch

from harness.rotations import REWARD_HELPERS
from harness.task import Task, state_fields

SHOWN_METHODS = ("read", "observe")
INDENT = "    "


def context_of(task: Task) -> str:
    """The excerpt of `task` as Python source: it parses, and every name it offers can be read by a reward."""
    methods = _shown_methods(type(task))
    blocks = _module_level(methods)
    classes = [cls for cls in reversed(type(task).__mro__) if cls in methods or cls is type(task)]
    for cls in classes:
        body = [_state(task), _constants(task)] if cls is type(task) else []
        body += [_source(cls, node) for node in methods.get(cls, [])]
        base = cls.__bases__[0].__name__
        header = f'class {cls.__name__}({base}):\n{INDENT}"""What a reward can see; the rest is left out."""'
        blocks.append("\n\n".join([header, *(textwrap.indent(part, INDENT) for part in body if part)]))
    return "\n\n\n".join([*blocks, _bound(task), _helpers()]) + "\n"


def visible_names(task: Task) -> tuple[str, ...]:
    """Every name that an argument of a reward program may have: state fields, constants, bound names."""
    return (*state_fields(task), *task.constants, *task.bound, "device")


def visible_fields(task: Task) -> dict[str, dict[str, Any]]:
    """`state_fields` and, where the harness binds them, `actions` as a field of kind `effort`.

    `obs_buf` repeats the state and `num_envs` is no tensor: both are left to those who read source.
    """
    fields = state_fields(task)
    if "actions" in task.bound and "actions" not in fields:
        about = "the actions that led to this state, in [-1, 1]"
        fields["actions"] = {"kind": "effort", "unit": "1", "about": about, "shape": (task.num_actions,)}
    return fields


@dataclass
class _Needs:
    """Names that shown code refers to, in the order of their first use."""

    attributes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    base_calls: set[str] = field(default_factory=set)


def _shown_methods(task_class: type[Task]) -> dict[type, list[ast.stmt]]:
    """Class → its statements to show: read, observe, and what they use through `self` or `super()`."""
    shown: dict[type, list[ast.stmt]] = {}
    classes = [cls for cls in task_class.__mro__ if issubclass(cls, Task) and cls is not Task]
    waiting: list[tuple[str, int]] = [(name, 0) for name in SHOWN_METHODS]
    seen: set[tuple[str, type]] = set()
    while waiting:
        name, start = waiting.pop(0)
        for position, cls in enumerate(classes[start:], start):
            node = _class_definitions(cls).get(name)
            if node is None:
                continue
            if (name, cls) in seen:
                break
            seen.add((name, cls))
            shown.setdefault(cls, []).append(node)
            needs = _needs(node)
            waiting += [(other, 0) for other in needs.attributes if other not in _CONTRACT]
            waiting += [(other, position + 1) for other in needs.base_calls]
            break
    for cls, nodes in shown.items():
        nodes.sort(key=lambda node: node.lineno)
        shown[cls] = list(dict.fromkeys(nodes))
    return shown


_CONTRACT = set(dir(Task)) | set(Task.__annotations__)
"""What `Task` itself defines; of this only `read` and `observe` are ever shown."""


def _module_level(methods: dict[type, list[ast.stmt]]) -> list[str]:
    """Constants and functions of the task's modules that the shown methods use, constants first."""
    found: dict[tuple[int, int], str] = {}
    waiting = [(sys.modules[cls.__module__], node) for cls, nodes in methods.items() for node in nodes]
    modules: list[ModuleType] = []
    seen: set[tuple[str, str]] = set()
    while waiting:
        module, node = waiting.pop(0)
        if module not in modules:
            modules.append(module)
        definitions = _module_definitions(module)
        for name in _needs(node).names:
            if (module.__name__, name) in seen:
                continue
            seen.add((module.__name__, name))
            value = vars(module).get(name)
            if isinstance(definitions.get(name), ast.FunctionDef | ast.Assign | ast.AnnAssign):
                found[modules.index(module), definitions[name].lineno] = _source(module, definitions[name])
                waiting.append((module, definitions[name]))
            elif name not in definitions and _is_plain(value):
                found[modules.index(module), 0 - len(seen)] = f"{name} = {value!r}"
            elif inspect.isfunction(value) and str(value.__module__).split(".")[0] != "harness":
                found[modules.index(module), 0 - len(seen)] = _stub(value)
    parts = [found[place] for place in sorted(found)]
    constants = [part for part in parts if not part.startswith(("def ", "@"))]
    functions = [part for part in parts if part not in constants]
    private = "# for the code below only: a reward cannot read these"
    return ["\n".join([private, *constants]), *functions] if constants else functions


def _needs(node: ast.AST) -> _Needs:
    needs = _Needs()
    hidden = {part for keyword in _hidden(node) for part in ast.walk(keyword)}
    for part in ast.walk(node):
        if part in hidden:
            continue
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            needs.names.append(part.id)
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "self":
            needs.attributes.append(part.attr)
        elif isinstance(part, ast.Attribute) and ast.unparse(part.value) == "super()":
            needs.base_calls.add(part.attr)
    return needs


def _hidden(node: ast.AST) -> list[ast.keyword]:
    """Arguments that fill hidden state fields; each stands on lines of its own."""
    calls = (part for part in ast.walk(node) if isinstance(part, ast.Call))
    return [keyword for call in calls for keyword in call.keywords if (keyword.arg or "").startswith("_")]


@functools.cache
def _class_definitions(cls: type) -> dict[str, ast.stmt]:
    (definition,) = ast.parse(_text(cls)).body
    assert isinstance(definition, ast.ClassDef)
    return dict(_named(definition.body))


@functools.cache
def _module_definitions(module: ModuleType) -> dict[str, ast.stmt]:
    return dict(_named(ast.parse(_text(module)).body))


def _named(body: list[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign):
            yield from ((target.id, node) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node


@functools.cache
def _text(where: type | ModuleType) -> str:
    return textwrap.dedent(inspect.getsource(where))


def _source(where: type | ModuleType, node: ast.stmt) -> str:
    """The lines of a statement with its decorators and comments, those of hidden arguments left out."""
    first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
    hidden = {n for part in _hidden(node) for n in range(part.lineno, (part.end_lineno or part.lineno) + 1)}
    lines = enumerate(_text(where).splitlines()[first - 1 : node.end_lineno], start=first)
    return textwrap.dedent("\n".join(line for number, line in lines if number not in hidden))


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


def _short(value: Any) -> str:
    """Numbers with six significant digits, in lists too."""
    if isinstance(value, list):
        return f"[{', '.join(map(_short, value))}]"
    return repr(float(f"{value:.6g}")) if isinstance(value, float) else repr(value)


def _bound(task: Task) -> str:
    about = {
        "obs_buf": "Tensor  # (N, O): what `observe` returned",
        "actions": f"Tensor  # (N, {task.num_actions}), in [-1, 1]: the actions that led to this state",
        "num_envs": "int  # N",
        "device": "torch.device  # where all tensors live",
    }
    lines = [f"{name}: {about.get(name, 'Tensor')}" for name in (*task.bound, "device")]
    return "\n".join(["# also available as arguments", *lines])


def _helpers() -> str:
    lines = ["# functions that a reward may call without an import; `...` stands for any leading axes"]
    for name, function in REWARD_HELPERS.items():
        if name != function.__name__:
            lines.append(f"# {name}: another name of {function.__name__}")
        else:
            lines.append(f"# {name}({_arguments(function)}): {_first_line(function)}")
    return "\n".join(lines)


def _stub(function: Any) -> str:
    """A function that lives elsewhere: its head and the first line of its docstring."""
    return f'def {function.__name__}({_arguments(function)}):\n{INDENT}"""{_first_line(function)}"""'


def _arguments(function: Any) -> str:
    parameters = inspect.signature(function).parameters.values()
    return ", ".join(str(parameter.replace(annotation=parameter.empty)) for parameter in parameters)


def _first_line(function: Any) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(['N', *map(str, shape)])})" if shape else "(N,)"


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(item) for item in value)
    return isinstance(value, float | int | str) and not isinstance(value, bool)
