"""A trial: one policy training with one reward program, and its evaluation, as data."""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from harness.code import code_digest, harness_digest, task_digest
from harness.identity import TaskId
from harness.keys import training_key, trial_key
from harness.parts import source_of
from harness.registry import expert_reward, load_task, resolve
from harness.roles import HUMAN
from harness.seeds import Role, derive
from harness.task import PPO, Budget, budget_of
from harness.task_options import values_of
from harness.training.schedule import Evaluation, evaluation_of, halfway, halfway_evaluation

SCHEMA = 2
UNSAID: dict[str, Any] = {"latched": False, "plugins": {}, "options": {}, "precision": "fp32", "until": None}
"""Entries of a spec that are not stored where they are so."""


@dataclass(frozen=True)
class Code:
    """Digests of the code that computes a trial: see `harness.code`."""

    task: str
    """The task's own modules."""
    training: str
    """The harness's part in a training."""


@dataclass(frozen=True)
class TrialSpec:
    """Everything that changes the result of a trial."""

    task: TaskId
    source: str
    """The reward program."""
    role: str
    """`search` for candidates, `final` for reported trainings; their seeds are disjoint."""
    seed: int
    """Index of the repetition, 0, 1, ..."""
    budget_name: str
    budget: Budget
    ppo: PPO
    code: Code
    evaluation: Evaluation
    evaluation_code: str
    """Digest of the harness's part in an evaluation."""
    human: str | None = None
    """Digest of the human reward that is recorded beside the training, None where the task has none."""
    engine: str = "cpu"
    trainer: str = "rl_games"
    precision: str = "fp32"
    """Of the hidden layers while a policy is trained, `fp32` or `bf16`."""
    protocol: str = "strict"
    goal_bonus: float = 0.0
    """Added to the program's reward, unseen by it, on steps that score 1."""
    latched: bool = False
    """Whether the task goes on paying, until the end of an episode, what the program once paid."""
    until: int | None = None
    """The epoch after which the training is broken off and its policy measured; None for its end."""
    versions: dict[str, str] = field(default_factory=dict)
    plugins: dict[str, str] = field(default_factory=dict)
    """Digests of the engine and the trainer, where they are not built in."""
    options: dict[str, Any] = field(default_factory=dict)
    """All options of the task, those at their defaults included; empty where it has none."""

    @functools.cached_property
    def hash(self) -> str:
        """Its key (16 hex digits), and its name on disk."""
        return trial_key(self.to_dict())

    @functools.cached_property
    def training(self) -> str:
        """Key of its training."""
        return training_key(self.to_dict())

    @property
    def training_seed(self) -> int:
        """Seed of everything random in training."""
        role = Role.SEARCH_TRAINING if self.role == "search" else Role.FINAL_TRAINING
        return derive(role, self.task.slug, self.seed)

    @property
    def evaluation_seed(self) -> int:
        """Seed of the worlds in which checkpoints are evaluated."""
        role = Role.SEARCH_EVALUATION if self.role == "search" else Role.FINAL_EVALUATION
        return derive(role, self.task.slug, self.seed)

    @property
    def env_steps(self) -> int:
        """Control steps of its training, over all worlds."""
        return self.budget.worlds * self.budget.horizon * (self.until or self.budget.epochs)

    @property
    def half(self) -> TrialSpec | None:
        """The trial broken off at half its training, where candidates are ranked; None if it is too short for that."""
        until = halfway(self.budget.epochs)
        if until == self.budget.epochs:
            return None
        return dataclasses.replace(self, until=until, evaluation=halfway_evaluation(self.budget_name))

    @property
    def whole(self) -> TrialSpec:
        """The trial that goes on where this one is broken off: itself if it is not."""
        if self.until is None:
            return self
        evaluation = evaluation_of(self.budget_name, self.protocol, self.role)
        return dataclasses.replace(self, until=None, evaluation=evaluation)

    def to_dict(self) -> dict[str, Any]:
        """As stored in spec.json: the task by its slug."""
        data = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        for name in ("budget", "ppo", "code", "evaluation", "versions", "plugins", "options"):
            part = data[name]
            data[name] = dict(part if isinstance(part, dict) else vars(part))
        del data["budget"]["why"]  # words do not change a result
        for name, usual in UNSAID.items():
            if data[name] == usual:  # where they mean nothing, they are not there
                del data[name]
        return {"schema": SCHEMA, **data, "task": self.task.slug}

    @classmethod
    def from_dict(cls, data: dict[str, Any], task: TaskId) -> TrialSpec:
        """Back from spec.json: of `task`, since stored data never says what is imported."""
        data = dict(data)
        del data["schema"]
        ppo = dict(data["ppo"])
        ppo["units"] = tuple(ppo["units"])
        parts = {
            "task": task,
            "ppo": PPO(**ppo),
            "budget": Budget(**data["budget"]),
            "code": Code(**data["code"]),
            "evaluation": Evaluation(**data["evaluation"]),
        }
        return cls(**(data | parts))


def make_spec(
    task: str | TaskId,
    source: str,
    *,
    role: str,
    seed: int,
    budget: str,
    engine: str,
    protocol: str,
    precision: str = "fp32",
    trainer: str = "rl_games",
    goal_bonus: bool = False,
    latched: bool = False,
) -> TrialSpec:
    """The trial of a reward program on a task at a named budget, with the task's goal bonus or without.

    `latched` has the task latch the reward, if it does that.
    """
    found = task if isinstance(task, TaskId) else resolve(task)
    loaded = load_task(found)
    return TrialSpec(
        task=found,
        source=source,
        role=role,
        seed=seed,
        budget_name=budget,
        budget=dataclasses.replace(budget_of(loaded, budget), why=""),
        ppo=loaded.ppo,
        code=_code(found),
        evaluation=evaluation_of(budget, protocol, role),
        evaluation_code=harness_digest("evaluation"),
        human=_human(found),
        engine=engine,
        trainer=trainer,
        plugins=_plugins(engine, trainer),
        precision=precision,
        protocol=protocol,
        goal_bonus=loaded.goal_bonus if goal_bonus else 0.0,
        latched=latched and loaded.latches,
        versions=versions(),
        options=values_of(loaded.options),
    )


@functools.cache
def _code(task: TaskId) -> Code:
    return Code(task_digest(load_task(task)), harness_digest("training"))


@functools.cache
def _plugins(engine: str, trainer: str) -> dict[str, str]:
    files = {"engine": source_of("engine", engine), "trainer": source_of("trainer", trainer)}
    return {
        name: code_digest(file.read_text(encoding="utf-8"))
        for name, file in files.items()
        if file is not None
    }


@functools.cache
def _human(task: TaskId) -> str | None:
    source = expert_reward(HUMAN, task)
    return None if source is None else code_digest(source)


@functools.cache
def _versions() -> tuple[tuple[str, str], ...]:
    return tuple((name, version(name)) for name in ("torch", "mujoco", "rl-games", "numpy"))


def versions() -> dict[str, str]:
    """Versions of the libraries that a result depends on."""
    return dict(_versions())


@dataclass(frozen=True)
class TrialResult:
    """How a trial ended, as far as that is the program's doing. What the machine lost is no result."""

    hash: str
    """The name of the trial that it is the result of."""
    status: str
    """`ok`, `rejected` (the program) or `failed` (the training or its policy)."""
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
