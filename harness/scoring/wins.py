"""On how many tasks a method is above the human reward: what the paper reports as its share of tasks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from scipy.stats import binomtest

from harness.scoring.intervals import LEVEL, Interval, wilson

ALPHA: Final = 1.0 - LEVEL


@dataclass(frozen=True)
class Record:
    """Tasks won, tied and lost against another method."""

    wins: int
    ties: int
    losses: int

    @property
    def tasks(self) -> int:
        """All of them."""
        return self.wins + self.ties + self.losses

    @property
    def share(self) -> float:
        """Of the tasks that were won; NaN without a task."""
        return self.wins / self.tasks if self.tasks else math.nan

    @property
    def interval(self) -> Interval | None:
        """Wilson's (1927) for the share that was won, with tasks as a sample of such tasks; None without a task.

        For the very tasks of a suite it is on the wide side: each has a chance of its own of being won.
        """
        return wilson(self.wins, self.tasks) if self.tasks else None

    @property
    def p_value(self) -> float | None:
        """Two-sided sign test of as many wins as losses, ties left out; None where nothing was won or lost."""
        decided = self.wins + self.losses
        return float(binomtest(self.wins, decided).pvalue) if decided else None


def by_means(gaps: Iterable[float]) -> Record:
    """Wins, ties and losses by the sign of each task's difference of means, as in Ma et al. 2024, section 4.2.

    NaN, where an arm is missing, is no task.
    """
    known = [gap for gap in gaps if not math.isnan(gap)]
    wins, losses = sum(gap > 0 for gap in known), sum(gap < 0 for gap in known)
    return Record(wins, len(known) - wins - losses, losses)


def at_95_percent(gaps: Iterable[float], p_values: Iterable[float | None]) -> Record:
    """The same, with a tie wherever the task's test, Holm-adjusted over the tasks, does not tell the two apart.

    A task that could not be tested (None: a single trial) is a tie. ValueError if the two differ in length.
    """
    tested = zip(gaps, p_values, strict=True)
    return by_means(gap if math.isnan(gap) or (p is not None and p <= ALPHA) else 0.0 for gap, p in tested)
