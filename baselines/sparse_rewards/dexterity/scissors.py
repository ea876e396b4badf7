"""The sparse reward of Scissors: one while the pivot is open beyond -0.3 rad."""

import torch
from torch import Tensor


def pivot_angle(right_rot: Tensor, left_rot: Tensor) -> Tensor:
    """How far the right leg has turned about the pivot, which is the y axis of either leg, in rad: (N,)."""
    right_x, right_y, right_z, right_w = right_rot.unbind(-1)
    left_x, left_y, left_z, left_w = left_rot.unbind(-1)
    cosine = right_x * left_x + right_y * left_y + right_z * left_z + right_w * left_w  # of half the angle
    sine = left_w * right_y - right_w * left_y - left_z * right_x + left_x * right_z
    return 2.0 * torch.atan2(sine * cosine.sign(), cosine.abs())


def compute_reward(
    scissors_right_handle_rot: Tensor, scissors_left_handle_rot: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    opened = (pivot_angle(scissors_right_handle_rot, scissors_left_handle_rot) > -0.3).float()
    return opened, {"opened": opened}
