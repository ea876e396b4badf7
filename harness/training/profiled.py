"""What a process of the fork server finds out for `profile`."""

from __future__ import annotations

from dataclasses import dataclass

from harness.identity import TaskId
from harness.task import Budget


@dataclass(frozen=True)
class Profile:
    """Of one trial, on one core."""

    seconds: dict[str, float]
    """Processor seconds by part."""
    budget: Budget
    evaluated: int
    """Control steps of its evaluation, over all worlds."""
    floor: float
    """Seconds of its physics and of nothing else but the multiplications that training's networks need."""

    @property
    def training(self) -> float:
        """Seconds of the training alone."""
        return sum(self.seconds.values()) - self.seconds["evaluation"]


def profiled(task: TaskId, budget: str, reward: str | None, epochs: int, precision: str) -> Profile:
    """See `harness.training.profile.profile`."""
    from harness.training.profile import profile  # takes seconds to import, but the fork server has it

    return profile(task, budget, reward, epochs, precision)
