"""Two-level bootstrap of one cell: searches first, seeds within each drawn search second."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from harness.scoring.cells import Cell, Floats, pooled

RESAMPLES: Final = 10_000
SEED: Final = 20231
NONE: Final = -1


def rescaled(cell: Cell) -> Cell:
    """A cell with its deviations stretched by √(n/(n-1)), at both levels.

    The plain bootstrap of n values has variance (n-1)/n of the right one; for three to five seeds that is a
    third to a fifth too little (Davison & Hinkley 1997, section 2.3). Means stay where they are.
    """
    if not cell:
        return cell
    means = np.array([row.mean() for row in cell])
    grand = means.mean()
    centres = grand + _stretch(len(cell)) * (means - grand)
    rows = zip(cell, means, centres, strict=True)
    return tuple(centre + _stretch(row.size) * (row - mean) for row, mean, centre in rows)


def draw(cell: Cell, rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Indices into `pooled(cell)`, (count, M, S): M searches drawn, then as many seeds as each has.

    Slots that a drawn search lacks hold -1. With one search only the seeds vary, which is what "conditional
    on this reward program" means. Where seeds are much noisier than searches the two levels together err on
    the wide side.
    """
    sizes = np.array([row.size for row in cell])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    picked = rng.integers(0, len(cell), size=(count, len(cell)))[..., None]
    seeds = (rng.random((count, len(cell), int(sizes.max()))) * sizes[picked]).astype(np.int64)
    slots = np.arange(sizes.max())
    return np.where(slots < sizes[picked], starts[picked] + seeds, NONE)


def values(cell: Cell, indices: NDArray[np.int64]) -> Floats:
    """Scores at `indices` (B, M, S), NaN in empty slots."""
    return np.where(indices == NONE, np.nan, pooled(cell)[indices])


def means(drawn: Floats) -> Floats:
    """Mean over searches of the mean over seeds of every resample: (B, M, S) with NaN slots → (B,)."""
    filled = ~np.isnan(drawn)
    rows = np.where(filled, drawn, 0.0).sum(axis=2) / filled.sum(axis=2)
    return np.asarray(rows.mean(axis=1), dtype=np.float64)


def weights(cell: Cell, indices: NDArray[np.int64]) -> Floats:
    """Weight of every score in every resample's mean: (B, M, S) indices → (B, K), rows summing to one."""
    count, searches, slots = indices.shape
    each = 1.0 / ((indices != NONE).sum(axis=2) * searches)
    out = np.zeros((count, sum(row.size for row in cell) + 1))  # the last column takes the empty slots
    rows = np.arange(count)
    for search in range(searches):
        for slot in range(slots):
            out[rows, indices[:, search, slot]] += each[:, search]
    return out[:, :-1]


def degrees(cell: Cell) -> int:
    """Degrees of freedom that a cell brings to an interval: searches - 1, or seeds - 1 with one search."""
    return (len(cell) if len(cell) > 1 else sum(row.size for row in cell)) - 1


def _stretch(n: int) -> float:
    return math.sqrt(n / (n - 1)) if n > 1 else 1.0
