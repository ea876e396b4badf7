"""A small task with every sort of name that a reward program may read: a ball thrown about."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import torch
from torch import Tensor

from harness.rotations import wxyz_to_xyzw
from harness.task import PPO, Budget, Fitness, Simulation, Task, Timing, constant, put, tensor


class Toy(Task):
    description = "bring the ball to the goal"
    timing = Timing(dt=0.02, episode_steps=50)
    worlds = 32
    num_actions = 3
    fitness = Fitness.RATE
    fitness_unit = "m"
    fitness_floor = -2.0
    constants = {"dt": 0.02, "up_axis_idx": 2, "goal": (0.0, 0.5, 1.0), "limits": ((-1.0, 1.0), (-2.0, 2.0))}
    bound = ("obs_buf", "actions", "num_envs")
    ppo = PPO((8,), 8, 64, 2, 10, 3e-4, 0.01, 1.0, 2.0)
    quick = Budget(32, 10, 8, 64)

    @dataclass
    class State(Task.State):
        ball_pos: Tensor = tensor("position", "m", "of the ball, world", (3,))
        ball_rot: Tensor = tensor("rotation", "xyzw", "of the ball", (4,))
        ball_vel: Tensor = tensor("velocity", "m/s", "of the ball, world", (3,))
        potentials: Tensor = tensor("progress", "m", "minus the distance to the goal")
        touching: Tensor = tensor("scalar", "", "whether the ball is at the goal")

    def scene(self) -> mujoco.MjSpec:
        spec = mujoco.MjSpec()
        ball = spec.worldbody.add_body(name="ball", pos=[0, 0, 1])
        ball.add_freejoint()
        ball.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[0.1, 0, 0], mass=1.0)
        return spec

    def reset(self, sim: Simulation, carried: object, worlds: Tensor, rng: torch.Generator) -> None:
        put(sim.qvel, worlds, torch.randn(sim.qvel.shape, generator=rng, dtype=sim.qvel.dtype))

    def act(self, sim: Simulation, carried: object, actions: Tensor, rng: torch.Generator) -> None:
        sim.qfrc_applied[:, :3] = 10.0 * actions

    def read(self, sim: Simulation, carried: object) -> State:
        position, rotation = sim.qpos[:, :3].float(), wxyz_to_xyzw(sim.qpos[:, 3:]).float()
        distance = (sim.qpos[:, :3] - constant(self.constants["goal"], sim.qpos)).norm(
            dim=-1
        )  # float64, as the potentials of Ant
        return self.State(position, rotation, sim.qvel[:, :3].float(), -distance, distance < 1.0)

    def observe(self, state: State, actions: Tensor) -> Tensor:
        return torch.cat([state.ball_pos, state.ball_vel, actions], dim=-1)

    def terminated(self, state: State) -> Tensor:
        return state.ball_pos[:, 2] < 0.0

    def score(self, state: State) -> Tensor:
        return state.potentials.float()
