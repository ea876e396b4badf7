"""Humanoid: run forward on two legs (IsaacGymEnvs' Humanoid)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from harness.rotations import normalize_angle
from harness.task import PPO, Budget, Simulation, Timing, tensor
from suites.isaac.locomotion import DT, Locomotion
from suites.models.humanoid import FEET, JOINT_NAMES, RANGES, humanoid

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

DOF_VEL_SCALE, ANGULAR_VELOCITY_SCALE = 0.1, 0.25  # of what the policy sees
CONTACT_SCALE = 0.01  # of contact forces and joint efforts


class Humanoid(Locomotion):
    """Physics steps of 0.0042 s: the original's 0.0083 s diverge now and then when all motors push, and at more
    than this feet sink into the ground."""

    description = "run with the humanoid at the highest possible speed"
    timing = Timing(dt=DT, substeps=4, episode_steps=1000)
    num_actions = 21
    fitness_floor = -0.1
    """With random torques it falls where it stands, again and again."""
    constants = {
        "dof_limits_lower": tuple(low for low, _ in RANGES),
        "dof_limits_upper": tuple(high for _, high in RANGES),
        "dof_vel_scale": DOF_VEL_SCALE,
        "contact_force_scale": CONTACT_SCALE,
        "angular_velocity_scale": ANGULAR_VELOCITY_SCALE,
        "dt": DT,
    }
    camera = {"lookat": (0.0, 0.0, 0.9), "distance": 3.0, "azimuth": 120.0, "elevation": -12.0}
    joints = JOINT_NAMES
    feet = FEET
    termination_height = 0.8
    ppo = PPO(
        units=(400, 200, 100),
        horizon=32,
        minibatch=32768,
        mini_epochs=5,
        epochs=1000,
        learning_rate=5e-4,
        kl_threshold=0.008,
        reward_scale=0.01,
        critic_coef=4,
        value_bootstrap=True,
    )
    quick = Budget(128, 1000, 32, 1024, "the human reward runs at 3 m/s, and is still rising")

    @dataclass
    class State(Locomotion.State):
        dof_pos: Tensor = tensor(
            "joint position",
            "rad",
            "abdomen z, y, x; right hip x, z, y, knee, ankle y, x; left leg likewise; "
            "right shoulder 1, 2, elbow; left arm likewise",
            (21,),
        )
        dof_vel: Tensor = tensor("joint velocity", "rad/s", "in the order of dof_pos", (21,))
        dof_force_tensor: Tensor = tensor(
            "effort", "N m", "torques of the joint motors, in the order of dof_pos", (21,)
        )
        vec_sensor_tensor: Tensor = tensor(
            "force", "N, N m", "contact force and torque on each foot in its frame: right, left", (12,)
        )

    def scene(self) -> mujoco.MjSpec:
        return humanoid()

    def read(self, sim: Simulation, carried: Locomotion.Carried) -> State:
        efforts = sim.joints(self.joints).qfrc_actuator.float()
        return self.State(**self.read_common(sim, carried), dof_force_tensor=efforts)

    def observe(self, state: State, actions: Tensor) -> Tensor:
        torso = self.observe_torso(state)
        height, velocity, spin, angles, projections = torso.split([1, 3, 3, 3, 2], dim=-1)
        return torch.cat(
            [
                height,
                velocity,
                spin * ANGULAR_VELOCITY_SCALE,
                normalize_angle(angles),
                projections,
                self.observe_joints(state.dof_pos),
                state.dof_vel * DOF_VEL_SCALE,
                state.dof_force_tensor * CONTACT_SCALE,
                state.vec_sensor_tensor * CONTACT_SCALE,
                actions,
            ],
            dim=-1,
        )
