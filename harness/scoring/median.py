"""The typical trial of a method on a task: whose policy is shown in pictures, and in numbers of one policy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Scored(Protocol):
    """A trial, as far as it is ranked."""

    @property
    def f(self) -> float | None:
        """Its score; None if it has none."""

    @property
    def hash(self) -> str:
        """Its key, which decides between equal scores."""


T = TypeVar("T", bound=Scored)


def median_trial(trials: Iterable[T]) -> T | None:
    """The trial with the (lower) median F; None where none has a score."""
    scored = [trial for trial in trials if trial.f is not None]
    ranked = sorted(scored, key=lambda trial: (trial.f or 0.0, trial.hash))
    return ranked[(len(ranked) - 1) // 2] if ranked else None
