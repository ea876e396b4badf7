"""The syntax tree of a program."""

from __future__ import annotations

import ast
import warnings

from harness.rewards.errors import problem

LONGEST_PROGRAM = 60_000


def parse(source: str) -> ast.Module:
    """The syntax tree of a program. Raises RewardError `syntax` with line and column."""
    if len(source) > LONGEST_PROGRAM:
        raise problem(
            "syntax", f"the program has more than {LONGEST_PROGRAM} characters", "Write a shorter program."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        where = f" at line {error.lineno}, column {error.offset}" if error.lineno else ""
        raise problem(
            "syntax",
            f"the program does not parse{where}: {error.msg}",
            "Write valid Python 3.",
            source,
            error.lineno,
        ) from None
    except (ValueError, RecursionError, MemoryError) as error:
        what = "a NUL or an undecodable character" if isinstance(error, ValueError) else "too deep nesting"
        raise problem(
            "syntax", f"the program does not parse: {what}", "Write plain, short Python 3."
        ) from None
