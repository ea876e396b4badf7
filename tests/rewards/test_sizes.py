"""No graph may need more memory than it shows, and finding that out costs next to nothing."""

from __future__ import annotations

import json
import resource
import time
from typing import Any

import pytest

from harness.rewards import Graph, RewardError

X = {"ref": 0}


def graph(*nodes: tuple[Any, ...], reward: int | None = None, shape: tuple[int, ...] = (32, 2)) -> str:
    """A graph on one input x; a node is (operator, argument, ...)."""
    return json.dumps(
        {
            "schema": 1,
            "worlds": 32,
            "inputs": [{"name": "x", "dtype": "float32", "shape": list(shape)}],
            "constants": [],
            "nodes": [{"op": op, "args": list(args), "kwargs": {}} for op, *args in nodes],
            "reward": len(nodes) if reward is None else reward,
            "components": [],
        }
    )


BOMBS = {
    "a constant": graph(("aten.ones.default", [17000, 17000]), ("aten.sum.default", {"ref": 1})),
    "a constant by steps": graph(
        ("aten.arange.default", 8000),
        ("aten.unsqueeze.default", {"ref": 1}, 1),
        ("aten.add.Tensor", {"ref": 1}, {"ref": 2}),
        ("aten.repeat.default", {"ref": 3}, [2, 1]),
    ),
    "repeated": graph(("aten.repeat.default", X, [1 << 20, 64])),
    "an outer product": graph(
        ("aten.arange.default", 1 << 20),
        ("aten.unsqueeze.default", {"ref": 1}, 1),
        ("aten.mul.Tensor", {"ref": 1}, {"ref": 2}),
    ),
    "a product of matrices": graph(
        ("aten.zeros.default", [1 << 20, 1]),
        ("aten.t.default", {"ref": 1}),
        ("aten.mm.default", {"ref": 1}, {"ref": 2}),
    ),
    "padded": graph(("aten.constant_pad_nd.default", X, [0, 1 << 30], 0.0)),
    "a unit matrix": graph(("aten.eye.default", 1 << 20)),
    "a line": graph(("aten.linspace.default", 0, 1, 1 << 40)),
    "beyond 64 bits": graph(("aten.ones.default", [1 << 40, 1 << 40])),
    "many alive at once": graph(
        *[("aten.ones.default", [1 << 26]) for _ in range(8)],
        ("aten.cat.default", [{"ref": i} for i in range(1, 9)]),
    ),
    "an input": graph(shape=(1 << 30, 2)),
    "millions of rows": graph(*[("aten.unbind.int", X)] * 2000, shape=(1024, 2)),
    "many long lists": graph(*[("aten.stack.default", [X] * 4000)] * 20),
    "a selection of pairs": graph(
        ("aten.ones.default", [1 << 13, 1 << 13]), ("aten.nonzero.default", {"ref": 1})
    ),
}
CROWDS = {
    "unbound": graph(("aten.ones.default", [1 << 26]), ("aten.unbind.int", {"ref": 1}, 0)),
    "split by ones": graph(("aten.ones.default", [1 << 26]), ("aten.split.Tensor", {"ref": 1}, 1)),
    "split by nothing": graph(("aten.split.Tensor", X, 0)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_graph_that_needs_much_memory_is_refused_without_using_it(name: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(RewardError) as caught:
        Graph.from_json(BOMBS[name])
    assert caught.value.kind in ("resources", "forbidden")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB


@pytest.mark.parametrize("name", CROWDS)
def test_a_call_that_gives_very_many_tensors_is_refused_before_it_is_made(name: str) -> None:
    started = time.monotonic()
    with pytest.raises(RewardError):
        Graph.from_json(CROWDS[name])
    assert time.monotonic() - started < 1.0


def test_a_long_graph_of_splits_takes_no_time() -> None:
    started = time.monotonic()
    Graph.from_json(graph(*[("aten.split_with_sizes.default", X, [1] * 32)] * 1900, reward=0))
    assert time.monotonic() - started < 3.0


def test_nothing_is_computed_before_the_first_call() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    text = graph(
        *[("aten.ones.default", [1 << 26]), ("aten.sum.default", {"ref": 1})],
        ("aten.select.int", X, 1, 0),
        ("aten.add.Tensor", {"ref": 3}, {"ref": 2}),
    )
    made = Graph.from_json(text)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000
    assert made.operations == 4
    assert made.elements == (1 << 26) + 1 + 32 + 32


def test_a_selection_may_be_as_large_as_what_it_selects_from() -> None:
    mask = ("aten.gt.Scalar", X, 0.0)
    for selection in (
        ("aten.index.Tensor", X, [{"ref": 1}]),
        ("aten.masked_select.default", X, {"ref": 1}),
        ("aten.nonzero.default", {"ref": 1}),
    ):
        made = Graph.from_json(graph(mask, selection, ("aten.sum.default", {"ref": 2})))
        assert made.elements >= 64 + 64 + 1
