"""The scores of one task and one method, and what they say about its mean.

A *cell* holds one row of seed scores per search; the human and sparse rewards have a single row. Rows may
differ in length when trials are missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Cell = tuple[Floats, ...]


def make_cell(rows: Iterable[Sequence[float] | Floats]) -> Cell:
    """Rows of seed scores, one per search, as a cell; empty rows are left out."""
    return tuple(row for row in (np.asarray(row, dtype=np.float64) for row in rows) if row.size)


def pooled(cell: Cell) -> Floats:
    """All scores of a cell, (K,)."""
    return np.concatenate(cell) if cell else np.empty(0)


def units(cell: Cell) -> Floats:
    """What varies independently in a cell: its seeds with one search, the means of its searches with several."""
    return cell[0] if len(cell) == 1 else np.array([row.sum() / row.size for row in cell])


@dataclass(frozen=True)
class Estimate:
    """A mean, the variance of that mean and its degrees of freedom (both None when n is too small)."""

    mean: float
    variance: float | None
    df: float | None
    n: int
    """Scores that went into it."""


def estimate(cell: Cell) -> Estimate:
    """Mean over searches of the mean over seeds, with its sampling variance.

    One search of n seeds: s²/n with n-1 degrees of freedom, conditional on that reward program. M searches:
    variance of the M search means over M, with M-1; the noise of the seeds is inside those means already
    (one-way random-effects analysis of variance, balanced case). ValueError on an empty cell.
    """
    if not cell:
        raise ValueError("no scores: a cell needs at least one")
    found, n = units(cell), sum(row.size for row in cell)
    mean = float(found.sum()) / found.size  # faster than numpy's mean and var, which matters in simulations
    if found.size < 2:
        return Estimate(mean, None, None, n)
    apart = found - mean
    variance = float((apart * apart).sum()) / (found.size - 1) / found.size
    return Estimate(mean, variance, float(found.size - 1), n)


def satterthwaite(parts: Iterable[tuple[float, float]]) -> float:
    """Degrees of freedom of a sum of independent variances, given as (variance, df) pairs.

    Welch-Satterthwaite: (Σv)² / Σ(v²/df). Where every variance is zero: the sum of the df.
    """
    pairs = list(parts)
    largest = max(variance for variance, _ in pairs)
    if largest == 0:
        return sum(df for _, df in pairs)
    shares = [
        (variance / largest, df) for variance, df in pairs
    ]  # scaled: squares of tiny variances underflow
    return sum(v for v, _ in shares) ** 2 / sum(v * v / df for v, df in shares)
