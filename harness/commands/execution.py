"""The part of `run` that trains."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from rich.console import Console

from harness.estimate import typical_speeds
from harness.execution.contract import Executor, MakeExecutor
from harness.identity import TaskId
from harness.missing import Missing, env_steps
from harness.parts import find_part
from harness.plan import Plan
from harness.progress import RunProgress
from harness.proposers import Proposer
from harness.rollouts import Rollouts
from harness.run import Outcome, run_plan
from harness.store import Store
from harness.trial import TrialSpec

SOME_SPEED = 10_000.0
"""Env steps per second."""


def execute_plan(
    plan: Plan,
    record: dict[str, Any],
    store: Store,
    proposer: Proposer,
    amounts: dict[TaskId, Missing],
    jobs: int | None,
    console: Console,
    *,
    executor_name: str,
    pictures: bool,
) -> tuple[Outcome, str | None]:
    """Carry out a plan, showing how it goes, until its end or an interruption, and draw the policies if asked to.

    The second of what it returns says why a picture could not be drawn.
    """
    steps = sum(env_steps(plan, task, amount) for task, amount in amounts.items())
    progress = RunProgress(console, steps, sum(amount.total for amount in amounts.values()))
    typical = typical_speeds().speeds[plan.precision]

    def cost(spec: TrialSpec) -> float:
        """Seconds, about; a user's task counts as one that is neither fast nor slow."""
        return spec.env_steps / typical.get(spec.task.slug, (SOME_SPEED, 0.0))[0]

    make: MakeExecutor = find_part("executor", executor_name)
    executor: Executor = make(store, jobs, progress.listener, plan.reuse, cost)
    rollouts = Rollouts(plan, store, executor)
    with interruptible(proposer):
        try:
            with progress:
                finished = rollouts.finished if pictures else lambda records: None
                outcome = run_plan(plan, record, store, executor, proposer, finished)
                return outcome, rollouts.wait()
        finally:
            executor.stop()


@contextmanager
def interruptible(proposer: Proposer) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the run when the model requests under way are answered; the second time at once."""
    heard = 0

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal heard
        heard += 1
        if heard == 1:
            raise KeyboardInterrupt  # which stops the proposer and the trials, and waits for them
        proposer.stop(now=True)

    numbers = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) is not signal.SIG_IGN]
    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
