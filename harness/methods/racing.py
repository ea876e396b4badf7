"""Racing: an iteration's candidates are ranked at half their training, and only the better half goes on.

One round of successive halving (Jamieson and Talwalkar, AISTATS 2016). Candidates are ranked by F of their policies, as
evaluation measures it: the fitness in training, of actions that explore, ranks them badly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.records import DROPPED, Candidate, Half


def ranked(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those with a score at half their training, which is noted; the best first, and of equal ones the first."""
    halfway = [
        replace(c, half=Half(c.half.trial, c.f)) for c in candidates if c.half is not None and c.scored
    ]
    return sorted(halfway, key=lambda candidate: -(candidate.f or 0.0))


def dropped(candidate: Candidate) -> Candidate:
    """A candidate whose training ends at half."""
    return replace(candidate, status=DROPPED, f=None, feedback=None)


def going_on(count: int) -> int:
    """How many of `count` candidates are trained to the end: the half of them, rounded up."""
    return (count + 1) // 2


def share(samples: int) -> float:
    """Of the training of `samples` candidates, what a race leaves."""
    return (1.0 + going_on(samples) / samples) / 2.0
