"""The modes of torch in which a program is watched, see `harness.rewards.graph.watch`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from harness.rewards.graph.sizes import MOST_ELEMENTS
from harness.rewards.graph.watch import USE_WHERE, Refused
from harness.rewards.language.program import FILENAME

SELECTIONS = {"nonzero", "argwhere", "masked_select", "unique", "unique_consecutive"}
"""Functions whose result has a size that depends on data."""
LIKE_THE_FIRST = {
    *("copy", "fill", "index_add", "index_copy", "index_fill", "index_put", "masked_fill", "masked_scatter"),
    *("scatter", "scatter_add"),
}
"""Functions whose result has the shape of their first argument, in place or not."""
SIZE_READERS = {"size", "numel", "nelement", "__len__", "unbind", "split", "chunk", "tolist"}
"""Functions that turn a size into a number, or into a number of tensors, in Python."""


class Sizes(TorchFunctionMode):
    """Follows tensors whose size depends on data, and refuses to let Python read that size."""

    def __init__(self) -> None:
        super().__init__()
        self._selected: dict[int, Tensor] = {}  # by identity; held, so that no identity is used twice

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        chosen = [tensor for tensor in _tensors((args, kwargs or {})) if id(tensor) in self._selected]
        if chosen and _reads_size(func, name) and chosen[0] is args[0]:
            what = "a Python value depends on how many entries a selection has, so on the states"
            raise Refused("control_flow", what, USE_WHERE)
        result = func(*args, **(kwargs or {}))
        first = args[0] if args else None
        if _selects(name, args) or (chosen and self._inherits(name, first)):
            for tensor in _tensors(result):
                if tensor.ndim and tensor is not first:
                    self._selected[id(tensor)] = tensor
        return result

    def _inherits(self, name: str, first: Any) -> bool:
        return name.rstrip("_") not in LIKE_THE_FIRST or id(first) in self._selected


def _reads_size(func: Any, name: str) -> bool:
    return name in SIZE_READERS or (name == "__get__" and func.__self__ is torch.Tensor.shape)


def _selects(name: str, args: Any) -> bool:
    if name in SELECTIONS or (name == "where" and len(args) == 1):
        return True
    if name == "repeat_interleave":
        return len(args) > 1 and isinstance(args[1], Tensor)
    if name != "__getitem__" or len(args) != 2:
        return False
    index = args[1] if isinstance(args[1], tuple) else (args[1],)
    return any(isinstance(part, Tensor) and part.dtype in (torch.bool, torch.uint8) for part in index)


class Places(TorchDispatchMode):
    """Refuses tensors on other devices, and tensors that are too large."""

    def __init__(self, device: torch.device) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.device = device

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in _tensors(result):
            if tensor.device.type != self.device.type:
                what = f"a tensor is moved to the device {str(tensor.device)!r}"
                raise Refused(
                    "device", what, "Leave tensors where they are; for new ones write `device=x.device`."
                )
            if tensor.numel() > MOST_ELEMENTS:
                what = f"a tensor of {tensor.numel():,} elements is made, more than {MOST_ELEMENTS:,}"
                raise Refused("resources", what, "Work on tensors of the state's own size, (N, ...).")
        return result


class Lines(TorchDispatchMode):
    def __init__(self, suspicious: Callable[[Any], bool]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.suspicious = suspicious
        self.line: int | None = None

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if self.line is None and self.suspicious(result):
            frame = sys._getframe(1)
            while frame.f_back is not None and frame.f_code.co_filename != FILENAME:
                frame = frame.f_back
            self.line = frame.f_lineno if frame.f_code.co_filename == FILENAME else None
        return result


def _tensors(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (tuple, list)):
        return []
    return [tensor for item in value for tensor in _tensors(item)]
