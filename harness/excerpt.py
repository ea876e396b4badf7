"""The parts of a task's own source that a designer is shown, cut by AST, and what of them a reward may use."""

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

from harness.task import Task

SHOWN_METHODS = ("read", "observe")
PLAIN_TYPES = {"torch", "Tensor", "float", "int", "bool", "collections", "abc", "Sequence", "tuple", "list"}
"""Words of the types that the parameters of a function may have, so that a reward can call it."""


@dataclass(frozen=True)
class Part:
    """A constant or function of a task's modules that the shown methods use."""

    name: str
    text: str
    value: Any
    usable: bool
    """Whether a reward may use it by name."""

    @property
    def is_function(self) -> bool:
        """Whether it is a function; otherwise it is a constant."""
        return inspect.isfunction(self.value)


@dataclass
class _Needs:
    """Names that shown code refers to, in the order of their first use."""

    attributes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    base_calls: set[str] = field(default_factory=set)


def shown_methods(task_class: type[Task]) -> dict[type, list[ast.stmt]]:
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


def module_parts(methods: dict[type, list[ast.stmt]]) -> list[Part]:
    """Constants and functions of the task's modules that the shown methods use, in the order of the source."""
    found: dict[tuple[int, int], Part] = {}
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
            usable = not name.startswith("_") and (is_plain(value) or _takes_plain(value))
            if isinstance(definitions.get(name), ast.FunctionDef | ast.Assign | ast.AnnAssign):
                place = modules.index(module), definitions[name].lineno
                found[place] = Part(name, source_of(module, definitions[name]), value, usable)
                waiting.append((module, definitions[name]))
            elif name not in definitions and is_plain(value):
                found[modules.index(module), 0 - len(seen)] = Part(name, f"{name} = {value!r}", value, usable)
            elif inspect.isfunction(value) and str(value.__module__).split(".")[0] != "harness":
                found[modules.index(module), 0 - len(seen)] = Part(name, _stub(value), value, usable)
    return [found[place] for place in sorted(found)]


def constants_of_class(nodes: list[ast.stmt]) -> list[str]:
    """The names that the statements of a class assign to."""
    return [name for name, node in _named(nodes) if isinstance(node, ast.Assign | ast.AnnAssign)]


def options_read(node: ast.AST) -> list[str]:
    """The options that code reads as `self.options.NAME`, hidden arguments left out."""
    hidden = {part for keyword in _hidden(node) for part in ast.walk(keyword)}
    found = [part for part in ast.walk(node) if isinstance(part, ast.Attribute) and part not in hidden]
    return [part.attr for part in found if ast.unparse(part.value) == "self.options"]


def is_plain(value: object) -> bool:
    """Whether a value is a number or a text, or rows of such."""
    if isinstance(value, list | tuple):
        return all(is_plain(item) for item in value)
    return isinstance(value, float | int | str) and not isinstance(value, bool)


def head(function: Any) -> tuple[str, str]:
    """The parameters of a function and the first line of its docstring, which `python -OO` leaves out of it."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(definition, ast.FunctionDef)
    parameters = inspect.signature(function).parameters.values()
    arguments = ", ".join(str(parameter.replace(annotation=parameter.empty)) for parameter in parameters)
    return arguments, (ast.get_docstring(definition) or "").partition("\n")[0]


def _stub(function: Any) -> str:
    """A function that lives elsewhere: its head and the first line of its docstring."""
    arguments, about = head(function)
    return f'def {function.__name__}({arguments}):\n    """{about}"""'


def _takes_plain(value: object) -> bool:
    """Whether a value is a function of tensors and numbers alone."""
    if not inspect.isfunction(value):
        return False
    parameters = inspect.signature(value).parameters.values()
    return all(_is_plain_type(parameter.annotation) for parameter in parameters)


def _is_plain_type(annotation: Any) -> bool:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    words = text.translate(dict.fromkeys(map(ord, "[]|,."), " ")).split()
    return bool(words) and set(words) <= PLAIN_TYPES


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


def source_of(where: type | ModuleType, node: ast.stmt) -> str:
    """The lines of a statement with its decorators and comments, those of hidden arguments left out."""
    first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
    hidden = {n for part in _hidden(node) for n in range(part.lineno, (part.end_lineno or part.lineno) + 1)}
    lines = enumerate(_text(where).splitlines()[first - 1 : node.end_lineno], start=first)
    return textwrap.dedent("\n".join(line for number, line in lines if number not in hidden))
