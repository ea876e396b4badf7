"""The numbers of a program's repetitions: no two searches of a method share one, nor a run and a reference set.

What is random in a repetition follows from its number (`harness.seeds`). Policies of two searches with the same numbers
would begin alike, and be measured in the same worlds: what they have in common would look like certainty.
"""

from __future__ import annotations

from typing import Final

MOST: Final = 10_000
"""Repetitions of a program, and searches of a method, at most."""
REFERENCE: Final = 10 * MOST * MOST
"""Number of the first repetition in a reference set."""


def repetitions(first: int, search: int, count: int) -> range:
    """The numbers of `count` repetitions of the program of a method's search 0, 1, ...; `first` is 0 in a run."""
    start = first + search * MOST
    return range(start, start + count)
