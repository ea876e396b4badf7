"""A task's worlds, run without a harness around them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from harness.registry import load_task
from harness.sim import make_simulation


class Worlds:
    """`count` worlds of a task at the start of an episode."""

    def __init__(self, name: str, count: int, seed: int = 0) -> None:
        self.task = load_task(name)
        self.sim = make_simulation(self.task, count)
        self.carried = self.task.carry(count, torch.device("cpu"))
        self.rng = torch.Generator().manual_seed(seed)
        self.all = torch.ones(count, dtype=torch.bool)
        self.reset(self.all)

    def reset(self, worlds: Tensor) -> None:
        """Start new episodes in the worlds of a mask (N,)."""
        self.sim.reset(worlds)
        self.task.reset(self.sim, self.carried, worlds, self.rng)
        self.sim.forward(worlds)

    def mask(self, *numbers: int) -> Tensor:
        """The mask (N,) of the worlds with these numbers."""
        return torch.isin(torch.arange(self.sim.worlds), torch.tensor(numbers))

    def still(self) -> Tensor:
        """Actions that ask for nothing."""
        return torch.zeros(self.sim.worlds, self.task.num_actions)

    def draw(self) -> Tensor:
        """Uniform random actions."""
        return 2.0 * torch.rand(self.sim.worlds, self.task.num_actions, generator=self.rng) - 1.0

    def state(self) -> Any:
        """The state as it is."""
        return self.task.read(self.sim, self.carried)

    def step(self, actions: Tensor) -> tuple[Any, Tensor]:
        """One control step: the state after it, and which worlds went unstable."""
        self.task.act(self.sim, self.carried, actions, self.rng)
        unstable = self.sim.step(self.task.timing.physics_steps)
        return self.state(), unstable
