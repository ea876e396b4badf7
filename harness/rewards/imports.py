"""The imports of a reward program: which there may be, and what they bind."""

from __future__ import annotations

import ast
import importlib
from typing import Any

from harness.rewards.allowed import MODULES
from harness.rewards.errors import RewardError, nearest, problem

ADVICE = (
    "A reward program may import torch, torch.nn.functional, math and typing. Rotation helpers such as"
    " quat_apply, quat_mul and quat_rotate_inverse are there without an import."
)


class Imports:
    """Collects import statements. `modules` is alias → module path, `objects` alias → imported object."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.modules = {"torch": "torch", "math": "math"}
        self.objects: dict[str, Any] = {}

    def add(self, node: ast.Import | ast.ImportFrom) -> None:
        """Take in one statement. Raises RewardError `forbidden` for what may not be imported."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name not in MODULES:
                    raise self._refusal(node, f"`import {alias.name}` is not allowed")
                root = alias.name.partition(".")[0]
                self._module(alias.asname or root, alias.name if alias.asname else root, node)
            return
        if node.module == "__future__":
            return
        module = node.module if node.level == 0 and node.module in MODULES else ""
        for alias in node.names:
            name, path = alias.asname or alias.name, f"{module}.{alias.name}"
            if path in MODULES:
                self._module(name, path, node)
            elif module and alias.name in MODULES[module] and name not in self.modules:
                self.objects[name] = getattr(importlib.import_module(module), alias.name)
            else:
                what = f"`from {'.' * node.level}{node.module or ''} import {alias.name}` is not allowed"
                raise self._refusal(node, what, nearest(alias.name, MODULES.get(module, ())))

    def values(self) -> dict[str, Any]:
        """Alias → module or object, to be put into the program's globals."""
        return {name: importlib.import_module(path) for name, path in self.modules.items()} | self.objects

    def _module(self, name: str, path: str, node: ast.stmt) -> None:
        if self.modules.setdefault(name, path) != path or name in self.objects:
            raise self._refusal(node, f"`{name}` already stands for something else")
        self.modules[name] = path

    def _refusal(self, node: ast.stmt, what: str, hint: str = "") -> RewardError:
        return problem("forbidden", what, hint + ADVICE, self.source, node.lineno)
