"""Object turned as the goal, and not at rest."""

import torch
from torch import Tensor


def compute_reward(
    object_rot: Tensor, goal_rot: Tensor, object_angvel: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    """A peak in the angle to the goal, less a peak in the object's spin."""
    angle = 2.0 * torch.acos((object_rot * goal_rot).sum(dim=-1).abs().clamp(max=1.0))
    aligned = 5.0 * torch.exp(-20.0 * angle**2)
    at_rest = -3.0 * torch.exp(-6.0 * object_angvel.square().sum(dim=-1))
    return aligned + at_rest, {"aligned": aligned, "at_rest": at_rest}
