"""Tensors of many worlds: drawn and written by mask, and constants that are made once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from torch import Tensor


def rand(worlds: Tensor, *shape: int, rng: torch.Generator) -> Tensor:
    """Uniform numbers in [0, 1), (N, *shape) float64, in the rows of the mask `worlds` (N,); zeros elsewhere.

    On the CPU only those rows are drawn, so that other worlds do not change what comes next; on other devices all
    rows, since counting them would make the host wait. Rows of a share of the worlds come from its stream.
    """
    shares = getattr(rng, "shares", None)  # of `harness.streams.Streams`
    if shares is not None:
        return torch.cat([rand(worlds[share], *shape, rng=stream) for share, stream in shares])
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
