"""Ways of getting a reward program: an expert's, the task's own metric, or a search's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]
"""What search.json holds."""

METHODS = {
    "human": "the expert reward of the task",
    "sparse": "the fitness itself as reward",
    "eureka": "candidates are sampled, trained, and the best one's training is reflected back",
}
"""The methods that exist; `human` and `sparse` are fixed programs, the others search."""
FIXED = ("human", "sparse")


@dataclass(frozen=True)
class SearchSettings:
    """The size and the options of a search; the defaults follow the paper."""

    iterations: int
    samples: int
    elitism: bool = False
    """Feed back the best candidate so far, not the best of the iteration."""
    repairs: int = 0
    """How often a rejected candidate is given back to the proposer with its error."""


def new_record(task: str, method: str, search: int, program: str | None = None) -> Record:
    """The record of a search at its start, or of a method that is given its `program`."""
    return {
        "schema": 1,
        "task": task,
        "method": method,
        "search": search,
        "status": "ok",
        "error": None,
        "program": program,
        "best": None,
        "reward_score": None,
        "iterations": [],
        "finals": [],
    }
