"""Hand at the handle, drawer open (two steps of different steepness), and the drawer in motion."""

import torch
from torch import Tensor


def compute_reward(
    franka_grasp_pos: Tensor, drawer_grasp_pos: Tensor, cabinet_dof_pos: Tensor, cabinet_dof_vel: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    """Terms of the distance to the handle, and of the opening and speed of the top drawer."""
    distance = (franka_grasp_pos - drawer_grasp_pos).norm(dim=-1)
    opening, speed = cabinet_dof_pos[:, 3], cabinet_dof_vel[:, 3]
    reach = torch.exp(-10.0 * distance)
    open_wide = torch.sigmoid(50.0 * (opening.clamp(0.0, 1.0) - 0.5))
    opened = torch.sigmoid(20.0 * (opening - 0.5))
    at_rest = -torch.exp(-2.0 * speed.abs())
    reward = reach + open_wide + opened + at_rest
    return reward, {"reach": reach, "open_wide": open_wide, "opened": opened, "at_rest": at_rest}
