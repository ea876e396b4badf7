"""A slow ball that pushes little on the tray, as long as it is above the ground."""

import torch
from torch import Tensor


def compute_reward(
    ball_positions: Tensor, ball_linvels: Tensor, sensor_forces: Tensor, sensor_torques: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    """The product of three decays and of being above the ground."""
    slow = torch.exp(-0.01 * ball_linvels.norm(dim=-1))
    light = torch.exp(-1e-4 * sensor_forces.flatten(1).norm(dim=-1))
    level = torch.exp(-1e-4 * sensor_torques.flatten(1).norm(dim=-1))
    above = (ball_positions[:, 2] > 0.0).float()
    return slow * light * level * above, {"slow": slow, "light": light, "level": level, "above": above}
