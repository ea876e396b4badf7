"""One search of a run folder, its candidates and its trials, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from harness.scoring.correlate import RewardPairs


@dataclass(frozen=True)
class Problem:
    """Why something failed: its class, a line for people, lines for the designer."""

    kind: str
    message: str
    designer: str = ""


@dataclass(frozen=True)
class Remark:
    """What is odd about a reward program that was used all the same: its class and one line."""

    kind: str
    message: str


@dataclass(frozen=True)
class Checkpoint:
    """One evaluated policy of a trial."""

    number: int
    """1 to 10; 0 is the untrained policy, of final trials only."""
    epoch: int
    env_steps: int
    f: float
    stderr: float | None
    episodes: int
    success: float | None
    """Share of successful episodes, where the task has success."""


NO_CURVE: Final = pd.DataFrame()


@dataclass(frozen=True)
class Trial:
    """One policy training and its evaluation."""

    hash: str
    seed: int
    status: str
    """`ok`, `rejected`, `failed`; `missing` if it has not been done, `altered` if it is not as it was stored."""
    f: float | None = None
    """Score under the run's protocol; always finite where `ok`."""
    f_final: float | None = None
    f_max: float | None = None
    stderr: float | None = None
    """Over the worlds of the evaluation."""
    legacy_f: float | None = None
    env_steps: int = 0
    unstable: int = 0
    """Worlds that had to be reset because their physics failed."""
    nonfinite: int = 0
    """Rewards that were not finite, and replaced."""
    nonfinite_components: Mapping[str, int] = field(default_factory=dict)
    """Component → values of it that were not finite, where there were any."""
    flags: tuple[Remark, ...] = ()
    """What is odd about its program or its rewards."""
    error: Problem | None = None
    checkpoints: tuple[Checkpoint, ...] = ()
    curve: pd.DataFrame = field(default_factory=lambda: NO_CURVE, repr=False, compare=False)
    """One row per epoch; empty for candidates of a search, whose curves are not read."""
    pairs: RewardPairs = field(default_factory=RewardPairs)
    """Of the trained and the human reward; read where the curve is."""
    rollout: Path | None = None
    made_with: tuple[str, ...] = ()
    """In what it differs from the run: versions of libraries, the code of its task."""

    @property
    def untrained_f(self) -> float | None:
        """F of the policy before training, where it was measured."""
        return next((point.f for point in self.checkpoints if point.number == 0), None)

    @property
    def ok(self) -> bool:
        """Whether it has a score."""
        return self.status == "ok"

    @property
    def missing(self) -> bool:
        """Whether it has not been done."""
        return self.status == "missing"

    @property
    def altered(self) -> bool:
        """Whether it is not as it was stored, or does not belong where it is named: no number of it is used."""
        return self.status == "altered"


@dataclass(frozen=True)
class Candidate:
    """A reward program inside a search, with its outcome."""

    id: str
    iteration: int
    attempt: int
    parent: str | None
    answer: str
    source: str | None
    status: str
    error: Problem | None
    f: float | None
    feedback: str | None
    trial: Trial | None
    """Its last one: at half where it was dropped there."""
    half: Trial | None = None
    """The first half of its training, where candidates raced."""

    @property
    def half_f(self) -> float | None:
        """F at half its training, where candidates raced."""
        return None if self.half is None else self.half.f

    @property
    def dropped(self) -> bool:
        """Whether it was not among the better half, and its training ended there."""
        return self.status == "dropped"


@dataclass(frozen=True)
class Iteration:
    """One round of a search."""

    index: int
    messages: tuple[tuple[str, str], ...]
    """(role, content)."""
    best: str | None
    best_so_far: str | None
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Search:
    """One complete run of a method on a task; for methods that do not search their program and its trials."""

    task: str
    method: str
    index: int
    status: str
    """`ok`, `failed` (no program), `stopped` (before its end) or `altered` (nothing of it is used)."""
    error: str | None
    """Why it is not `ok`."""
    program: str | None
    best: str | None
    reward_score: float | None
    iterations: tuple[Iteration, ...]
    finals: tuple[Trial, ...]

    @property
    def failed(self) -> bool:
        """Whether it ended without a program."""
        return self.status == "failed"

    @property
    def stopped(self) -> bool:
        """Whether it could not go on to its end; what it had found until then counts."""
        return self.status == "stopped"

    @property
    def altered(self) -> bool:
        """Whether its record is not as it was stored: nothing of it is used."""
        return self.status == "altered"

    @property
    def candidates(self) -> dict[str, Candidate]:
        """Every candidate by its id."""
        return {c.id: c for iteration in self.iterations for c in iteration.candidates}
