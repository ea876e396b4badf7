"""A trial: one policy training with one reward program, as data. Its hash is its name on disk."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from harness import __version__
from harness.registry import load_task, task_hash
from harness.seeds import Role, derive
from harness.task import PPO, Budget, budget_of

CHECKPOINTS = 10
EVALUATION_WORLDS = {"smoke": 16, "quick": 128, "paper": 128}
CURVE_WORLDS = 32
"""For checkpoints that only a learning curve shows."""
SCHEMA = 1


@dataclass(frozen=True)
class TrialSpec:
    """Everything that changes the result of a trial, and nothing else."""

    task: str
    """Task reference."""
    source: str
    """The reward program."""
    role: str
    """`search` for candidates, `final` for reported trainings; their seeds are disjoint."""
    seed: int
    """Index of the repetition, 0, 1, ..."""
    budget_name: str
    budget: Budget
    ppo: PPO
    task_hash: str
    engine: str = "cpu"
    protocol: str = "strict"
    goal_bonus: float = 0.0
    """Added to the program's reward, unseen by it, on steps that score 1."""
    versions: dict[str, str] = field(default_factory=dict)

    @functools.cached_property
    def hash(self) -> str:
        """Hex digest (16 digits) of the canonical JSON."""
        return hashlib.sha256(canonical(self.to_dict()).encode()).hexdigest()[:16]

    @property
    def training_seed(self) -> int:
        """Seed of everything random in training."""
        role = Role.SEARCH_TRAINING if self.role == "search" else Role.FINAL_TRAINING
        return derive(role, self.task, self.seed)

    @property
    def evaluation_seed(self) -> int:
        """Seed of the worlds in which checkpoints are evaluated."""
        role = Role.SEARCH_EVALUATION if self.role == "search" else Role.FINAL_EVALUATION
        return derive(role, self.task, self.seed)

    def to_dict(self) -> dict[str, Any]:
        """As stored in spec.json."""
        data = dataclasses.asdict(self)
        budget = data.pop("budget")
        del budget["why"]  # words do not change a result
        return {"schema": SCHEMA, **data, "budget": {"name": data.pop("budget_name"), **budget}}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> TrialSpec:
        """Back from spec.json."""
        data = dict(data)
        del data["schema"]
        data.pop("budget_name", None)
        budget = dict(data.pop("budget"))
        ppo = dict(data.pop("ppo"))
        ppo["units"] = tuple(ppo["units"])
        return cls(budget_name=budget.pop("name"), budget=Budget(**budget), ppo=PPO(**ppo), **data)


def make_spec(
    task: str,
    source: str,
    *,
    role: str,
    seed: int,
    budget: str,
    engine: str,
    protocol: str,
    goal_bonus: bool = False,
) -> TrialSpec:
    """The trial of a reward program on a task at a named budget, with the task's goal bonus or without."""
    loaded = load_task(task)
    return TrialSpec(
        task=task,
        source=source,
        role=role,
        seed=seed,
        budget_name=budget,
        budget=dataclasses.replace(budget_of(loaded, budget), why=""),
        ppo=loaded.ppo,
        task_hash=task_hash(loaded),
        engine=engine,
        protocol=protocol,
        goal_bonus=loaded.goal_bonus if goal_bonus else 0.0,
        versions=versions(),
    )


@functools.cache
def _versions() -> tuple[tuple[str, str], ...]:
    packages = ("torch", "mujoco", "rl-games", "numpy")
    return (*((name, version(name)) for name in packages), ("harness", __version__))


def versions() -> dict[str, str]:
    """Versions of the libraries that a result depends on."""
    return dict(_versions())


def canonical(data: Any) -> str:
    """JSON with sorted keys and no spaces, as hashes are taken of it."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True)
class TrialResult:
    """How a trial ended. Failures are results."""

    hash: str
    status: str
    """`ok`, `rejected` (the program), `failed` (the training) or `timeout`."""
    f: float | None = None
    """Score under the run's protocol; None unless `ok`."""
    error: dict[str, Any] | None = None
    """`kind`, `message` (for people), `designer` (for the model)."""
    flags: tuple[dict[str, str], ...] = ()
    """What is odd about its program or its rewards (see `harness.rewards.flags`)."""

    @property
    def ok(self) -> bool:
        """Whether it has a score."""
        return self.status == "ok"
