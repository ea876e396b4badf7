"""Ant: run forward on four legs (IsaacGymEnvs' Ant)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from harness.task import PPO, Budget, Simulation, Timing, tensor
from suites.isaac.locomotion import DT, Locomotion
from suites.models.ant import FEET, JOINTS, RANGES, ant

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

DOF_VEL_SCALE, CONTACT_SCALE = 0.2, 0.1  # of what the policy sees


class Ant(Locomotion):
    """Physics steps of 0.0055 s: with the original's 0.0083 s the fast feet sink deep into the ground."""

    description = "run forward with the ant at the highest possible speed"
    timing = Timing(dt=DT, substeps=3, episode_steps=1000)
    num_actions = 8
    fitness_floor = -0.1
    """Shaken by random torques, it stays about where it is."""
    constants = {
        "dof_limits_lower": tuple(low for low, _ in RANGES),
        "dof_limits_upper": tuple(high for _, high in RANGES),
        "dof_vel_scale": DOF_VEL_SCALE,
        "contact_force_scale": CONTACT_SCALE,
        "dt": DT,
        "up_axis_idx": 2,
    }
    joints = JOINTS
    feet = FEET
    termination_height = 0.31
    ppo = PPO(
        units=(256, 128, 64),
        horizon=16,
        minibatch=32768,
        mini_epochs=4,
        epochs=500,
        learning_rate=3e-4,
        kl_threshold=0.008,
        reward_scale=0.01,
        critic_coef=2,
        grad_norm=None,
        value_bootstrap=True,
    )
    quick = Budget(512, 400, 16, 4096, "the human reward passes 3 m/s after about 40 % of it")

    @dataclass
    class State(Locomotion.State):
        dof_pos: Tensor = tensor("joint position", "rad", "hip and ankle of legs 1 to 4 in turn", (8,))
        dof_vel: Tensor = tensor("joint velocity", "rad/s", "in the order of dof_pos", (8,))
        vec_sensor_tensor: Tensor = tensor(
            "force",
            "N, N m",
            "contact force and torque on each foot in its frame: front left, front right, left back, right back",
            (24,),
        )

    def scene(self) -> mujoco.MjSpec:
        return ant()

    def read(self, sim: Simulation, carried: Locomotion.Carried) -> State:
        return self.State(**self.read_common(sim, carried))

    def observe(self, state: State, actions: Tensor) -> Tensor:
        return torch.cat(
            [
                self.observe_torso(state),
                self.observe_joints(state.dof_pos),
                state.dof_vel * DOF_VEL_SCALE,
                state.vec_sensor_tensor * CONTACT_SCALE,
                actions,
            ],
            dim=-1,
        )
