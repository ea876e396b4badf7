"""The entry function of a reward program, and what it asks for."""

from __future__ import annotations

import ast

from harness.rewards.errors import nearest, problem
from harness.rewards.language.entry import ENTRY, entry_candidates, top_level_functions
from harness.rewards.language.names import accepted, describe, offered
from harness.task import Task

ADVICE = f"Define exactly one function `{ENTRY}` at the top level; helpers may stand before or after it."
ARITHMETIC = (ast.Constant, ast.UnaryOp, ast.BinOp, ast.Tuple, ast.unaryop, ast.operator, ast.expr_context)


def entry_function(tree: ast.Module, source: str) -> ast.FunctionDef:
    """The one function that is the reward (see `entry_candidates`). Raises RewardError `signature`."""
    functions = top_level_functions(tree)
    candidates = entry_candidates(tree)
    names = [node.name for node in candidates]
    line = candidates[-1].lineno if candidates else None
    if len(candidates) == 1 and [node.name for node in functions].count(names[0]) == 1:
        return candidates[0]
    if len(set(names)) == 1:
        count = [node.name for node in functions].count(names[0])
        what = f"`{names[0]}` is defined {count} times"
    elif names:
        found = " and ".join([", ".join(f"`{name}`" for name in dict.fromkeys(names[:-1])), f"`{names[-1]}`"])
        what = (
            f"there is no function `{ENTRY}`, and no other one calls {found}: any of them may be the reward"
        )
    elif inner := [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == ENTRY]:
        what, line = f"`{ENTRY}` is not at the top level", inner[0].lineno
    elif functions:
        found = ", ".join(f"`{node.name}`" for node in functions)
        what, line = f"there is no function `{ENTRY}`, and {found} call each other", functions[-1].lineno
    else:
        what = f"there is no function `{ENTRY}`"
    raise problem("signature", what, ADVICE, source, line)


def check_parameters(entry: ast.FunctionDef, source: str, task: Task) -> tuple[str, ...]:
    """The parameters that the task gives; others have a number as default, and keep it.

    RewardError `signature`, or `unknown_name` for what neither the task offers nor a number stands for.
    """
    arguments = [*entry.args.args, *entry.args.kwonlyargs]
    defaults = _defaults(entry.args)
    available = f"A parameter may be any of: {describe(task)}."
    for extra, stars in ((entry.args.vararg, "*"), (entry.args.kwarg, "**")):
        if extra is not None:
            what = f"`{entry.name}` takes `{stars}{extra.arg}`"
            raise problem("signature", what, f"Name every parameter. {available}", source, extra.lineno)
    known = accepted(task)
    for argument in arguments:
        if argument.arg in ("self", "cls"):
            what = f"`{entry.name}` takes `{argument.arg}`, but it is a plain function, not a method"
            raise problem("signature", what, f"Name what it reads. {available}", source, argument.lineno)
        if argument.arg not in known and not _is_numeric(defaults.get(argument.arg)):
            what = f"the parameter `{argument.arg}` of `{entry.name}` is nothing that the task offers"
            advice = (
                f"{nearest(argument.arg, offered(task))}{available} Other numbers belong inside the function."
            )
            raise problem("unknown_name", what, advice, source, argument.lineno)
    parameters = tuple(argument.arg for argument in arguments if argument.arg in known)
    if not parameters:
        what = f"`{entry.name}` has no parameters, so it reads nothing of the task"
        raise problem("signature", what, available, source, entry.lineno)
    return parameters


def _defaults(arguments: ast.arguments) -> dict[str, ast.expr | None]:
    last = arguments.args[len(arguments.args) - len(arguments.defaults) :]
    named = dict(zip((argument.arg for argument in last), arguments.defaults, strict=True))
    return named | dict(zip((a.arg for a in arguments.kwonlyargs), arguments.kw_defaults, strict=True))


def _is_numeric(value: ast.expr | None) -> bool:
    """Whether a default is a number, a row of numbers, or arithmetic on numbers and constants of math."""
    if value is None:
        return False
    for part in ast.walk(value):
        if isinstance(part, ast.Constant):
            if not isinstance(part.value, (bool, int, float)):
                return False
        elif isinstance(part, ast.Attribute):
            if ast.unparse(part.value) not in ("math", "torch", "np", "numpy"):
                return False
        elif not isinstance(part, (ast.Name, *ARITHMETIC)):
            return False
    return True
