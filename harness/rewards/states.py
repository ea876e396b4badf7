"""States of a task to try programs on: recorded from the simulation, and two artificial ones."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from harness.sim import make_simulation
from harness.task import Task

Named = dict[str, Tensor]

STEPS = 20
KEPT = (0, 1, 5, STEPS)
SIMULATED = 64
"""Worlds that are simulated at most; more are filled by repeating them."""
LARGE = 100.0


@dataclass(frozen=True)
class States:
    """Named tensors (N, ...) of every state that a program may read."""

    real: tuple[Named, ...]
    """At reset, and after 1, 5 and 20 steps of random actions."""
    artificial: tuple[Named, ...]
    """All zeros, and the last real one times 100."""


def record_states(task: Task, worlds: int, device: str | torch.device = "cpu", seed: int = 0) -> States:
    """What a reward program would see of N `worlds` of a task under uniformly random actions."""
    simulated = min(worlds, SIMULATED)
    sim = make_simulation(task, simulated)
    rng = torch.Generator().manual_seed(seed)
    carried = task.carry(simulated, sim.qpos.device)
    actions = torch.zeros(simulated, task.num_actions)
    progress = torch.zeros(simulated, dtype=torch.long)
    repeat = torch.arange(worlds) % simulated

    def restart(ids: Tensor) -> None:
        sim.reset(ids)
        task.reset(sim, carried, ids, rng)
        sim.forward(ids)
        progress[ids] = 0

    restart(torch.arange(simulated))
    real: list[Named] = []
    for step in range(STEPS + 1):
        if step:
            actions = 2.0 * torch.rand(simulated, task.num_actions, generator=rng) - 1.0
            task.act(sim, carried, actions)
            unstable = sim.step(task.timing.physics_steps)
            progress += 1
            if unstable.any():
                restart(unstable.nonzero().squeeze(1))
        state = task.read(sim, carried)
        if step in KEPT:
            named = {**vars(state), "progress_buf": progress}
            if "obs_buf" in task.bound:
                named["obs_buf"] = task.observe(state, actions)
            if "actions" in task.bound:
                named["actions"] = actions
            real.append({name: value[repeat].to(device) for name, value in named.items()})
        ended = task.terminated(state)
        if ended.any():
            restart(ended.nonzero().squeeze(1))
    zeros = {name: torch.zeros_like(value) for name, value in real[-1].items()}
    large = {name: value * LARGE if value.is_floating_point() else value for name, value in real[-1].items()}
    return States(tuple(real), (zeros, large))
