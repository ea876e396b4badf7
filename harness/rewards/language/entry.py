"""Which function of a program is the reward: told by its name, or by nobody calling it."""

from __future__ import annotations

import ast
import dis
from types import CodeType

ENTRY = "compute_reward"
"""The name that a designer is asked for."""


def top_level_functions(tree: ast.Module) -> list[ast.FunctionDef]:
    """The functions of a module, in order."""
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def entry_candidates(tree: ast.Module) -> list[ast.FunctionDef]:
    """The functions that may be the entry: all called `compute_reward`, else all that no other one names.

    A table of functions outside of functions names them too; another name for one does not. Python's own compiler
    tells which names of a function are global: a local variable or a parameter that is called like a function is
    no call of it. Raises what the compiler raises, such as SyntaxError.
    """
    functions = top_level_functions(tree)
    named = [node for node in functions if node.name == ENTRY]
    if named or len(functions) < 2:
        return named or functions
    used: set[str] = set()
    for node in tree.body:
        own = {node.name} if isinstance(node, ast.FunctionDef) else set()
        table = isinstance(node, ast.Assign) and not isinstance(node.value, ast.Name)
        if own or table:
            module = ast.Module([node], type_ignores=[])
            used |= _globals_read(compile(module, "<entry>", "exec", dont_inherit=True)) - own
    return [node for node in functions if node.name not in used]


def _globals_read(code: CodeType) -> set[str]:
    names = {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return names.union(*(_globals_read(part) for part in code.co_consts if isinstance(part, CodeType)))
