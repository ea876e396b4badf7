"""Random numbers of worlds that are not to know of each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import torch


class Streams(torch.Generator):
    """A random stream for each share of the worlds: what happens in one share never changes what another draws.

    `harness.tensors.rand` knows the streams; other functions draw from one that all worlds have in common.
    """

    shares: tuple[tuple[slice, torch.Generator], ...]
    """The worlds of each share, and their stream."""


def streams(seed: int, sizes: Sequence[int], device: torch.device) -> Streams:
    """Streams that all begin at `seed`, for shares of so many worlds, in order."""
    made = Streams(device)
    made.manual_seed(seed)
    bounds = pairwise(accumulate(sizes, initial=0))
    made.shares = tuple(
        (slice(start, stop), torch.Generator(device).manual_seed(seed)) for start, stop in bounds
    )
    return made
