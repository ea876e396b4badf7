"""Pendulum: swing a rod up with a motor too weak to lift it straight, and hold it there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mujoco
import torch

from harness.task import PPO, Budget, Fitness, Simulation, Task, Timing, rand, tensor

if TYPE_CHECKING:
    from torch import Tensor

TORQUE = 4.0  # N m at full action, the motor's gear; gravity at the horizontal asks for 4.9
UPRIGHT = 0.3  # rad from the top
SLOW = 2.0  # rad/s

SCENE = """
<mujoco>
  <worldbody>
    <light pos="0 -2 3"/>
    <geom type="plane" size="3 3 0.1" pos="0 0 -1.3" rgba="0.93 0.94 0.96 1"/>
    <body name="rod">
      <joint name="hinge" axis="0 1 0" damping="0.05"/>
      <geom type="capsule" fromto="0 0 0 0 0 1" size="0.04" mass="1" contype="0" conaffinity="0" rgba="0.2 0.4 0.7 1"/>
    </body>
  </worldbody>
  <actuator><motor name="motor" joint="hinge" gear="4" ctrlrange="-1 1"/></actuator>
</mujoco>
"""


class Pendulum(Task):
    description = "swing the rod up from hanging down, and bring it to rest upright"
    timing = Timing(dt=0.04, substeps=4, episode_steps=200)
    worlds = 512
    num_actions = 1
    fitness = Fitness.SUCCESS
    fitness_unit = "share"
    constants = {"max_torque": TORQUE}
    camera = {"lookat": (0.0, 0.0, 0.0), "distance": 4.0, "azimuth": 90.0, "elevation": -8.0}
    ppo = PPO(
        units=(64, 64),
        horizon=16,
        minibatch=4096,
        mini_epochs=8,
        epochs=200,
        learning_rate=1e-3,
        kl_threshold=0.008,
        reward_scale=0.1,
        critic_coef=2,
    )
    quick = Budget(512, 150, 16, 4096, "a minute on a core")

    @dataclass
    class State(Task.State):
        angle: Tensor = tensor("joint position", "rad", "of the rod, 0 is upright, in (-pi, pi]", (1,))
        angle_vel: Tensor = tensor("joint velocity", "rad/s", "of the rod", (1,))
        tip_height: Tensor = tensor("progress", "m", "of the rod's end above its hinge, from -1 to 1")

    def scene(self) -> mujoco.MjSpec:
        return mujoco.MjSpec.from_string(SCENE)

    def reset(self, sim: Simulation, carried: object, worlds: Tensor, rng: torch.Generator) -> None:
        offset, speed = (rand(worlds, 1, rng=rng) - 0.5 for _ in range(2))
        sim.joint("hinge").put(worlds, qpos=math.pi + 0.2 * offset, qvel=0.2 * speed)

    def act(self, sim: Simulation, carried: object, actions: Tensor, rng: torch.Generator) -> None:
        sim.actuator("motor").ctrl = actions  # (N, 1)

    def read(self, sim: Simulation, carried: object) -> State:
        angle, speed = sim.joint("hinge").qpos.float(), sim.joint("hinge").qvel.float()
        wrapped = (angle + math.pi).remainder(2.0 * math.pi) - math.pi
        return self.State(wrapped, speed, wrapped[:, 0].cos())

    def observe(self, state: State, actions: Tensor) -> Tensor:
        return torch.cat([state.angle.cos(), state.angle.sin(), state.angle_vel / 8.0], dim=1)

    def terminated(self, state: State) -> Tensor:
        return state.tip_height > 2.0  # never: only the time ends an episode

    def score(self, state: State) -> Tensor:
        upright, slow = state.angle[:, 0].abs() < UPRIGHT, state.angle_vel[:, 0].abs() < SLOW
        return (upright & slow).float()
