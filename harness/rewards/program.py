"""A checked reward program, and how it is turned into a function (only ever inside a probe)."""

from __future__ import annotations

import builtins
import math
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

import torch

from harness.rewards.allowed import BUILTINS
from harness.rewards.flags import Flag
from harness.rotations import REWARD_HELPERS

ENTRY = "compute_reward"
FILENAME = "<reward program>"
DEVICE = "_device"
"""Global name of the device; `"cuda:0"` and the like in calls mean it."""

ALWAYS: dict[str, Any] = {
    **REWARD_HELPERS,
    "torch": torch,
    "math": math,
    "Tensor": torch.Tensor,
    **{name: getattr(typing, name) for name in ("Tuple", "Dict", "List", "Optional")},
}
"""Names that need no import."""


@dataclass(frozen=True)
class Program:
    """A reward program whose text has been checked."""

    source: str
    code: CodeType
    """Compiled without decorators, annotations and imports."""
    entry: str
    """Name of the function that computes the reward."""
    parameters: tuple[str, ...]
    """Names that the entry function wants of the task; numbers with a default that it does not offer keep it."""
    imports: Mapping[str, Any]
    """What its imports stand for."""
    return_line: int | None
    """Line of the entry function's last return statement."""
    flags: tuple[Flag, ...] = ()
    """What was dropped from the text."""

    def load(self, device: torch.device) -> Callable[..., Any]:
        """The entry function, called by keyword. Runs the module's body, so call it in a probe."""
        names = {
            # torch's C code imports through these builtins; a program has no way to say `__import__`
            "__builtins__": {name: getattr(builtins, name) for name in (*BUILTINS, "__import__")},
            **ALWAYS,
            **self.imports,
            DEVICE: device,
        }
        exec(self.code, names)
        function: Callable[..., Any] = names[self.entry]
        return function
