"""Methods that have their programs already: the references that normalise, and programs that users wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from harness.identity import TaskId
from harness.registry import expert_reward
from harness.roles import HUMAN, SPARSE, Role


@dataclass(frozen=True)
class Expert:
    """A reward that comes with the tasks (see `harness.registry.expert_reward`)."""

    kind: str
    about: str
    """What it is, in a line."""
    role: Role = "reference"

    def program(self, task: TaskId) -> str | None:
        """The reward program for a task; None where there is none."""
        return expert_reward(self.kind, task)


@dataclass(frozen=True)
class Given:
    """One program for every task."""

    source: str
    role: Role = "program"

    def program(self, task: TaskId) -> str | None:
        """The reward program."""
        return self.source


HUMAN_REWARD: Final = Expert(HUMAN, "the expert reward of the task; scores 1")
SPARSE_REWARD: Final = Expert(SPARSE, "the fitness itself as reward; scores 0")
