"""The rules of the reward language, checked construct by construct."""

from __future__ import annotations

import ast

import torch

from harness.rewards.allowed import CONSTRUCTS, HINTS, KEYWORDS, METHODS, MODULES, OF_NUMPY, PLAIN, SYNTAX
from harness.rewards.errors import RewardError, nearest, problem
from harness.rewards.language.imports import Imports

MUTABLE = "Use a tuple, or make it inside the function: a reward keeps nothing between calls."

HARMLESS = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp),
    *(
        ast.List,
        ast.Tuple,
        ast.Dict,
        ast.Subscript,
        ast.expr_context,
        ast.operator,
        ast.unaryop,
        ast.boolop,
        ast.cmpop,
    ),
)
"""Parts of an expression that may be evaluated when a program is loaded."""


class Rules(ast.NodeVisitor):
    """Refuses every construct, attribute and keyword that is not allowed."""

    def __init__(self, source: str, imports: Imports, entry: str) -> None:
        self.source = source
        self.modules = imports.modules
        self.entry = entry

    def generic_visit(self, node: ast.AST) -> None:
        if not isinstance(node, SYNTAX):
            what, advice = CONSTRUCTS.get(type(node), (f"the construct {type(node).__name__}", PLAIN))
            raise self.refusal(node, f"{what} is not allowed in a reward program", advice)
        super().generic_visit(node)

    def visit_Module(self, node: ast.Module) -> None:
        for statement in node.body:
            if isinstance(statement, ast.Assign) and self.is_mutable(statement.value):
                what = "a list, dict or set outside functions would outlive the call"
                raise self.refusal(statement, what, MUTABLE)
            constant = isinstance(statement, ast.Assign) and not self.calls(statement.value)
            text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            if not (constant or text or isinstance(statement, (ast.FunctionDef, ast.Pass))):
                if type(statement) in CONSTRUCTS:
                    self.visit(statement)
                raise self.refusal(
                    statement,
                    "only imports, functions and plain constants are allowed outside functions",
                    f"Move this into `{self.entry}` or leave it out.",
                )
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.name(node, node.name)
        self.generic_visit(node)

    def visit_arguments(self, node: ast.arguments) -> None:
        for extra in filter(None, (node.vararg, node.kwarg)):
            stars = "**" if extra is node.kwarg else "*"
            raise self.refusal(
                extra, f"`{stars}{extra.arg}` is not allowed", "Name every parameter.", "signature"
            )
        for value in (*node.defaults, *filter(None, node.kw_defaults)):
            if self.is_mutable(value):
                raise self.refusal(
                    value, "a list, dict or set as a default value would outlive the call", MUTABLE
                )
            if self.calls(value):
                raise self.refusal(value, "a default value calls something", "Use a number as default value.")
        self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> None:
        self.name(node, node.arg)

    def visit_Name(self, node: ast.Name) -> None:
        self.name(node, node.id)

    def name(self, node: ast.AST, name: str) -> None:
        if name.startswith("__"):
            raise self.refusal(
                node, f"the name `{name}` is not allowed", "Names may not start with two underscores."
            )
        if name in self.modules:
            advice = f"Use `{name}` only as in `{name}.something(...)`, and do not redefine it."
            raise self.refusal(node, f"the module `{name}` is used as a value", advice)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not isinstance(node.ctx, ast.Load):
            raise self.refusal(node, f"the attribute `{node.attr}` is assigned to", "Use local variables.")
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            advice = (
                f"`{self.entry}` is a plain function: name `{node.attr}` as a parameter and use it directly."
            )
            raise self.refusal(node, "`self` does not exist here", advice, "unknown_name")
        module = self.module(node.value)
        if module is None:
            if node.attr not in METHODS:
                raise self.attribute(node, f".{node.attr}", METHODS, hasattr(torch.Tensor, node.attr))
            self.visit(node.value)
        elif node.attr not in MODULES[module]:
            self.attribute_of_module(node, module)

    def module(self, node: ast.expr) -> str | None:
        """The module that an expression names, as `torch.nn.functional`."""
        if isinstance(node, ast.Name):
            return self.modules.get(node.id)
        if isinstance(node, ast.Attribute):
            parent = self.module(node.value)
            if parent is not None and f"{parent}.{node.attr}" in MODULES:
                return f"{parent}.{node.attr}"
        return None

    def attribute_of_module(self, node: ast.Attribute, module: str) -> None:
        if f"{module}.{node.attr}" in MODULES:
            raise self.refusal(
                node, f"the module `{module}.{node.attr}` is used as a value", "Call its functions."
            )
        if module == "numpy":
            raise self.refusal(
                node, f"`{ast.unparse(node)}` is not available to rewards", _of_torch(node.attr)
            )
        exists = module.startswith("torch") and hasattr(torch, node.attr)
        raise self.attribute(node, f"{module}.{node.attr}", MODULES[module], exists)

    def attribute(self, node: ast.Attribute, shown: str, known: set[str], exists: bool) -> RewardError:
        hint = HINTS.get(node.attr) or nearest(node.attr, known, strict=True)
        kind = "unknown_name" if hint and not exists and node.attr not in HINTS else "forbidden"
        what = (
            f"`{shown}` does not exist"
            if kind == "unknown_name"
            else f"`{shown}` is not available to rewards"
        )
        return self.refusal(node, what, hint or "Use tensor arithmetic.", kind)

    def visit_Call(self, node: ast.Call) -> None:
        for keyword in node.keywords:
            if keyword.arg is None:
                raise self.refusal(node, "`**` in a call is not allowed", "Write the arguments out.")
            if keyword.arg in KEYWORDS:
                raise self.refusal(
                    node, f"the argument `{keyword.arg}=` is not allowed", "Assign the result instead."
                )
        self.generic_visit(node)

    def calls(self, node: ast.AST) -> bool:
        """Whether evaluating an expression runs more than arithmetic on, and choices between, constants."""
        return not all(isinstance(part, HARMLESS) or self.is_math(part) for part in ast.walk(node))

    def is_math(self, node: ast.AST) -> bool:
        """Whether a node is a call of the math module, which gives a number for numbers."""
        function = node.func if isinstance(node, ast.Call) and not node.keywords else None
        return isinstance(function, ast.Attribute) and self.module(function.value) == "math"

    def is_mutable(self, node: ast.expr) -> bool:
        """Whether a value is, or holds, something that can be changed in place."""
        kinds = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
        parts = list(ast.walk(node))
        calls = [part for part in parts if isinstance(part, ast.Call) and not self.is_math(part)]
        makes = any(ast.unparse(part.func) in ("list", "dict", "set") for part in calls)
        return makes or (not calls and any(isinstance(part, kinds) for part in parts))

    def refusal(self, node: ast.AST, what: str, advice: str, kind: str = "forbidden") -> RewardError:
        return problem(kind, what, advice, self.source, getattr(node, "lineno", None))


def _of_torch(name: str) -> str:
    """What to use in place of a function of numpy."""
    name = OF_NUMPY.get(name, name)
    known = name in MODULES["torch"] or f"torch.{name}" in MODULES
    advice = f"Use `torch.{name}`." if known else HINTS.get(name, "Use tensor operations of torch.")
    return f"{advice} Of numpy there are only constants such as np.pi."
