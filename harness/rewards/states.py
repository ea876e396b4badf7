"""States of a task to try programs on: recorded from the simulation, and two artificial ones."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mujoco
import torch

from harness.sim import make_simulation
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
    worlds = _Worlds(task, torch.Generator().manual_seed(seed))
    shape = (SIMULATED, task.num_actions)
    real = [worlds.named()]
    for step in range(1, STEPS + 1):
        worlds.step(2.0 * torch.rand(shape, generator=worlds.rng) - 1.0)
        if step in KEPT:
            real.append(worlds.named())
        worlds.restart_ended()
    worlds.restart(worlds.all)
    held = torch.rand(shape, generator=worlds.rng).sub(0.5).sign()
    for step in range(1, HELD_STEPS + 1):
        worlds.step(held)
        if step < HELD_STEPS:
            worlds.restart_ended()
    last = worlds.named()
    ended = {
        name: torch.where(rows(worlds.has_ended, value), worlds.ended.get(name, value), value)
        for name, value in last.items()
    }
    worlds.to_limits()
    return States(tuple(real), (last, ended, worlds.named()))


class _Worlds:
    """Simulated worlds of a task, as far as states need them; remembers where episodes ended."""

    def __init__(self, task: Task, rng: torch.Generator) -> None:
        self.task = task
        self.rng = rng
        self.sim = make_simulation(task, SIMULATED)
        self.carried = task.carry(SIMULATED, self.sim.qpos.device)
        self.actions = torch.zeros(SIMULATED, task.num_actions)
        self.progress = torch.zeros(SIMULATED, dtype=torch.long)
        self.ended: Named = {}
        self.has_ended = torch.zeros(SIMULATED, dtype=torch.bool)
        self.all = torch.ones(SIMULATED, dtype=torch.bool)
        self.restart(self.all)
        self.state = task.read(self.sim, self.carried)

    def step(self, actions: Tensor) -> None:
        self.actions = actions
        self.task.act(self.sim, self.carried, actions, self.rng)
        unstable = self.sim.step(self.task.timing.physics_steps)
        self.progress += 1
        if unstable.any():
            self.restart(unstable)
        self.state = self.task.read(self.sim, self.carried)

    def restart(self, worlds: Tensor) -> None:
        """Start new episodes in the worlds of a mask."""
        self.sim.reset(worlds)
        self.task.reset(self.sim, self.carried, worlds, self.rng)
        self.sim.forward(worlds)
        self.progress.masked_fill_(worlds, 0)

    def to_limits(self) -> None:
        """Fresh episodes, with each limited joint at its lower end, its upper end, or anywhere between."""
        self.restart(self.all)
        model = self.sim.model
        limited = torch.as_tensor(model.jnt_limited, dtype=torch.bool)
        scalar = torch.as_tensor(model.jnt_type) >= int(mujoco.mjtJoint.mjJNT_SLIDE)
        joints = (limited & scalar).nonzero().squeeze(1)
        low, high = torch.as_tensor(model.jnt_range)[joints].unbind(-1)
        where = torch.rand((SIMULATED, len(joints)), generator=self.rng).mul(2.0).sub(0.5).clamp(0.0, 1.0)
        self.sim.qpos[:, torch.as_tensor(model.jnt_qposadr)[joints].long()] = low + where * (high - low)
        self.sim.forward()
        self.state = self.task.read(self.sim, self.carried)

    def restart_ended(self) -> None:
        ended = self.task.terminated(self.state)
        if ended.any():
            named = self.named()
            self.ended = {
                name: torch.where(rows(ended, value), value, self.ended.get(name, value))
                for name, value in named.items()
            }
            self.has_ended |= ended
            self.restart(ended)

    def named(self) -> Named:
        named = {**vars(self.state), "progress_buf": self.progress}
        if "obs_buf" in self.task.bound:
            named["obs_buf"] = self.task.observe(self.state, self.actions)
        if "actions" in self.task.bound:
            named["actions"] = self.actions
        return {name: value.clone() for name, value in named.items()}
