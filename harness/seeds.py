"""Random seeds by role. Seeds of different roles can never meet: the role is part of the number."""

from __future__ import annotations

import hashlib
from enum import IntEnum


class Role(IntEnum):
    """What randomness is for. The order is part of the seeds: only append."""

    SEARCH_TRAINING = 1
    """Training of a candidate inside a search."""
    SEARCH_EVALUATION = 2
    """Worlds in which candidates are compared: what a search selects by."""
    FINAL_TRAINING = 3
    """Training of a method's final program: what is reported."""
    FINAL_EVALUATION = 4
    """Worlds in which final policies are scored."""
    PROPOSER = 5
    """Choices of a proposer that draws its own."""
    ROLLOUT = 6
    """Worlds of the pictures."""
    STATISTICS = 7
    """Bootstrap resamples."""
    STATES = 8
    """Worlds in which the common states of a task are recorded."""


def derive(role: Role, *parts: object) -> int:
    """A seed below 2**62 for `parts` (names and numbers) in a role; the same everywhere and always."""
    digest = hashlib.sha256(repr((role.name, *parts)).encode()).digest()
    return (int(role) << 56) | int.from_bytes(digest[:7])
