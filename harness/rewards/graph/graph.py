"""A reward program as a straight line of ATen calls on named tensors: what trainers execute."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch

from harness.rewards.flags import Flag
from harness.rewards.graph import verify
from harness.rewards.graph.calls import Call, call_of
from harness.rewards.graph.sizes import measure

if TYPE_CHECKING:
    from torch import Tensor

Step = tuple[int, Call, tuple[int, ...]]
"""The number of the result, the call, and the values that are not needed any more."""


class Graph:
    """Named state tensors → reward (N,) and components (N,), all float32. Equal graphs have equal hashes.

    Made from data that `verify` and `measure` have accepted; nothing of the data is ever executed as text, and
    nothing is computed before the first call. Results may share memory with the inputs and with each other, so
    do not write into them.
    """

    def __init__(
        self, data: dict[str, Any], device: str | torch.device = "cpu", elements: int | None = None
    ) -> None:
        """With `elements` for data that were accepted before: nothing is checked then, nor is torch needed."""
        if elements is None:
            verify.verify(data)
            elements = measure(data)
        self.elements = elements
        """Numbers that a call computes."""
        self.flags: tuple[Flag, ...] = ()
        """What was odd when the program was tried; no part of the data, nor of the hash."""
        self._data = data
        self._device = device
        self.worlds: int = data["worlds"]
        self.inputs: tuple[str, ...] = tuple(item["name"] for item in data["inputs"])
        self.components: tuple[str, ...] = tuple(item["name"] for item in data["components"])
        self._reward: int = data["reward"]
        self._outputs = [(item["name"], item["value"]) for item in data["components"]]

    def __call__(self, named: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Reward (N,) and name → component (N,). `named` may hold more than `inputs`; KeyError if less."""
        fixed, steps = self._plan
        values = fixed.copy()
        for place, name in enumerate(self.inputs):
            values[place] = named[name]
        for target, call, unneeded in steps:
            values[target] = call.function(*call.arguments(values), **call.keywords)
            for place in unneeded:
                values[place] = None
        return values[self._reward], {name: values[index] for name, index in self._outputs}

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return torch.device(self._device)

    @property
    def operations(self) -> int:
        """Calls of tensor operators, those of constant parts included."""
        return len(self._data["nodes"])

    @functools.cached_property
    def _plan(self) -> tuple[list[Any], list[Step]]:
        try:
            return _plan(self._data, self.device)
        except (RuntimeError, TypeError, ValueError, IndexError) as error:
            raise verify.refused(f"a constant part of it fails: {error}") from error

    @functools.cached_property
    def hash(self) -> str:
        """SHA-256 (hex) of the canonical JSON."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to(self, device: str | torch.device) -> Graph:
        """The same graph on another device."""
        return Graph(self._data, device, self.elements)

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces."""
        return json.dumps(self._data, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes, device: str | torch.device = "cpu") -> Graph:
        """Back from `to_json`, for any device. Raises RewardError `forbidden` for anything not allowed."""
        return cls(verify.read(text), device)


def _constant(item: dict[str, Any]) -> Tensor:
    numbers = [verify.NON_FINITE[x] if isinstance(x, str) else x for x in item["data"]]
    return torch.tensor(numbers, dtype=getattr(torch, item["dtype"])).reshape(item["shape"])


def _plan(data: dict[str, Any], device: torch.device) -> tuple[list[Any], list[Step]]:
    """The values that are the same in every call (None elsewhere), and the steps that compute the others."""
    inputs = len(data["inputs"])
    values: list[Any] = [None] * inputs + [_constant(item).to(device) for item in data["constants"]]
    outputs = {data["reward"], *(item["value"] for item in data["components"])}
    fixed = set(range(inputs, len(values)))
    steps: list[tuple[int, Call]] = []
    last_step: dict[int, int] = {}
    for target, node in enumerate(data["nodes"], start=len(values)):
        call = call_of(node, device)
        if call.needed <= fixed and target not in outputs:
            fixed.add(target)
            values.append(call.function(*call.arguments(values), **call.keywords))
            continue
        values.append(None)
        last_step |= dict.fromkeys(call.needed - fixed - outputs, len(steps))
        steps.append((target, call))
    unneeded = [tuple(value for value, last in last_step.items() if last == i) for i in range(len(steps))]
    return values, [(*step, places) for step, places in zip(steps, unneeded, strict=True)]
