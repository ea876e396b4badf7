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


def drop_the_worse_half(candidates: list[Record]) -> list[Record]:
    """Note how candidates stand at half, drop the worse half of them, and return those that go on, the best first."""
    order = ranked(candidates)
    for candidate in order:
        candidate["half"] = {"trial": candidate["trial"], "f": candidate["f"]}
    going_on = order[: (len(order) + 1) // 2]
    for candidate in order[len(going_on) :]:
        candidate |= {"status": DROPPED, "f": None, "feedback": None}
    return going_on
