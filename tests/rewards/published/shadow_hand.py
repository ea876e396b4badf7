"""Object turned as the goal, not spinning just above 2 rad/s, and a fingertip near it."""

import torch
from torch import Tensor


def compute_reward(
    object_rot: Tensor, goal_rot: Tensor, object_angvel: Tensor, object_pos: Tensor, fingertip_pos: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    """Terms of the quaternions' product, the object's spin and the nearest fingertip's distance."""
    aligned = torch.exp(-10.0 * ((object_rot * goal_rot).sum(dim=-1) - 1.0).abs())
    spin = object_angvel.norm(dim=-1)
    spinning = -torch.where(spin > 2.0, torch.exp(-2.0 * (spin - 2.0)), torch.zeros_like(spin))
    nearest = (fingertip_pos - object_pos[:, None]).norm(dim=-1).min(dim=-1).values
    touch = torch.exp(-10.0 * nearest).clamp(0.0, 1.0)
    return aligned + spinning + touch, {"aligned": aligned, "spinning": spinning, "touch": touch}
