"""Tensors of many worlds: drawn and written by mask, and constants that are made once."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from torch import Tensor


class Streams(torch.Generator):
    """A random stream for each share of the worlds: what happens in one share never changes what another draws.

    `rand` knows the streams; other functions of torch draw from one that all worlds have in common. See `streams`.
    """

    shares: tuple[int, ...]
    """Worlds of each share, in order."""
    generators: tuple[torch.Generator, ...]
    """The stream of each."""


def streams(seed: int, shares: Sequence[int], device: torch.device) -> Streams:
    """Streams that all begin at `seed`, for shares of so many worlds."""
    made = Streams(device)
    made.manual_seed(seed)
    made.shares = tuple(shares)
    made.generators = tuple(torch.Generator(device).manual_seed(seed) for _ in shares)
    return made


def rand(worlds: Tensor, *shape: int, rng: torch.Generator) -> Tensor:
    """Uniform numbers in [0, 1), (N, *shape) float64, in the rows of the mask `worlds` (N,); zeros elsewhere.

    On the CPU only those rows are drawn, so that other worlds do not change what comes next; on other devices all
    rows, since counting them would make the host wait. Rows of a share of the worlds come from its stream.
    """
    if isinstance(rng, Streams):
        parts = zip(worlds.split(rng.shares), rng.generators, strict=True)
        return torch.cat([rand(share, *shape, rng=stream) for share, stream in parts])
    size, dtype = (len(worlds), *shape), torch.float64
    if worlds.device.type != "cpu":
        drawn = torch.rand(size, generator=rng, dtype=dtype, device=worlds.device)
        return torch.where(rows(worlds, drawn), drawn, 0.0)
    drawn = torch.zeros(size, dtype=dtype)
    drawn[worlds] = torch.rand(int(worlds.sum()), *shape, generator=rng, dtype=dtype)
    return drawn


def put(target: Tensor, worlds: Tensor, values: Tensor | float) -> None:
    """Write `values`, which broadcast to `target` (N, ...), into its rows of the mask `worlds` (N,), in place."""
    target.copy_(torch.where(rows(worlds, target), values, target))


def rows(worlds: Tensor, like: Tensor) -> Tensor:
    """The mask `worlds` (N,) with as many axes as `like` (N, ...), to broadcast with it."""
    return worlds.view(-1, *(1,) * (like.ndim - 1))


def constant(values: Any, like: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    """A number or tuples of numbers as a tensor on the device of `like`, with its type or another.

    Made once for each of these and shared by all who ask: never write into it.
    """
    return _constant(values, dtype or like.dtype, like.device)


@functools.lru_cache(maxsize=1024)
def _constant(values: Any, dtype: torch.dtype, device: torch.device) -> Tensor:
    return torch.tensor(values, dtype=dtype, device=device)
