"""What a run folder holds, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from harness.roles import HUMAN, REFERENCES, SPARSE
from harness.scoring.searchdata import Search
from harness.scoring.task_info import TaskInfo


@dataclass(frozen=True)
class Usage:
    """What the model calls of one search used."""

    calls: int = 0
    """Calls that were answered."""
    failures: int = 0
    """Calls that came to nothing."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: bool = False
    """Whether some tokens are the harness's estimate, not the server's count."""
    dollars: float | None = None
    """None where no price is known."""
    models: tuple[str, ...] = ()
    """The models that answered, as the server named them."""

    def __add__(self, other: Usage) -> Usage:
        known = [d for d in (self.dollars, other.dollars) if d is not None]
        return Usage(
            self.calls + other.calls,
            self.failures + other.failures,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.estimated or other.estimated,
            sum(known) if known else None,
            tuple(sorted({*self.models, *other.models})),
        )


@dataclass(frozen=True)
class Declared:
    """What a run was to compare: as declared before its first trial, or extended later."""

    methods: tuple[str, ...]
    tasks: int
    seeds: int
    searches: int
    estimator: str
    after: int
    """Trials that were finished when it was asked for."""


@dataclass(frozen=True)
class Config:
    """What was asked for, with what, and where."""

    seeds: int
    searches: int
    budget: str
    engine: str
    precision: str
    """Of the networks while they are trained."""
    protocol: str
    goal_bonus: bool
    """Whether candidates got the original's bonus on reached goals."""
    methods: tuple[str, ...]
    search: Mapping[str, object] | None = None
    """Settings of the searches, their proposer among them; None where none has been asked for."""
    settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Of methods whose searches are done otherwise, by method."""
    plugin_methods: Mapping[str, str] = field(default_factory=dict)
    """Methods that search and are not built in → where they are from."""
    given: Mapping[str, str] = field(default_factory=dict)
    """Methods that are a user's own program → the name of its file."""
    candidate_epochs: int | None = None
    """Epochs of a candidate's training; None for the budget's."""
    overrides: Mapping[str, object] = field(default_factory=dict)
    """In what trainings are not the benchmark's: `worlds`, `ppo.learning_rate` → value."""
    first_seed: int = 0
    """Number of the first repetition of a program; not 0 in a reference set."""
    reused_versions: bool = False
    """Whether trials of other versions of the libraries count."""
    declared: tuple[Declared, ...] = ()
    """The aggregate comparison as it was declared, and its extensions; empty where that is not known."""
    versions: Mapping[str, str] = field(default_factory=dict)
    machine: Mapping[str, object] = field(default_factory=dict)

    def settings_of(self, method: str) -> Mapping[str, object]:
        """How the searches of a method are done."""
        return self.settings.get(method, self.search or {})

    @property
    def racing(self) -> bool:
        """Whether candidates of some method are ranked at half their training."""
        return any(found.get("racing") for found in (self.search or {}, *self.settings.values()))

    @property
    def proposer(self) -> str | None:
        """Who wrote the candidates; None where nothing was searched for."""
        return None if self.search is None else str(self.search["proposer"])


@dataclass(frozen=True)
class Family:
    """The methods of one run, and what they are compared with and normalised by."""

    run: str
    methods: tuple[str, ...]
    """References of another run that stand in for absent ones are not among them."""
    human: str = HUMAN
    """Name of the method that is its human reward; there may be none of that name."""
    sparse: str = SPARSE


@dataclass(frozen=True)
class Reference:
    """Trials of a reference set for one method on one task: see `harness.scoring.references`."""

    scores: NDArray[np.float64]
    """(n,): F of each; a failed one at the task's floor."""
    precisions: tuple[str, ...]
    """Of the networks while they were trained."""
    name: str
    """Of the set, with its version: `cpu-quick (1a2b3c4d)`."""


@dataclass(frozen=True)
class RunData:
    """One run folder, or several merged."""

    configs: tuple[tuple[str, Config], ...]
    """(run name, configuration); one entry unless merged."""
    tasks: tuple[TaskInfo, ...]
    methods: tuple[str, ...]
    """In order of display, references first."""
    searches: Mapping[tuple[str, str], tuple[Search, ...]]
    """By task slug and method."""
    expected: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    """Searches and final trials per search that were asked for, by task slug and method."""
    usage: Mapping[tuple[str, str, int], Usage] = field(default_factory=dict)
    """By task slug, method and search."""
    alterations: tuple[str, ...] = ()
    """What else of the folder is not as it was written, a line each: see `harness.scoring.altered`."""
    families: tuple[Family, ...] = ()
    """One per run where several are merged."""
    references: Mapping[tuple[str, str], Reference] = field(default_factory=dict)
    """By task slug and method: what of the reference set fits the run. They count beside the run's own trials."""

    @property
    def config(self) -> Config:
        """The (first) configuration; budget, engine and protocol are the same in all."""
        return self.configs[0][1]

    @property
    def searching(self) -> tuple[str, ...]:
        """The methods that search."""
        given = {
            name
            for family, (_, config) in zip(self._families, self.configs, strict=True)
            for name in family.methods
            if base_name(name) in config.given
        }
        return tuple(m for m in self.methods if not is_reference(m) and m not in given)

    @property
    def compared(self) -> tuple[str, ...]:
        """The methods that are normalised: all but the references."""
        return tuple(m for m in self.methods if not is_reference(m))

    def of(self, task: str, method: str) -> tuple[Search, ...]:
        """The searches of a method on a task, () if there are none."""
        return self.searches.get((task, method), ())

    def reference(self, task: str, method: str) -> Reference | None:
        """The reference set's trials of a human or sparse reward, of whichever run, on a task."""
        return self.references.get((task, base_name(method)))

    def family(self, method: str) -> Family:
        """The run that a method belongs to; its first where runs share it, or where only the reference set has it."""
        return next((family for family in self._families if method in family.methods), self._families[0])

    @property
    def _families(self) -> tuple[Family, ...]:
        return self.families or tuple(Family(name, self.methods) for name, _ in self.configs)


def is_reference(method: str) -> bool:
    """Whether a method is a human or a sparse reward, of whichever run."""
    return base_name(method) in REFERENCES


def base_name(method: str) -> str:
    """A method's own name, without the run that a merged report adds in brackets."""
    return method.partition(" (")[0]
