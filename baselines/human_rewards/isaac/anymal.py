"""The expert reward of Anymal (IsaacGymEnvs): follow the commands, spare the motors, never below zero."""

import torch
from torch import Tensor


def compute_reward(obs_buf: Tensor, commands: Tensor, torques: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    dt = 0.02
    velocity, yaw_rate = obs_buf[:, 0:2] / 2.0, obs_buf[:, 5] / 0.25  # base frame, observed at these scales
    linear_error = (commands[:, :2] - velocity).square().sum(-1)
    angular_error = (commands[:, 2] - yaw_rate).square()
    lin_vel_xy = torch.exp(-linear_error / 0.25) * 1.0 * dt
    ang_vel_z = torch.exp(-angular_error / 0.25) * 0.5 * dt
    torque = -2.5e-5 * torques.square().sum(-1) * dt
    reward = (lin_vel_xy + ang_vel_z + torque).clamp(min=0.0)
    return reward, {"lin_vel_xy": lin_vel_xy, "ang_vel_z": ang_vel_z, "torque": torque}
