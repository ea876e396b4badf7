"""Racing: an iteration's candidates are ranked at half their training, and only the better half goes on.

One round of successive halving (Jamieson and Talwalkar, AISTATS 2016). Candidates are ranked by F of their policies, as
evaluation measures it: the fitness in training, of actions that explore, ranks them badly.
"""

from __future__ import annotations

from harness.methods import Record

DROPPED = "dropped"
"""Status of a candidate whose training ended at half."""


def enter(candidate: Record, trial: str) -> None:
    """Note that a candidate's trial is that of half its training."""
    candidate["half"] = {"trial": trial, "f": None}


def ranked(candidates: list[Record]) -> list[Record]:
    """Those with a score at half their training, the best first; of equal ones the first."""
    halfway = [
        c for c in candidates if c.get("half") is not None and c["status"] == "ok" and c["f"] is not None
    ]
    return sorted(halfway, key=lambda candidate: -candidate["f"])


def stand(candidates: list[Record]) -> list[Record]:
    """Note how candidates stand at half their training; those with a score, the best first."""
    order = ranked(candidates)
    for candidate in order:
        candidate["half"] = {"trial": candidate["trial"], "f": candidate["f"]}
    return order


def drop(candidate: Record) -> None:
    """Note that a candidate's training ends at half."""
    candidate |= {"status": DROPPED, "f": None, "feedback": None}


def going_on(count: int) -> int:
    """How many of `count` candidates are trained to the end: the half of them, rounded up."""
    return (count + 1) // 2


def share(samples: int) -> float:
    """Of the training of `samples` candidates, what a race leaves."""
    return (1.0 + going_on(samples) / samples) / 2.0
