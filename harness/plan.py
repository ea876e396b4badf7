"""A plan: what one command asks for, with every default resolved, and the trials that this means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.identity import TaskId
from harness.methods.chosen import Chosen, is_fixed, searches
from harness.methods.contract import SearchMethod, SearchSettings
from harness.methods.racing import share
from harness.overrides import Overrides, changed_budget, changed_ppo
from harness.proposers import display_name
from harness.registry import load_task
from harness.repetitions import repetitions
from harness.reuse import Reuse
from harness.roles import SPARSE
from harness.task import Budget, budget_of
from harness.training.schedule import halfway
from harness.trial import TrialSpec, make_spec


@dataclass(frozen=True)
class Asking:
    """How a model is asked."""

    temperature: float | None = 1.0
    """None leaves it to its server."""
    max_answer_tokens: int = 4096
    """Longest answer that is asked for."""


@dataclass(frozen=True)
class Plan:
    """What one command asks for, with every default resolved."""

    folder: Path
    tasks: tuple[TaskId, ...]
    chosen: Mapping[str, Chosen]
    """The methods, by name."""
    seeds: int
    searches: int
    settings: Mapping[str, SearchSettings]
    """Of the methods that search."""
    usual: SearchSettings
    """What the settings are where a method says nothing else: those of `eureka`."""
    budget: str
    engine: str
    trainer: str
    precision: str
    """Of the networks while they are trained: `fp32` or `bf16`."""
    protocol: str
    goal_bonus: bool
    """Whether candidates get the original's bonus on reached goals."""
    candidate_epochs: int | None
    """Epochs of a candidate's training; None for the budget's."""
    proposer: str
    """As asked for: `grammar`, `openai:MODEL` or `replay:FILE`."""
    asking: Asking = field(default_factory=Asking)
    reuse: Reuse = field(default_factory=Reuse)
    notes: tuple[str, ...] = ()
    """What was fallen back to, and why."""
    first_seed: int = 0
    """Number of the first repetition of every program: that of a reference set is far from a run's."""
    overrides: Overrides = field(default_factory=dict)
    """In what trainings are not the benchmark's."""

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the methods."""
        return tuple(self.chosen)

    @property
    def searching(self) -> tuple[str, ...]:
        """The methods that search."""
        return tuple(self.settings)

    def search_method(self, method: str) -> SearchMethod:
        """A method that searches."""
        found = self.chosen[method].method
        assert searches(found)
        return found

    def program(self, task: TaskId, method: str) -> str | None:
        """The program of a method that does not search; None where the task has none."""
        found = self.chosen[method].method
        return found.program(task) if is_fixed(found) else None

    def fixed(self, task: TaskId) -> tuple[str, ...]:
        """The methods with a program for a task."""
        return tuple(name for name in self.methods if self.program(task, name) is not None)

    @property
    def written(self) -> dict[str, str]:
        """Methods that are a program which users wrote → where that is."""
        return {
            name: chosen.origin
            for name, chosen in self.chosen.items()
            if chosen.method.role == "program" and chosen.origin is not None
        }

    def described(self, settings: SearchSettings) -> dict[str, Any]:
        """How searches with these settings are done, as run.json and their records hold it."""
        return {
            "proposer": display_name(self.proposer),
            **settings.described(),
            "temperature": self.asking.temperature,
            "max_answer_tokens": self.asking.max_answer_tokens,
        }

    @property
    def most_samples(self) -> int:
        """The most answers that are asked for at once."""
        return max((settings.samples for settings in self.settings.values()), default=1)

    def experience(self, task: TaskId) -> Budget:
        """The budget of a reported training on a task."""
        return changed_budget(budget_of(load_task(task), self.budget), self.overrides, task.slug)

    def has_half(self, task: TaskId) -> bool:
        """Whether candidates' trainings are long enough for a race."""
        epochs = self.candidate_epochs or self.experience(task).epochs
        return halfway(epochs) < epochs

    def races(self, method: str) -> bool:
        """Whether a method ranks its candidates at half their training."""
        return bool(getattr(self.settings[method], "racing", False))

    def raced(self, task: TaskId) -> float:
        """The share of the candidates' training that is done: 1 without a race, or without a half to race to."""
        counts = {name: s.iterations * s.samples for name, s in self.settings.items()}
        done = {
            name: share(self.settings[name].samples) if self.races(name) and self.has_half(task) else 1.0
            for name in counts
        }
        return sum(counts[name] * done[name] for name in counts) / sum(counts.values()) if counts else 1.0

    def spec(self, task: TaskId, method: str, source: str, role: str, seed: int) -> TrialSpec:
        """The trial of a method's program. The bonus on goals is for candidates: experts have their own.

        The latch is for the sparse reward, which is the task's own metric.
        """
        spec = make_spec(
            task,
            source,
            role=role,
            seed=seed,
            budget=self.budget,
            engine=self.engine,
            trainer=self.trainer,
            precision=self.precision,
            protocol=self.protocol,
            goal_bonus=self.goal_bonus and self.chosen[method].method.role != "reference",
            latched=method == SPARSE,
        )
        amount = self.experience(task)
        epochs = self.candidate_epochs if role == "search" else None
        budget = replace(amount, epochs=epochs or amount.epochs, why="")
        return replace(spec, budget=budget, ppo=changed_ppo(spec.ppo, self.overrides))

    def finals(self, task: TaskId, method: str, source: str, search: int = 0) -> list[TrialSpec]:
        """The reported trials of the program of a method's search."""
        seeds = repetitions(self.first_seed, search, self.seeds)
        return [self.spec(task, method, source, "final", seed) for seed in seeds]
