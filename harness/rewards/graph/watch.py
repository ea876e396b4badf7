"""Watches over a call of a reward program, operation by operation: what tracing would hide is refused here.

Tracing runs a program once and keeps its tensor operations. A size that depends on data would be kept as the number
that it was, a device as the harness's own, and a gigabyte would be computed again by whoever runs the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

USE_WHERE = (
    "Tracing turns the program into fixed tensor operations, so no Python value may depend on the states: not"
    " the condition of an `if`, not `.item()`, `float(x)`, `len(mask.nonzero())` or a shape after masking."
    " Use `torch.where(condition, a, b)`, and `mask.sum()` to count."
)


class Refused(Exception):
    """A program did what no graph can hold. `kind` is a RewardError's."""

    def __init__(self, kind: str, what: str, advice: str) -> None:
        super().__init__(what)
        self.kind = kind
        self.what = what
        self.advice = advice


@contextmanager
def watched(device: torch.device) -> Iterator[None]:
    """Raises Refused inside: `control_flow`, `device` or `resources`."""
    from harness.rewards.graph.modes import Places, Sizes

    with Sizes(), Places(device):
        yield


def first_line(call: Callable[[], Any], suspicious: Callable[[Any], bool]) -> int | None:
    """The program's line at the first operation after which `suspicious(result)` holds."""
    from harness.rewards.graph.modes import Lines

    with Lines(suspicious) as watch:
        call()
    line: int | None = watch.line
    return line
