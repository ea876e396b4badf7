"""Commanded planar velocity and turning rate, each within a sharp peak; the sum c enters as exp(-2 (1 - c))."""

import torch
from torch import Tensor


def compute_reward(
    obs_buf: Tensor, commands: Tensor, lin_vel_scale: float, ang_vel_scale: float
) -> tuple[Tensor, dict[str, Tensor]]:
    """Errors of the observed velocities, divided by their scales so that they are in m/s and rad/s."""
    velocity = obs_buf[:, 0:2] / lin_vel_scale
    turning = obs_buf[:, 5] / ang_vel_scale
    linear = torch.exp(-2.0 * (commands[:, :2] - velocity).abs().sum(dim=-1))
    yaw = torch.exp(-8.0 * (commands[:, 2] - turning).abs())
    return torch.exp(-2.0 * (1.0 - (linear + yaw))), {"linear": linear, "yaw": yaw}
