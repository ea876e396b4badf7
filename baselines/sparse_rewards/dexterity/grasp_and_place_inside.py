"""The sparse reward of Grasp And Place, strictly: one while the middle of the cube is in the bucket."""

import torch
from torch import Tensor


def turned_back(rotation: Tensor, vector: Tensor) -> Tensor:
    """Vectors (N, 3) as seen in frames that are turned by `rotation` (N, 4; xyzw)."""
    axis, w = -rotation[:, :3], rotation[:, 3:]
    once = torch.linalg.cross(axis, vector)
    turned: Tensor = vector + 2.0 * (w * once + torch.linalg.cross(axis, once))
    return turned


def compute_reward(
    object_rot: Tensor, block_right_handle_pos: Tensor, block_left_handle_pos: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    place = turned_back(object_rot, block_left_handle_pos - block_right_handle_pos)
    height = place[:, 2]  # m, over the bucket's origin
    inside = (place[:, :2].norm(dim=-1) < 0.05) & (height > -0.0529) & (height <= 0.0445 - 0.04)
    placed = inside.float()
    return placed, {"placed": placed}
