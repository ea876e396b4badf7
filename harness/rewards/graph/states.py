"""States of a task to try programs on: recorded from the simulation, and two artificial ones."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mujoco
import torch

from harness.environment import Environment
from harness.task import Task
from harness.tensors import rows

if TYPE_CHECKING:
    from torch import Tensor

Named = dict[str, "Tensor"]

STEPS = 20
KEPT = (0, 1, 5, STEPS)
HELD_STEPS = 60
"""So long are actions held at their ends: joints reach their limits, bodies fall and touch."""
SIMULATED = 64
"""Worlds that are simulated; more are filled by repeating them."""
LARGE = 100.0


@dataclass(frozen=True)
class States:
    """Named tensors (N, ...) of every state that a program may read."""

    real: tuple[Named, ...]
    """At reset, and after 1, 5 and 20 steps of random actions."""
    extreme: tuple[Named, ...]
    """After 60 steps of actions held at their ends; where episodes ended (held ones where none did); and with
    every joint at an end of its range, or anywhere in it."""

    @property
    def artificial(self) -> tuple[Named, ...]:
        """All zeros, and the last real one times 100."""
        last = self.real[-1]
        zeros = {name: torch.zeros_like(value) for name, value in last.items()}
        large = {name: value * LARGE if value.is_floating_point() else value for name, value in last.items()}
        return zeros, large

    def spread(self, worlds: int, device: str | torch.device) -> States:
        """The same for so many worlds: some left out, or repeated."""
        chosen = torch.arange(worlds) % len(next(iter(self.real[0].values())))

        def spread(states: tuple[Named, ...]) -> tuple[Named, ...]:
            return tuple(
                {name: value[chosen].to(device) for name, value in state.items()} for state in states
            )

        return States(spread(self.real), spread(self.extreme))

    def to_bytes(self) -> bytes:
        """For another process."""
        file = io.BytesIO()
        torch.save({"real": list(self.real), "extreme": list(self.extreme)}, file)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> States:
        """Back from `to_bytes`. Executes nothing of the data."""
        found = torch.load(io.BytesIO(data), weights_only=True)
        return cls(tuple(found["real"]), tuple(found["extreme"]))


def record_states(task: Task, worlds: int, device: str | torch.device = "cpu", seed: int = 0) -> States:
    """What a reward program would see of N `worlds` of a task."""
    return simulate(task, seed).spread(worlds, device)


def simulate(task: Task, seed: int = 0) -> States:
    """64 worlds of a task under uniformly random actions, then under held ones."""
    environment = Environment(task, SIMULATED, seed)
    every = torch.ones(SIMULATED, dtype=torch.bool)
    ends = _Ends()
    real = [environment.named()]
    for number in range(1, STEPS + 1):
        actions = 2.0 * torch.rand(environment.actions.shape, generator=environment.rng) - 1.0
        named, ended = _advance(environment, actions)
        if number in KEPT:
            real.append(named)
        ends.note(named, ended)
        environment.reset(ended)
    environment.reset(every)
    held = torch.rand(environment.actions.shape, generator=environment.rng).sub(0.5).sign()
    for number in range(1, HELD_STEPS + 1):
        named, ended = _advance(environment, held)
        if number < HELD_STEPS:
            ends.note(named, ended)
            environment.reset(ended)
    environment.reset(every)
    _to_limits(environment)
    return States(tuple(real), (named, ends.of(named), environment.named()))


def _advance(environment: Environment, actions: Tensor) -> tuple[Named, Tensor]:
    """One control step: what a program reads after it, and where the task ended the episode, (N,) bool.

    Worlds whose physics failed are at the start of an episode again.
    """
    step = environment.advance(actions)
    ended = step.done & ~step.unstable & ~step.time_out
    if step.unstable.any():
        environment.reset(step.unstable)
        return environment.named(), ended
    return {name: value.clone() for name, value in step.named(environment.task).items()}, ended


class _Ends:
    """Where episodes ended last, world by world."""

    def __init__(self) -> None:
        self.states: Named = {}
        self.worlds = torch.zeros(SIMULATED, dtype=torch.bool)

    def note(self, named: Named, ended: Tensor) -> None:
        """Keep what could be read in the worlds in which an episode ended, (N,) bool."""
        if ended.any():
            self.states = {
                name: torch.where(rows(ended, value), value, self.states.get(name, value))
                for name, value in named.items()
            }
            self.worlds |= ended

    def of(self, others: Named) -> Named:
        """The states kept, and `others` where no episode ended."""
        return {
            name: torch.where(rows(self.worlds, value), self.states.get(name, value), value)
            for name, value in others.items()
        }


def _to_limits(environment: Environment) -> None:
    """Put each limited joint at its lower end, its upper end, or anywhere between."""
    sim = environment.sim
    limited = torch.as_tensor(sim.model.jnt_limited, dtype=torch.bool)
    scalar = torch.as_tensor(sim.model.jnt_type) >= int(mujoco.mjtJoint.mjJNT_SLIDE)
    joints = (limited & scalar).nonzero().squeeze(1)
    low, high = torch.as_tensor(sim.model.jnt_range)[joints].unbind(-1)
    drawn = torch.rand((SIMULATED, len(joints)), generator=environment.rng)
    where = drawn.mul(2.0).sub(0.5).clamp(0.0, 1.0)
    sim.qpos[:, torch.as_tensor(sim.model.jnt_qposadr)[joints].long()] = low + where * (high - low)
    sim.forward()
