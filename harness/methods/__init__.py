"""Ways of getting a reward program: an expert's, the task's own metric, or a search's."""

from __future__ import annotations

from dataclasses import asdict, dataclass
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


UNDER_WAY = "not at its end: under way, or interrupted; running it again goes on"
"""Why a search is `stopped` as long as nothing else is known."""


@dataclass(frozen=True)
class SearchSettings:
    """The size and the options of a search; the defaults follow the paper."""

    iterations: int
    samples: int
    elitism: bool = False
    """Feed back the best candidate so far, not the best of the iteration."""
    repairs: int = 0
    """How often a rejected candidate is given back to the proposer with its error."""
    temperature: float | None = 1.0
    """Of the model; None leaves it to its server."""
    max_answer_tokens: int = 4096
    """Longest answer that is asked for."""
    racing: bool = False
    """Whether only the better half of an iteration's candidates is trained to the end."""

    def to_dict(self) -> Record:
        """As run.json and the records of searches hold them: racing where there is some."""
        described = asdict(self)
        if not self.racing:
            del described["racing"]
        return described


def new_record(
    task: str, method: str, search: int, program: str | None = None, settings: Record | None = None
) -> Record:
    """The record of a search at its start (of a task's slug), or of a method that is given its `program`."""
    return {
        "schema": 2,
        "task": task,
        "method": method,
        "search": search,
        "settings": settings,
        "status": "ok",
        "error": None,
        "program": program,
        "best": None,
        "reward_score": None,
        "iterations": [],
        "finals": [],
    }
