"""Exponential in the speed along the torso's heading, less a constant that depends on the time step."""

import math

import torch
from torch import Tensor


def compute_reward(root_states: Tensor, heading_vec: Tensor, dt: float) -> tuple[Tensor, dict[str, Tensor]]:
    """Speed, and a price for each step."""
    forward = (root_states[:, 7:10] * heading_vec).sum(dim=-1)
    speed = 10.0 * torch.exp(forward / 2.0)
    time = torch.full_like(speed, -dt * math.exp(dt / 0.01))
    return speed + time, {"speed": speed, "time": time}
