"""What a trainer is: it trains members, each a reward program and a seed, of one task under one setting.

rl-games trains them one after another. Whatever is random in a member comes from its own seed, so that a trainer that
has many of them in one simulation can give what each would be alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.rewards import Graph
from harness.task import PPO, Budget, Task
from harness.training.record import Recorder


@dataclass(frozen=True)
class Setting:
    """What all members have in common."""

    task: Task
    ppo: PPO
    budget: Budget
    engine: str = "cpu"
    threads: int = 1
    """Of the physics."""
    precision: str = "fp32"
    """Of the networks' hidden layers, `fp32` or `bf16`."""
    until: int | None = None
    """The checkpoint's epoch after which the training is broken off; None for its end."""


@dataclass(frozen=True)
class Member:
    """One training."""

    reward: Graph
    human: Graph | None
    """Recorded beside it, never learned from."""
    seed: int
    checkpoints: Mapping[int, Path]
    """Epoch → file; 0 is before any training."""
    state: Path | None = None
    """Where all of the training is saved after each checkpoint, and gone on from if it is there."""
    goal_bonus: float = 0.0
    latched: bool = False
    on_epoch: Callable[[int], None] = lambda epoch: None
    """Called with each finished epoch."""
    on_step: Callable[[], None] = lambda: None
    """Called once per control step."""


@dataclass(frozen=True)
class Trained:
    """What a training leaves beside its checkpoints."""

    recorder: Recorder
    """Its curves and sums."""
    unstable: int
    """How often the physics of a world failed."""
    ready: float
    """When its first step began, seconds since the epoch of `time.time`."""


class Trainer(Protocol):
    """Trains policies."""

    def __call__(self, setting: Setting, members: Sequence[Member]) -> list[Trained]:
        """Train each member; raises Diverged where an epoch leaves weights that are not finite."""
