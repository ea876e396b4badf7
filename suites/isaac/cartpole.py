"""Cartpole: keep a free pole upright by pushing its cart along a rail (IsaacGymEnvs' Cartpole)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mujoco
import torch

from harness.task import PPO, Budget, Fitness, Simulation, Task, Timing, rand, tensor
from suites.models.common import BOX, GHOST, add_ground, empty_scene, set_shadow_reach

if TYPE_CHECKING:
    from torch import Tensor

RAIL = 4.0  # m, half its length
RESET_DIST = 3.0  # m from the middle, the episode ends beyond it
PUSH = 400.0  # N at full action
JOINTS = ("rail", "hinge")


class Cartpole(Task):
    description = "keep the pole that is hinged on the cart upright by moving the cart"
    timing = Timing(dt=0.0166, substeps=2, episode_steps=500)
    worlds = 512
    num_actions = 1
    fitness = Fitness.SURVIVAL
    fitness_unit = "steps"
    clip_observations = 5.0
    constants = {"reset_dist": RESET_DIST, "max_push_effort": PUSH}
    bound = ("obs_buf", "num_envs")
    camera = {"lookat": (0.0, 0.0, 1.7), "distance": 5.7, "azimuth": 180.0, "elevation": -8.0}
    ppo = PPO(
        units=(32, 32),
        horizon=16,
        minibatch=8192,
        mini_epochs=8,
        epochs=100,
        learning_rate=3e-4,
        kl_threshold=0.008,
        reward_scale=0.1,
        critic_coef=4,
    )
    quick = Budget(512, 100, 16, 8192, "the original's own budget: it fits")

    @dataclass
    class State(Task.State):
        dof_pos: Tensor = tensor(
            "joint position", "m, rad", "cart along the rail, pole angle (0 is upright)", (2,)
        )
        dof_vel: Tensor = tensor("joint velocity", "m/s, rad/s", "of cart and pole", (2,))

    def scene(self) -> mujoco.MjSpec:
        spec = empty_scene()
        add_ground(spec)
        set_shadow_reach(spec, 5.0)
        rail = {"type": BOX, "size": [0.015, RAIL, 0.015], "pos": [0, 0, 2]}
        spec.worldbody.add_geom(name="rail", rgba=[0.35, 0.37, 0.42, 1], **rail, **GHOST)
        for end, y in (("left", -RESET_DIST), ("right", RESET_DIST)):
            post = {"type": BOX, "size": [0.03, 0.03, 1.0], "pos": [0, y, 1.0], "mass": 0.0}
            spec.worldbody.add_geom(name=f"post_{end}", rgba=[0.35, 0.37, 0.42, 1], **post, **GHOST)
        cart = spec.worldbody.add_body(name="cart", pos=[0, 0, 2])
        cart.add_joint(name="rail", type=mujoco.mjtJoint.mjJNT_SLIDE, axis=[0, 1, 0], range=[-RAIL, RAIL])
        cart.add_geom(type=BOX, size=[0.1, 0.125, 0.1], mass=1.0, rgba=[0.16, 0.38, 0.66, 1], **GHOST)
        pole = cart.add_body(name="pole", pos=[0.12, 0, 0])
        pole.add_joint(name="hinge", axis=[1, 0, 0])
        wood = [0.88, 0.58, 0.30, 1]
        pole.add_geom(type=BOX, size=[0.02, 0.03, 0.5], pos=[0, 0, 0.47], mass=1.0, rgba=wood, **GHOST)
        push = spec.add_actuator(name="push", target="rail", trntype=mujoco.mjtTrn.mjTRN_JOINT)
        push.gear[0] = PUSH
        return spec

    def reset(self, sim: Simulation, carried: object, worlds: Tensor, rng: torch.Generator) -> None:
        place, speed = (rand(worlds, len(JOINTS), rng=rng) - 0.5 for _ in range(2))
        sim.joints(JOINTS).put(worlds, qpos=0.2 * place, qvel=0.5 * speed)

    def act(self, sim: Simulation, carried: object, actions: Tensor, rng: torch.Generator) -> None:
        sim.actuator("push").ctrl = actions

    def read(self, sim: Simulation, carried: object) -> State:
        joints = sim.joints(JOINTS)
        return self.State(joints.qpos.float(), joints.qvel.float())

    def observe(self, state: State, actions: Tensor) -> Tensor:
        return torch.stack([state.dof_pos, state.dof_vel], dim=-1).flatten(1)  # x, x', angle, angle'

    def terminated(self, state: State) -> Tensor:
        x, angle = state.dof_pos.abs().unbind(-1)
        return (x > RESET_DIST) | (angle > math.pi / 2)

    def score(self, state: State) -> Tensor:
        return torch.ones(len(state.dof_pos), device=state.dof_pos.device)
