"""A sound task of one's own, as source, and how tests break it."""

from __future__ import annotations

from pathlib import Path

SOUND = """
from dataclasses import dataclass

import mujoco
import torch
from torch import Tensor

from harness.task import PPO, Budget, Fitness, Task, Timing, put, rand, tensor


class Mine(Task):
    description = "keep the ball high"
    timing = Timing(dt=0.02, episode_steps=50)
    worlds = 64
    num_actions = 1
    fitness = Fitness.SURVIVAL
    fitness_unit = "steps"
    constants = {"limit": 1.0, "rows": ((1.0, 2.0), (3.0, 4.0))}
    ppo = PPO(units=(8,), horizon=8, minibatch=512, mini_epochs=1, epochs=10, learning_rate=1e-3,
              kl_threshold=0.01, reward_scale=1.0, critic_coef=1)
    quick = Budget(64, 10, 8, 512, "small")
    follow = "ball"

    @dataclass
    class State(Task.State):
        height: Tensor = tensor("scalar", "m", "of the ball")
        speed: Tensor = tensor("velocity", "m/s", "of the ball, world frame", (3,))
        goal: Tensor = tensor("position", "m", "where the ball should be", (3,))
        _low: Tensor = tensor("scalar", "1", "for termination alone")

    @dataclass
    class Carried(Task.Carried):
        goal: Tensor

    def scene(self):
        spec = mujoco.MjSpec()
        ball = spec.worldbody.add_body(name="ball", pos=[0, 0, 1])
        ball.add_freejoint()
        ball.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[0.1, 0, 0], mass=1.0)
        return spec

    def carry(self, worlds, device):
        return self.Carried(torch.zeros(worlds, 3, device=device))

    def reset(self, sim, carried, worlds, rng):
        put(sim.qpos[:, 2], worlds, 1.0 + rand(worlds, rng=rng))
        put(carried.goal, worlds, rand(worlds, 3, rng=rng))

    def act(self, sim, carried, actions, rng):
        sim.body("ball").xfrc_applied[:, 2] = 20.0 * actions[:, 0]

    def read(self, sim, carried):
        height = sim.qpos[:, 2].float()
        return self.State(height, sim.qvel[:, :3].float(), carried.goal.clone(), height < 0.5)

    def observe(self, state, actions):
        return torch.cat([state.height[:, None], state.speed, state.goal, actions], dim=-1)

    def terminated(self, state):
        return state._low

    def score(self, state):
        return torch.ones_like(state.height)
"""


def write_task(folder: Path, name: str, *changes: tuple[str, str]) -> str:
    """A reference to the sound task in a file of its own, with each `old` text replaced by `new`."""
    source = SOUND
    for old, new in changes:
        assert source.count(old) == 1, f"{old!r} is there {source.count(old)} times"
        source = source.replace(old, new)
    path = folder / f"{name}.py"
    path.write_text(source)
    return f"{path}:Mine"
