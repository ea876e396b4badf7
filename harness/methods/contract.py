"""What a method is: a way of getting a reward program for a task.

A method of your own is one class in one file. It sees the problem and its tools, and nothing else of the harness:

    class Twice:
        \"\"\"Asks once for two programs and takes the better one.\"\"\"

        role = "search"
        Settings = SearchSettings

        def search(self, problem: Problem, tools: Tools) -> SearchRecord: ...

Name it on the command line as `path/to/file.py:Twice`, or offer it to all runs by an entry point of the group
`eureka_harness.methods`.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from harness.context import visible_fields
from harness.identity import TaskId
from harness.methods.reflection import Curve, read_curve
from harness.proposers import Answer, Parent, Request, RewardContext
from harness.records import Messages, SearchRecord
from harness.roles import Role
from harness.task import Task


class SearchSettings(BaseModel):
    """What every search has; a method's own settings are a subclass with more fields, plain values with defaults.

    They are stored with the run, compared when it is resumed, and given as `--method-option METHOD.FIELD=VALUE`.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    iterations: int = Field(default=1, ge=1)
    """How often candidates are asked for; a search of more iterations goes on from one of fewer."""
    samples: int = Field(default=1, ge=1)
    """Candidates of an iteration, which are trained side by side."""

    def described(self) -> dict[str, Any]:
        """As run.json and search.json hold them."""
        return self.model_dump(mode="json")


@dataclass(frozen=True)
class Problem:
    """A task that a reward program is wanted for, and what is given for that."""

    task: Task
    slug: str
    """The task's name."""
    method: str
    """The method's, as tables show it."""
    index: int
    """Number of the search."""
    seed: int
    """For what is drawn: of this search alone."""
    settings: SearchSettings
    described: Mapping[str, Any]
    """The settings and the proposer, for the record."""
    messages: Messages
    """What a designer is told before anything was tried."""
    temperature: float | None = 1.0
    """Of the model; None leaves it to its server."""

    def record(self) -> SearchRecord:
        """The record of a search in which nothing has happened yet."""
        return SearchRecord(self.slug, self.method, self.index, settings=dict(self.described))

    def request(
        self,
        iteration: int,
        messages: Messages,
        samples: int,
        parent: Parent | None = None,
        *,
        attempt: int = 0,
        response: int | None = None,
    ) -> Request:
        """A request for reward programs, which the run's journal knows by its iteration and what is said in it.

        `attempt` and `response` are those of a repair. `parent` is what proposers that do not read messages go by.
        """
        place = {
            "task": self.slug,
            "method": self.method,
            "search": self.index,
            "iteration": iteration,
            "attempt": attempt,
            "response": response,
        }
        context = RewardContext(visible_fields(self.task), dict(self.task.constants), parent)
        return Request(place, list(messages), samples, self.seed, self.temperature, context)


@dataclass(frozen=True)
class Outcome:
    """What became of a program's training."""

    trial: str
    """Key of its trial."""
    status: str
    """`ok`, `rejected` (the program) or `failed` (its training)."""
    f: float | None
    """Fitness of the trained policy, evaluated; None unless `ok`."""
    error: Mapping[str, Any] | None = None
    """`kind`, `message` (for people), `designer` (for the model)."""
    flags: tuple[dict[str, str], ...] = ()
    """What is odd about the program (see `harness.rewards.flags`)."""
    half: bool = False
    """Whether the training was broken off at half."""
    folder: Path = field(default=Path(), compare=False)
    """Where the trial lies."""

    def curve(self) -> Curve:
        """Its training, epoch by epoch. EnvironmentProblem if that is missing or damaged."""
        return read_curve(self.folder / "curve.csv")


class Tools(Protocol):
    """What a search can do."""

    def propose(self, request: Request) -> list[Answer]:
        """`request.samples` answers, journaled before they are used: asking the same again costs nothing."""

    def train(self, programs: Mapping[str, str], *, half: bool = False) -> dict[str, Future[Outcome]]:
        """Train programs (name → source) side by side; what was trained before is found again.

        With `half`, those whose training is long enough are broken off at half of it; training them again without
        goes on from there.
        """

    def forget(self, program: str) -> None:
        """A program that was trained to half is not gone on with."""

    def save(self, record: SearchRecord) -> None:
        """Put on disk how far the search is. At least once per iteration: what is saved is shown, and kept."""


class FixedMethod(Protocol):
    """A method that has its programs already."""

    @property
    def role(self) -> Role:
        """`reference` or `program`."""

    def program(self, task: TaskId) -> str | None:
        """The reward program for a task; None where there is none."""


class SearchMethod(Protocol):
    """A method that looks for a program."""

    @property
    def role(self) -> Role:
        """`search`."""

    @property
    def Settings(self) -> type[SearchSettings]:  # noqa: N802 (a class)
        """What can be chosen of it."""

    def search(self, problem: Problem, tools: Tools) -> SearchRecord:
        """The record of a search, with its program; status `failed` where no program could be trained.

        What the proposer or the machine cannot do is raised as it comes (UserError, Lost): the run notes what was
        saved until then as `stopped`, and the same command goes on from there. So a search must do the same again for
        the same answers and outcomes: whatever it draws comes from `problem.seed`.
        """


Method = FixedMethod | SearchMethod
