"""Where trials run: what an executor is, and what it is made with."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol, TypeVar

from harness.reuse import Reuse
from harness.store import Store
from harness.trial import TrialResult, TrialSpec

T = TypeVar("T")


class Executor(Protocol):
    """Where trials run."""

    jobs: int
    """Trials at a time."""

    def submit(self, spec: TrialSpec, label: str) -> Future[TrialResult]:
        """Start a trial, or find its result: a trial is done once, however often it is asked for.

        `label` is what people are shown, e.g. `ant human seed 0`. The future raises Lost if the machine would not
        let it come to an end: then nothing is stored, and asking again tries again.
        """

    def spare(self, work: Callable[[threading.Event], T]) -> Future[T]:
        """Do something else where a trial would run, when none waits for the place; an event tells it to stop."""

    def stop(self) -> None:
        """Give up what is running and waiting; finished trials stay."""


@dataclass
class Listener:
    """Called from the executor's threads as trials go on; does nothing unless told to."""

    epoch: Callable[[TrialSpec, int], None] = lambda spec, epoch: None
    done: Callable[[TrialSpec, str, TrialResult], None] = lambda spec, label, result: None
    found: Callable[[TrialSpec], None] = lambda spec: None
    """A trial that was done before."""
    lost: Callable[[TrialSpec, str, str], None] = lambda spec, label, why: None


class MakeExecutor(Protocol):
    """What an entry point of the group `eureka_harness.executors` names: a class, or a function."""

    def __call__(
        self,
        store: Store,
        jobs: int | None = None,
        listener: Listener | None = None,
        reuse: Reuse | None = None,
        cost: Callable[[TrialSpec], float] = lambda spec: 0.0,
    ) -> Executor:
        """An executor whose results go to `store`, with so many `jobs` at a time (None: as many as there is room for).

        `cost` says how long a trial takes, compared with others.
        """


@dataclass(frozen=True)
class Resources:
    """What one trial may use."""

    threads: int = 1
    """Of the physics; results do not depend on it."""
    memory_bytes: int = 1 << 62
    """Of each of its processes."""


@dataclass(frozen=True)
class Watch:
    """How a trial is looked after: its processes are ended where `stopped`, and `epoch` hears of each epoch."""

    stopped: Callable[[], bool] = lambda: False
    epoch: Callable[[int], None] = lambda epoch: None
