"""Names that a program reads and nothing defines."""

from __future__ import annotations

import builtins
import dis
from collections.abc import Iterator
from types import CodeType

from harness.rewards.allowed import BUILTINS, HINTS
from harness.rewards.errors import nearest, problem
from harness.rewards.language.devices import DEVICE, DEVICE_NAME
from harness.rewards.language.names import accepted, describe, offered
from harness.rewards.language.program import ALWAYS
from harness.task import Task


def check_names(code: CodeType, source: str, task: Task, bound: set[str], entry: str) -> None:
    """RewardError `unknown_name` or `forbidden` for a read of a name that nothing defines.

    `bound` are the names that imports and the task's own helpers give; `entry` is the entry function's. Python's
    own compiler has resolved the scopes: what it reads as a global must be one.
    """
    stored = {i.argval for i in dis.get_instructions(code) if i.opname == "STORE_NAME"}
    known = {*stored, *ALWAYS, *bound, *BUILTINS, DEVICE, DEVICE_NAME}
    for name, line, local in _globals_read(code):
        if name in known:
            continue
        if name in accepted(task):
            what, advice = (
                f"`{name}` is used but is no parameter",
                f"Add `{name}` to the parameters of `{entry}`.",
            )
        elif hasattr(builtins, name):
            raise problem(
                "forbidden",
                f"`{name}` is not available to rewards",
                HINTS.get(name, "Leave it out."),
                source,
                line,
            )
        else:
            what = f"the name `{name}` is not defined"
            advice = f"{nearest(name, {*known, *local, *offered(task)})}The task offers: {describe(task)}."
        raise problem("unknown_name", what, advice, source, line)


def _globals_read(code: CodeType) -> Iterator[tuple[str, int | None, tuple[str, ...]]]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            line = instruction.positions.lineno if instruction.positions else None
            yield instruction.argval, line, code.co_varnames
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals_read(constant)
