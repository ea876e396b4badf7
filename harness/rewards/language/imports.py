"""The imports of a reward program: what they bind, and which may be dropped because nothing uses them."""

from __future__ import annotations

import ast
import importlib
import math
from types import SimpleNamespace
from typing import Any

from harness.rewards.allowed import ISAAC_HELPERS, MODULES
from harness.rewards.errors import RewardError, nearest, problem
from harness.rewards.flags import Flag
from harness.rotations import IMPORTED_HELPERS

ADVICE = (
    "A reward program may import torch, torch.nn.functional, math and typing. Rotation helpers such as"
    " quat_apply, quat_mul and quat_rotate_inverse are there without an import."
)
NUMBERS = {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan, "euler_gamma": 0.5772156649015329}
"""Constants of numpy; the module itself is not there."""
USUAL = {"np": "numpy", "F": "torch.nn.functional", "nn": "torch.nn"}
"""What a module is called by habit."""
SILENT = ("torch", "typing", "typing_extensions", "isaacgym", "isaacgymenvs", "utils")
"""Packages whose unused names are dropped without a word."""


class Imports:
    """Collects import statements. `modules` is alias → module path, `objects` alias → imported object.

    `paths` is alias → dotted name of whatever was imported, allowed or not.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.modules = {"torch": "torch", "math": "math"}
        self.objects: dict[str, Any] = {}
        self.paths = {"torch": "torch", "math": "math"}
        self._refused: dict[str, RewardError] = {}
        self._flags: list[Flag] = []

    def collect(self, tree: ast.Module) -> None:
        """Take in all import statements. RewardError `forbidden` for one that hides a module by another."""
        for node in sorted(_imports(tree), key=lambda node: node.lineno):
            if isinstance(node, ast.Import):
                self._add_modules(node)
            elif node.module != "__future__":
                self._add_names(node)

    def assume(self, tree: ast.Module, own: set[str]) -> None:
        """Bind what everybody calls so and the program forgot to import, unless the name is one of its `own`."""
        free = USUAL.keys() - own - self.paths.keys() - self.modules.keys() - self.objects.keys()
        bases = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in free]
        for name in {node.id for node in names} - {node.id for node in names if id(node) not in bases}:
            self.modules[name] = self.paths[name] = USUAL[name]

    def refuse_used(self, used: set[str]) -> tuple[Flag, ...]:
        """RewardError `forbidden` for an import that is not allowed and used; what was dropped of the rest."""
        for name, error in self._refused.items():
            if name in used:
                raise error
        return tuple(self._flags)

    def refusal_of(self, name: str) -> RewardError | None:
        """Why the import of a name is not allowed, if so."""
        return self._refused.get(name)

    def values(self) -> dict[str, Any]:
        """Alias → module or object, to be put into the program's globals."""
        return {name: _loaded(path) for name, path in self.modules.items()} | self.objects

    def _add_modules(self, node: ast.Import) -> None:
        for alias in node.names:
            root = alias.name.partition(".")[0]
            name, path = (alias.asname, alias.name) if alias.asname else (root, root)
            if alias.name in MODULES:
                self._module(name, path, node)
            elif alias.asname or root not in MODULES:
                self._refuse(name, node, f"`import {alias.name}` is not allowed")
            self._path(name, path)

    def _add_names(self, node: ast.ImportFrom) -> None:
        module = node.module or "" if node.level == 0 else ""
        for alias in node.names:
            name, path = alias.asname or alias.name, f"{module}.{alias.name}"
            if alias.name == "*":
                self._add_all(module, node)
                continue
            if path in MODULES:
                self._module(name, path, node)
            elif alias.name in MODULES.get(module, ()):
                self._free(name, node)
                self.objects[name] = getattr(_loaded(module), alias.name)
            else:
                self._refuse(
                    name, node, _statement(node, alias.name), nearest(alias.name, MODULES.get(module, ()))
                )
            self._path(name, path)

    def _add_all(self, module: str, node: ast.ImportFrom) -> None:
        if module.partition(".")[0] == "torch":
            advice = "Name what you import, or write `torch.` in front of it. "
            raise self._refusal(node, f"`from {module} import *` is not allowed", advice)
        if module in ("typing", "math") or module in ISAAC_HELPERS:
            self.objects |= {name: getattr(_loaded(module), name) for name in MODULES[module]}
        else:
            self._dropped(node, _statement(node, "*"))

    def _path(self, name: str, path: str) -> None:
        """Two imports under one name mean neither."""
        self.paths[name] = path if self.paths.get(name, path) == path else ""

    def _module(self, name: str, path: str, node: ast.stmt) -> None:
        if self.modules.get(name, path) != path or name in self.objects:
            raise self._refusal(node, f"`{name}` already stands for something else")
        self.modules[name] = path

    def _refuse(self, name: str, node: ast.Import | ast.ImportFrom, what: str, hint: str = "") -> None:
        """Remember that a name may not be imported: that matters only if the program uses it."""
        self._free(name, node)
        self._refused[name] = self._refusal(node, what, hint)
        self._dropped(node, what)

    def _free(self, name: str, node: ast.stmt) -> None:
        if name in self.modules:
            raise self._refusal(node, f"`{name}` already stands for something else")

    def _dropped(self, node: ast.Import | ast.ImportFrom, what: str) -> None:
        module = node.names[0].name if isinstance(node, ast.Import) else node.module or "."
        if module.partition(".")[0] not in SILENT:
            statement = what.removesuffix(" is not allowed")
            self._flags.append(
                Flag("dropped", f"line {node.lineno}: {statement} was dropped, nothing uses it")
            )

    def _refusal(self, node: ast.stmt, what: str, hint: str = "") -> RewardError:
        return problem("forbidden", what, hint + ADVICE, self.source, node.lineno)


def _imports(tree: ast.Module) -> list[ast.Import | ast.ImportFrom]:
    return [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]


def _statement(node: ast.ImportFrom, name: str) -> str:
    return f"`from {'.' * node.level}{node.module or ''} import {name}` is not allowed"


def _loaded(path: str) -> Any:
    """A module, or what stands for it: numpy is its constants, Isaac Gym's helpers are the harness's own."""
    if path == "numpy":
        return SimpleNamespace(**NUMBERS)
    if path in ISAAC_HELPERS:
        return SimpleNamespace(**IMPORTED_HELPERS)
    if any(helper.startswith(f"{path}.") for helper in ISAAC_HELPERS):
        names = {
            p[len(path) + 1 :] for p in MODULES if p.startswith(f"{path}.") and "." not in p[len(path) + 1 :]
        }
        return SimpleNamespace(**{name: _loaded(f"{path}.{name}") for name in names})
    return importlib.import_module(path)
