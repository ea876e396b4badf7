"""From a Python function of tensors to the data of a graph: ATen calls on numbers and references."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch

from harness.rewards.graph import operators

if TYPE_CHECKING:
    from torch import Tensor, fx

Traced = Callable[..., "list[Tensor]"]
TRANSPARENT = {"aten.lift_fresh_copy.default", "aten.detach.default", "aten.alias.default"}
"""Operators that change nothing in a graph without mutation."""
DROPPED = {"pin_memory", "layout"}


def trace(function: Traced, arguments: Sequence[Tensor]) -> fx.GraphModule:
    """The ATen calls that `function` makes on `arguments`, free of in-place operators.

    Raises whatever `function` or the tracer raises; a read of a traced tensor's value is an error.
    """
    traced = _functional(function, arguments)
    if any(_mutable(node) for node in traced.graph.nodes):  # composite operators that work in place inside
        traced = _functional(traced, arguments)
    return traced


def _functional(function: Traced, arguments: Sequence[Tensor]) -> fx.GraphModule:
    from torch.fx.experimental.proxy_tensor import make_fx  # with which torch's compiler is imported

    pure = torch.func.functionalize(function, remove="mutations")
    return make_fx(pure, tracing_mode="real")(*arguments)


def _mutable(node: fx.Node) -> bool:
    return isinstance(node.target, torch._ops.OpOverload) and node.target._schema.is_mutable


def graph_data(
    traced: fx.GraphModule,
    inputs: Sequence[str],
    arguments: Sequence[Tensor],
    tables: Sequence[str],
    components: Sequence[str],
    worlds: int,
) -> dict[str, Any]:
    """A traced function as plain data, without calls whose results are not used.

    `inputs` names the function's arguments; those in `tables` become constants. The function returns the
    reward and then `components`, each (N,). Raises ValueError for a call that data cannot express.
    """
    nodes = list(traced.graph.nodes)
    outputs = list(nodes[-1].args[0])
    used = _used(outputs)
    places: dict[fx.Node, int] = {}
    placeholders = dict(
        zip((n for n in nodes if n.op == "placeholder"), zip(inputs, arguments, strict=True), strict=True)
    )
    named = [
        (node, name, value)
        for node, (name, value) in placeholders.items()
        if name not in tables and node in used
    ]
    baked = [(node, value) for node, (name, value) in placeholders.items() if name in tables and node in used]
    baked += [
        (node, getattr(traced, str(node.target))) for node in nodes if node.op == "get_attr" and node in used
    ]
    for node in [*(node for node, *_ in named), *(node for node, _ in baked)]:
        places[node] = len(places)
    calls = []
    for node in nodes:
        if node.op != "call_function" or node not in used:
            continue
        if str(node.target) in TRANSPARENT:
            places[node] = places[node.args[0]]
            continue
        calls.append(_call(node, places))
        places[node] = len(named) + len(baked) + len(calls) - 1
    return {
        "schema": 1,
        "operators": operators.VERSION,
        "worlds": worlds,
        "inputs": [
            {"name": name, "dtype": _dtype(value.dtype), "shape": list(value.shape)}
            for _, name, value in named
        ],
        "constants": [_constant(value) for _, value in baked],
        "nodes": calls,
        "reward": places[outputs[0]],
        "components": [
            {"name": name, "value": places[node]} for name, node in zip(components, outputs[1:], strict=True)
        ],
    }


def _used(outputs: list[fx.Node]) -> set[fx.Node]:
    used: set[fx.Node] = set()
    waiting = list(outputs)
    while waiting:
        node = waiting.pop()
        if node not in used:
            used.add(node)
            waiting.extend(node.all_input_nodes)
    return used


def _call(node: fx.Node, places: dict[fx.Node, int]) -> dict[str, Any]:
    args = [_argument(value, places) for value in node.args]
    if node.target is operator.getitem:
        return {"op": "getitem", "args": args, "kwargs": {}}
    kwargs = {name: _argument(value, places) for name, value in node.kwargs.items() if name not in DROPPED}
    return {"op": operators.written(str(node.target)), "args": args, "kwargs": kwargs}


def _argument(value: Any, places: dict[fx.Node, int]) -> Any:
    if isinstance(value, torch.fx.Node):
        return {"ref": places[value]}
    if isinstance(value, (list, tuple)):
        return [_argument(item, places) for item in value]
    if isinstance(value, torch.dtype):
        return {"dtype": _dtype(value)}
    if isinstance(value, torch.device):
        return {"device": "device"}
    if isinstance(value, torch.memory_format):
        return {"memory_format": str(value).removeprefix("torch.")}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise ValueError(f"an argument of type {type(value).__name__}")


def _constant(value: Tensor) -> dict[str, Any]:
    numbers = value.detach().cpu().flatten().tolist()
    data = [repr(x) if isinstance(x, float) and not math.isfinite(x) else x for x in numbers]
    return {"dtype": _dtype(value.dtype), "shape": list(value.shape), "data": data}


def _dtype(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
