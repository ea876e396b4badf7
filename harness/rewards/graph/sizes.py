"""How large every value of a graph is, found out without computing any: 475 bytes of JSON can ask for gigabytes.

The calls are made on tensors of torch's meta device, which have a shape and no data. Where a size depends on
data (a selection by a mask) the largest possible one is taken.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from harness.rewards.errors import RewardError, problem
from harness.rewards.graph.calls import Call, call_of
from harness.rewards.graph.verify import operator_of, refused

if TYPE_CHECKING:
    from torch import Tensor

MOST_ELEMENTS = 1 << 26
"""Of one value: 256 MiB in single precision."""
MOST_ALIVE = 1 << 28
"""Of all values that are needed at one time."""
MOST_PARTS = 1_024
"""Tensors that one call may give."""
MOST_TENSORS = 1 << 16
"""Tensors that all calls together may take and give: each costs half a kilobyte, though it has no data."""
META = "meta"
"""The device of tensors without data."""


def measure(data: dict[str, Any]) -> int:
    """The number of elements that one call of a graph computes; `data` has been verified.

    Raises RewardError: `resources` for a graph that needs too much memory, `forbidden` for one with a call that
    does not fit its arguments.
    """
    leaves = [*data["inputs"], *data["constants"]]
    for item in leaves:
        bounded(math.prod(item["shape"]))
    values: list[Any] = [
        torch.empty(item["shape"], dtype=getattr(torch, item["dtype"]), device=META) for item in leaves
    ]
    calls = [call_of(node, torch.device(META)) for node in data["nodes"]]
    last_use = {number: step for step, call in enumerate(calls) for number in call.needed}
    alive = sum(map(_elements, values))
    total = tensors = 0
    for step, (node, call) in enumerate(zip(data["nodes"], calls, strict=True)):
        tensors += sum(len(index) for _, index in call.fillings if isinstance(index, tuple))
        few(tensors)
        result = _result(node["op"], call, values)
        values.append(result)
        tensors += len(_tensors(result))
        few(tensors)
        size = _elements(result)
        total += size
        alive += size
        if alive > MOST_ALIVE:
            raise too_large(alive)
        alive -= sum(_elements(values[number]) for number in call.needed if last_use[number] == step)
    return total


def bounded(elements: int) -> None:
    """RewardError `resources` for more elements than a value may have."""
    if elements > MOST_ELEMENTS:
        raise too_large(elements)


def few(tensors: int) -> None:
    """RewardError `resources` for more tensors than a graph may handle."""
    if tensors > MOST_TENSORS:
        what = f"the program's operations take and give more than {MOST_TENSORS:,} tensors"
        raise problem("resources", what, "Work on whole tensors (N, ...), not on their rows one by one.")


def too_large(elements: int, source: str = "", line: int | None = None) -> RewardError:
    """The error for tensors of so many elements."""
    what = f"the program makes tensors of {elements:,} elements, more than {MOST_ELEMENTS:,}"
    advice = "Work on tensors (N, ...) of the state's own size: no N x N ones, and no large constant ones."
    return problem("resources", what, advice, source, line)


def _result(op: str, call: Call, values: list[Any]) -> Any:
    try:
        arguments = call.arguments(values)
        _few_parts(op, arguments)
        result = _selection(op, arguments)
        if result is None:
            result = call.function(*arguments, **call.keywords | _nowhere(op))
    except RewardError:
        raise
    except Exception as error:  # whatever torch raises for sizes and types that do not fit
        raise refused(f"a call of {op} fails: {' '.join(str(error).split())[:200]}") from error
    for tensor in _tensors(result):
        bounded(tensor.numel())
    return result


def _nowhere(op: str) -> dict[str, Any]:
    """Keywords that keep a call from making real tensors."""
    made = op != "getitem" and any(item.name == "device" for item in operator_of(op)._schema.arguments)
    return {"device": META} if made else {}


def _few_parts(op: str, arguments: list[Any]) -> None:
    """Refuse a call that gives very many tensors, before it is made."""
    name = op.split(".")[1] if "." in op else op
    if name == "unbind":
        tensor, axis = (*arguments, 0)[:2]
        parts = tensor.shape[axis]
    elif name in ("split", "split_with_sizes"):
        tensor, sizes, axis = (*arguments, 0)[:3]
        parts = len(sizes) if isinstance(sizes, list) else math.ceil(tensor.shape[axis] / max(sizes, 1))
    else:
        return
    if parts > MOST_PARTS:
        raise refused(f"a call of {op} gives {parts} tensors, more than {MOST_PARTS}")


def _selection(op: str, arguments: list[Any]) -> Any:
    """The largest possible result of a call whose size depends on data; None for any other call."""
    if op == "aten.nonzero.default":
        (tensor,) = arguments
        return torch.empty((tensor.numel(), tensor.ndim), dtype=torch.int64, device=META)
    if op == "aten.masked_select.default":
        tensor, mask = arguments
        size = math.prod(torch.broadcast_shapes(tensor.shape, mask.shape))
        return torch.empty((size,), dtype=tensor.dtype, device=META)
    if op == "aten.index.Tensor":
        tensor, indices = arguments
        return tensor[tuple(part for index in indices for part in _places(index))]
    if op == "aten.index_put.default":
        return torch.empty_like(arguments[0])
    return None


def _places(index: Tensor | None) -> list[Any]:
    """An index as `tensor[...]` takes it; a mask as the whole numbers that it may stand for at most."""
    if index is None:
        return [slice(None)]
    if index.dtype not in (torch.bool, torch.uint8):
        return [index]
    return [torch.empty((index.numel(),), dtype=torch.int64, device=META)] * index.ndim


def _elements(value: Any) -> int:
    return sum(tensor.numel() for tensor in _tensors(value))


def _tensors(value: Any) -> list[Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    return [tensor for item in value for tensor in _tensors(item)] if isinstance(value, (tuple, list)) else []
