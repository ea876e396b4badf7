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
from harness.rewards.language.devices import DEVICE, DEVICE_NAME
from harness.rotations import IMPORTED_HELPERS

FILENAME = "<reward program>"

TYPES = ("Tuple", "Dict", "List", "Optional", "Union", "Any")
ALWAYS = {*IMPORTED_HELPERS, "torch", "math", "Tensor", *TYPES}
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
    """What its imports stand for, and the functions and constants of the task's own that it may use by name."""
    return_line: int | None
    """Line of the entry function's last return statement."""
    flags: tuple[Flag, ...] = ()
    """What was dropped from the text."""

    def load(self, device: torch.device) -> Callable[..., Any]:
        """The entry function, called by keyword. Runs the module's body, so call it in a probe."""
        names = {
            # torch's C code imports through these builtins; a program has no way to say `__import__`
            "__builtins__": {name: getattr(builtins, name) for name in (*BUILTINS, "__import__")},
            **IMPORTED_HELPERS,
            "torch": torch,
            "math": math,
            "Tensor": torch.Tensor,
            **{name: getattr(typing, name) for name in TYPES},
            **self.imports,
            DEVICE: device,
            DEVICE_NAME: str(device),
        }
        exec(self.code, names)
        function: Callable[..., Any] = names[self.entry]
        return function
