"""How a trial becomes one number: its protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def score(checkpoints: Sequence[Mapping[str, Any]], protocol: str) -> dict[str, Any]:
    """F of a trial out of its evaluated trained policies, in order: of the last one (strict) or the best one (paper).

    Each has a finite `f` and its `stderr`. Beside both, `f_final` and `f_max` are the last and the largest F.
    """
    best = max(checkpoints, key=lambda row: float(row["f"]))
    chosen = best if protocol == "paper" else checkpoints[-1]
    return {
        "f": chosen["f"],
        "stderr": chosen["stderr"],
        "f_final": checkpoints[-1]["f"],
        "f_max": best["f"],
    }
