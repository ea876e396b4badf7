"""The static check of a reward program. Nothing of it is executed."""

from __future__ import annotations

import ast

from harness.context import shared_names
from harness.rewards.errors import problem
from harness.rewards.language.clean import clean
from harness.rewards.language.parse import parse
from harness.rewards.language.program import FILENAME, Program
from harness.rewards.language.rules import Rules
from harness.rewards.language.scope import check_names
from harness.rewards.language.signature import check_parameters, entry_function
from harness.task import Task


def check(source: str, task: Task) -> Program:
    """The program in `source`, for `task`. RewardError: syntax, signature, unknown_name, forbidden or device."""
    try:
        tree, imports, flags = clean(parse(source), source)
        entry = entry_function(tree, source)
        parameters = check_parameters(entry, source, task)
        Rules(source, imports, entry.name).visit(tree)
        code = compile(tree, FILENAME, "exec", dont_inherit=True)
        bound = shared_names(task) | imports.values()
        check_names(code, source, task, set(bound), entry.name)
    except (RecursionError, MemoryError):
        raise problem("syntax", "the program is nested too deeply", "Write shorter expressions.") from None
    except (SyntaxError, ValueError) as error:  # what only the compiler sees, as `return` outside a function
        what, line = f"the program does not compile: {error}", getattr(error, "lineno", None)
        raise problem("syntax", what, "Write valid Python 3.", source, line) from None
    returns = [node.lineno for node in ast.walk(entry) if isinstance(node, ast.Return)]
    return Program(source, code, entry.name, parameters, bound, max(returns, default=None), flags)
