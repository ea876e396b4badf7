"""Distributions behind the aggregates: performance profiles, and the best of M searches."""

from __future__ import annotations

from math import comb

import numpy as np

from harness.scoring.cells import Floats


def performance_profile(scores: Floats, thresholds: Floats) -> Floats:
    """Share of scores above each threshold, NaN left out: (..., K), (L,) → (..., L).

    Run-score distribution of Agarwal et al. 2021, section 4.2.
    """
    ordered = np.sort(scores, axis=-1)
    count = (~np.isnan(ordered)).sum(axis=-1, keepdims=True)
    flat = ordered.reshape(-1, ordered.shape[-1])
    below = np.stack([np.searchsorted(row, thresholds, side="right") for row in flat])
    below = np.minimum(
        below.reshape(*ordered.shape[:-1], len(thresholds)), count
    )  # NaN sorts above every threshold
    return np.asarray(1.0 - below / count, dtype=np.float64)


def best_of(selection: Floats, score: Floats) -> Floats:
    """Expected score of the search that selection prefers among m of the M that were run, m = 1 ... M.

    `selection` (M,) is what the choice is made by (the searches' own scores), `score` (M,) what the chosen
    one then gets; subsets of m are equally likely, drawn without replacement. The r-th best (from 0) is
    chosen in C(M-1-r, m-1) of the C(M, m) subsets; ties go to the earlier search.
    """
    total = len(score)
    ranked = np.asarray(score, dtype=np.float64)[np.argsort(-np.asarray(selection), kind="stable")]
    share = [[comb(total - 1 - r, m - 1) / comb(total, m) for r in range(total)] for m in range(1, total + 1)]
    return np.asarray(np.array(share) @ ranked, dtype=np.float64)
