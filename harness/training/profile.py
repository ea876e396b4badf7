"""Where the time of a trial goes."""

from __future__ import annotations

import contextlib
import io
import math
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import torch

from harness.environment import Environment
from harness.identity import TaskId
from harness.registry import load_task
from harness.rewards import Graph
from harness.task import Budget, Task, budget_of
from harness.training.agent import Agent
from harness.training.evaluate import evaluate
from harness.training.profiled import Profile
from harness.training.record import Recorder
from harness.training.schedule import evaluation_of
from harness.training.trainer import train

EVALUATED_STEPS = 50
"""Of each world, from which those of a whole evaluation are reckoned."""
MATRIX = 1024
"""Rows and columns of the matrices whose product says how fast a core multiplies."""
TASK_PARTS = {
    "actions and resets": ("act", "reset"),
    "reading the state": ("read",),
    "observations": ("observe",),
    "fitness": ("score", "terminated"),
}
"""Methods of a task."""
AGENT_PARTS = {
    "train_epoch": "other parts of learning",
    "get_action_values": "inference",
    "get_values": "inference",
    "train_actor_critic": "update",
}
"""Methods of rl-games' agent."""


class Stopwatch:
    """Seconds by part, each moment counted once: a part that begins inside another interrupts it."""

    def __init__(self, clock: Callable[[], float] = time.process_time) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._clock = clock
        self._parts: list[str] = []
        self._since = clock()

    @contextlib.contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count to `name` until the end."""
        self._count()
        self._parts.append(name)
        try:
            yield
        finally:
            self._count()
            self._parts.pop()

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, whose calls count to `name`."""

        def call(*arguments: Any, **named: Any) -> Any:
            with self.part(name):
                return function(*arguments, **named)

        return call

    def _count(self) -> None:
        now = self._clock()
        if self._parts:
            self.seconds[self._parts[-1]] += now - self._since
        self._since = now


def profile(task_id: TaskId, budget_name: str, reward: str | None, epochs: int, precision: str) -> Profile:
    """Measure `epochs` epochs of a training after a first one, and a part of its evaluation, on one thread.

    `reward` is the JSON of a graph that is rewarded and recorded, None for zeros. For a process of its own: it sets
    torch's threads to one and replaces methods while it measures.
    """
    torch.set_num_threads(1)
    task = load_task(task_id)
    budget = budget_of(task, budget_name)
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as patches:
        for part, methods in TASK_PARTS.items():
            for method in methods:
                timed = watch.timed(part, getattr(task, method))
                patches.enter_context(mock.patch.object(task, method, timed))
        policy = Path(scratch) / "10.pt"
        observations = _train(task, replace(budget, epochs=1 + epochs), reward, policy, watch, precision)
        seconds = {part: spent * budget.epochs / epochs for part, spent in watch.seconds.items()}
        worlds = evaluation_of(budget_name, "strict", "final").worlds
        episode = task.timing.episode_steps
        steps = min(EVALUATED_STEPS, episode)
        patches.enter_context(mock.patch.object(task, "timing", replace(task.timing, episode_steps=steps)))
        before = time.process_time()
        evaluate(task, {policy: worlds}, seed=0)
        seconds["evaluation"] = (time.process_time() - before) * episode / steps
    products = budget.env_steps * _products(task, budget, observations)
    return Profile(seconds, budget, worlds * episode, seconds["physics"] + products / _products_per_second())


def _train(
    task: Task, budget: Budget, reward: str | None, policy: Path, watch: Stopwatch, precision: str
) -> int:
    """Train, leave the policy, and count what the epochs after the first one take; the number of observations."""
    environment = Environment(task, budget.worlds, seed=0)
    human = None if reward is None else Graph.from_json(reward)
    recorder = Recorder(environment, human or (lambda named: (torch.zeros(budget.worlds), {})), human)

    def ended(epoch: int) -> None:
        if epoch == 1:
            watch.seconds.clear()

    with contextlib.redirect_stdout(io.StringIO()), contextlib.ExitStack() as patches:  # rl-games talks
        for owner, method, part in (
            (environment.sim, "step", "physics"),
            (environment.sim, "forward", "physics"),
            (recorder, "take", "reward"),
            (environment, "step", "other parts of a step"),
        ):
            patches.enter_context(mock.patch.object(owner, method, watch.timed(part, getattr(owner, method))))
        for method, part in AGENT_PARTS.items():
            original = getattr(Agent, method)
            patches.enter_context(mock.patch.object(Agent, method, _method(watch, part, original)))
        train(environment, recorder, task.ppo, budget, 0, {budget.epochs: policy}, ended, precision=precision)
    return int(environment.observations.shape[1])


def _method(watch: Stopwatch, part: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def call(agent: Agent, *arguments: Any, **named: Any) -> Any:
        with watch.part(part):
            return original(agent, *arguments, **named)

    return call


def _products(task: Task, budget: Budget, observations: int) -> float:
    """Multiplications that the networks need for one step of one world.

    One pass of policy and value for the action, one of the value for the end of an epoch, and in the update three
    for each mini-epoch: forward, and backward to weights and to activations.
    """
    ppo = task.ppo
    sizes = [observations, *ppo.units]
    body = sum(a * b for a, b in pairwise(sizes))
    both = (2 if ppo.separate else 1) * body + (task.num_actions + 1) * sizes[-1]
    return both * (1.0 + 1.0 / budget.horizon + 3.0 * ppo.mini_epochs)


def _products_per_second() -> float:
    """Of a large matrix product in single precision here."""
    a, b = torch.rand(2, MATRIX, MATRIX).unbind()
    best = math.inf
    for _ in range(10):
        before = time.process_time()
        torch.mm(a, b)
        best = min(best, time.process_time() - before)
    return MATRIX**3 / best
