"""The entry function of a reward program, and what it asks for."""

from __future__ import annotations

import ast

from harness.rewards.errors import nearest, problem
from harness.rewards.names import accepted, describe, offered
from harness.rewards.program import ENTRY
from harness.task import Task

ADVICE = f"Define exactly one function `{ENTRY}` at the top level; helpers may stand before or after it."


def entry_function(tree: ast.Module, source: str) -> ast.FunctionDef:
    """The one top-level `compute_reward`. Raises RewardError `signature`."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    entries = [node for node in functions if node.name == ENTRY]
    line: int | None = None
    if len(entries) == 1:
        return entries[0]
    if entries:
        what, line = f"`{ENTRY}` is defined {len(entries)} times", entries[-1].lineno
    elif inner := [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == ENTRY]:
        what, line = f"`{ENTRY}` is not at the top level", inner[0].lineno
    elif functions:
        what = f"there is no function `{ENTRY}`, only {', '.join(f'`{node.name}`' for node in functions)}"
        line = functions[-1].lineno
    else:
        what = f"there is no function `{ENTRY}`"
    raise problem("signature", what, ADVICE, source, line)


def check_parameters(entry: ast.FunctionDef, source: str, task: Task) -> tuple[str, ...]:
    """The parameters' names. RewardError `signature`, or `unknown_name` for what the task does not offer."""
    arguments = [*entry.args.args, *entry.args.kwonlyargs]
    available = f"A parameter may be any of: {describe(task)}."
    for extra, stars in ((entry.args.vararg, "*"), (entry.args.kwarg, "**")):
        if extra is not None:
            what = f"`{ENTRY}` takes `{stars}{extra.arg}`"
            raise problem("signature", what, f"Name every parameter. {available}", source, extra.lineno)
    if not arguments:
        what = f"`{ENTRY}` has no parameters, so it reads nothing of the task"
        raise problem("signature", what, available, source, entry.lineno)
    for argument in arguments:
        if argument.arg in ("self", "cls"):
            what = f"`{ENTRY}` takes `{argument.arg}`, but it is a plain function, not a method"
            raise problem("signature", what, f"Name what it reads. {available}", source, argument.lineno)
        if argument.arg not in accepted(task):
            what = f"the parameter `{argument.arg}` of `{ENTRY}` is nothing that the task offers"
            advice = (
                f"{nearest(argument.arg, offered(task))}{available} Other numbers belong inside the function."
            )
            raise problem("unknown_name", what, advice, source, argument.lineno)
    return tuple(argument.arg for argument in arguments)
