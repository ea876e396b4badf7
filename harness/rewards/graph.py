"""A reward program as a straight line of ATen calls on named tensors: what trainers execute."""

from __future__ import annotations

import functools
import hashlib
import json
import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from harness.rewards import verify

Index = int | tuple[int | None, ...]
Fillings = tuple[tuple[int, Index], ...]
Function = Callable[..., Any]
Step = tuple[int, Function, list[Any], Fillings, dict[str, Any], tuple[int, ...]]
"""Where the result goes, function, arguments with gaps, the values that fill them (a tuple makes a list of
tensors), keywords, and the values that are not needed any more."""


class Graph:
    """Named state tensors → reward (N,) and components (N,), all float32. Equal graphs have equal hashes.

    Made from data that `verify` has accepted; nothing of the data is ever executed as text. Results may
    share memory with the inputs and with each other, so do not write into them.
    """

    def __init__(self, data: dict[str, Any], device: str | torch.device = "cpu") -> None:
        verify.verify(data)
        self._data = data
        self.device = torch.device(device)
        self.worlds: int = data["worlds"]
        self.inputs: tuple[str, ...] = tuple(item["name"] for item in data["inputs"])
        self.components: tuple[str, ...] = tuple(item["name"] for item in data["components"])
        self._reward: int = data["reward"]
        self._outputs = [(item["name"], item["value"]) for item in data["components"]]
        try:
            self._values, self._steps = _plan(data, self.device)
        except (RuntimeError, TypeError, ValueError, IndexError) as error:
            raise verify.refused(f"a constant part of it fails: {error}") from error

    def __call__(self, named: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Reward (N,) and name → component (N,). `named` may hold more than `inputs`; KeyError if less."""
        values = self._values.copy()
        for place, name in enumerate(self.inputs):
            values[place] = named[name]
        for target, function, gapped, fillings, keywords, unneeded in self._steps:
            arguments = gapped.copy()
            for place, index in fillings:
                arguments[place] = values[index] if isinstance(index, int) else _several(values, index)
            values[target] = function(*arguments, **keywords)
            for place in unneeded:
                values[place] = None
        return values[self._reward], {name: values[index] for name, index in self._outputs}

    @functools.cached_property
    def hash(self) -> str:
        """SHA-256 (hex) of the canonical JSON."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to(self, device: str | torch.device) -> Graph:
        """The same graph on another device."""
        return Graph(self._data, device)

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces."""
        return json.dumps(self._data, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes, device: str | torch.device = "cpu") -> Graph:
        """Back from `to_json`, for any device. Raises RewardError `forbidden` for anything not allowed."""
        return cls(verify.read(text), device)


def _constant(item: dict[str, Any]) -> Tensor:
    numbers = [verify.NON_FINITE[x] if isinstance(x, str) else x for x in item["data"]]
    return torch.tensor(numbers, dtype=verify.DTYPES[item["dtype"]]).reshape(item["shape"])


def _plan(data: dict[str, Any], device: torch.device) -> tuple[list[Any], list[Step]]:
    """The values that are the same in every call (None elsewhere), and the steps that compute the others."""
    inputs = len(data["inputs"])
    values: list[Any] = [None] * inputs + [_constant(item).to(device) for item in data["constants"]]
    outputs = {data["reward"], *(item["value"] for item in data["components"])}
    fixed = set(range(inputs, len(values)))
    steps: list[Step] = []
    last_step: dict[int, int] = {}
    for target, node in enumerate(data["nodes"], start=len(values)):
        function, gapped, fillings, keywords = _call(node, device)
        needed = {
            i
            for _, index in fillings
            for i in ((index,) if isinstance(index, int) else index)
            if i is not None
        }
        if needed <= fixed and target not in outputs:
            fixed.add(target)
            for place, index in fillings:
                gapped[place] = values[index] if isinstance(index, int) else _several(values, index)
            values.append(function(*gapped, **keywords))
            continue
        values.append(None)
        last_step |= dict.fromkeys(needed - fixed - outputs, len(steps))
        steps.append((target, function, gapped, fillings, keywords, ()))
    unneeded = [tuple(value for value, last in last_step.items() if last == i) for i in range(len(steps))]
    return values, [(*step[:5], places) for step, places in zip(steps, unneeded, strict=True)]


def _call(node: dict[str, Any], device: torch.device) -> tuple[Function, list[Any], Fillings, dict[str, Any]]:
    function = operator.getitem if node["op"] == "getitem" else verify.operator_of(node["op"])._op
    indices = [_index(value) for value in node["args"]]
    gapped = [
        None if index is not None else _plain(value, device)
        for index, value in zip(indices, node["args"], strict=True)
    ]
    fillings = tuple((place, index) for place, index in enumerate(indices) if index is not None)
    return function, gapped, fillings, {name: _plain(value, device) for name, value in node["kwargs"].items()}


def _several(values: list[Any], places: tuple[int | None, ...]) -> list[Any]:
    return [None if place is None else values[place] for place in places]


def _index(value: Any) -> Index | None:
    """The value or values that an argument refers to; None if it is a plain one."""
    if isinstance(value, dict) and "ref" in value:
        return int(value["ref"])
    if isinstance(value, list) and any(isinstance(item, dict) and "ref" in item for item in value):
        return tuple(None if item is None else int(item["ref"]) for item in value)
    return None


def _plain(value: Any, device: torch.device) -> Any:
    if isinstance(value, list):
        return [_plain(item, device) for item in value]
    if isinstance(value, dict):
        [(tag, word)] = value.items()
        return device if tag == "device" else verify.TOKENS[tag][word]
    return value
