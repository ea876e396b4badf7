"""Statements that change no value and are dropped: `print`, `del` of variables, a block for scripts."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from harness.rewards.allowed import BUILTINS, CHANGING, KEYWORDS, words
from harness.rotations import IMPORTED_HELPERS

READING = BUILTINS - {"map", "filter"} | IMPORTED_HELPERS.keys() | words("repr type id format ascii hasattr")
"""Functions by name that change nothing."""
HARMLESS_PACKAGES = {"torch", "math", "typing", "numpy", "isaacgym", "isaacgymenvs", "time"}
ITERATORS = {"zip", "map", "filter", "enumerate", "reversed", "iter"}


@dataclass
class Own:
    """What a program defines itself, as far as it matters for what may be dropped."""

    stored: set[str] = field(default_factory=set)
    """Names that are assigned, and parameters."""
    functions: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    """Names that are imported from elsewhere than torch and what is like it."""
    iterators: bool = False
    """Whether a variable may hold something that reading uses up."""

    @classmethod
    def of(cls, tree: ast.Module) -> Own:
        """What the program `tree` defines."""
        own = cls()
        at_once: set[ast.AST] = set()
        for node in ast.walk(tree):
            if isinstance(node, (ast.For, ast.comprehension)):
                at_once.add(node.iter)
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if name in BUILTINS - ITERATORS or (name in ITERATORS and node in at_once):
                at_once |= set(node.args)  # type: ignore[attr-defined]
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                own.functions.add(node.name)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                own.foreign |= _foreign(node)
            elif isinstance(node, ast.arg):
                own.stored.add(node.arg)
            elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                own.stored.add(node.id)
            elif node not in at_once and isinstance(node, ast.GeneratorExp):
                own.iterators = True
            elif node not in at_once and isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                own.iterators |= node.func.id in ITERATORS
        return own


def is_print(statement: ast.stmt, own: Own) -> bool:
    """Whether a statement is a call of Python's own `print`."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    named = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"
    return named and "print" not in own.stored | own.functions


def is_main_block(statement: ast.stmt) -> bool:
    """Whether a statement is `if __name__ == "__main__":` without an else."""
    test = statement.test if isinstance(statement, ast.If) and not statement.orelse else None
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
        return False
    return {ast.unparse(side) for side in (test.left, *test.comparators)} == {"__name__", "'__main__'"}


def changes(expression: ast.AST, own: Own) -> str:
    """What in an expression may change a value, so that it cannot be dropped; empty if nothing."""
    for node in ast.walk(expression):
        if isinstance(node, (ast.NamedExpr, ast.Lambda, ast.Await, ast.Yield, ast.YieldFrom)):
            return f"`{ast.unparse(node)}`"
        if own.iterators and isinstance(node, (ast.Starred, ast.comprehension, ast.In, ast.NotIn)):
            return "a loop over an iterator"
        if isinstance(node, ast.Name) and node.id in own.functions | own.foreign:
            return f"`{node.id}`"
        if isinstance(node, ast.Call) and not _is_pure(node, own):
            return f"the call `{ast.unparse(node)}`"
    return ""


def _is_pure(call: ast.Call, own: Own) -> bool:
    if any(k.arg in {*KEYWORDS, "key", None} for k in call.keywords):
        return False
    if any(isinstance(value, ast.Constant) and value.value is True for value in call.args):
        return False  # F.relu(x, True) works in place
    if isinstance(call.func, ast.Attribute):
        name = call.func.attr
        return not name.endswith("_") and not name.startswith("set") and name not in CHANGING
    if not isinstance(call.func, ast.Name) or call.func.id in own.stored or call.func.id not in READING:
        return False
    return not (own.iterators and call.func.id in BUILTINS - {"len", "str", "float", "int"})


def _foreign(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The names of an import that may do anything."""
    if isinstance(node, ast.Import):
        roots = {alias.asname or alias.name.partition(".")[0]: alias.name for alias in node.names}
        return {name for name, path in roots.items() if path.partition(".")[0] not in HARMLESS_PACKAGES}
    harmless = node.level == 0 and (node.module or "").partition(".")[0] in HARMLESS_PACKAGES
    return set() if harmless else {alias.asname or alias.name for alias in node.names}
