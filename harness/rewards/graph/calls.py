"""One call of a graph's data as something that can be made: a function, and arguments with gaps for values."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.rewards.graph import verify

if TYPE_CHECKING:
    import torch

Index = int | tuple[int | None, ...]


@dataclass(frozen=True)
class Call:
    """A function with plain arguments; `fillings` says which values go into the gaps."""

    function: Callable[..., Any]
    gapped: list[Any]
    """Positional arguments, None where a value goes."""
    fillings: tuple[tuple[int, Index], ...]
    """(place, number of the value); several numbers make a list of tensors."""
    keywords: dict[str, Any]

    @property
    def needed(self) -> set[int]:
        """Numbers of the values that it takes."""
        several = (index if isinstance(index, tuple) else (index,) for _, index in self.fillings)
        return {number for numbers in several for number in numbers if number is not None}

    def arguments(self, values: Sequence[Any]) -> list[Any]:
        """The positional arguments, filled from `values`."""
        filled = self.gapped.copy()
        for place, index in self.fillings:
            filled[place] = values[index] if isinstance(index, int) else several(values, index)
        return filled


def call_of(node: dict[str, Any], device: torch.device) -> Call:
    """The call that verified data describe; new tensors go to `device`."""
    function = operator.getitem if node["op"] == "getitem" else verify.operator_of(node["op"])._op
    indices = [_index(value) for value in node["args"]]
    gapped = [
        None if index is not None else _plain(value, device)
        for index, value in zip(indices, node["args"], strict=True)
    ]
    fillings = tuple((place, index) for place, index in enumerate(indices) if index is not None)
    keywords = {name: _plain(value, device) for name, value in node["kwargs"].items()}
    return Call(function, gapped, fillings, keywords)


def several(values: Sequence[Any], numbers: tuple[int | None, ...]) -> list[Any]:
    """A list argument: the values with these numbers, None for None."""
    return [None if number is None else values[number] for number in numbers]


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
        return verify.stands_for(tag, word, device)
    return value
