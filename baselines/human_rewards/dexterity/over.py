"""The expert reward of Over (Bi-DexHands): the egg near its goal, foremost in place."""

import torch
from torch import Tensor


def angle_between(object_rot: Tensor, goal_rot: Tensor) -> Tensor:
    vector = goal_rot[:, 3:] * object_rot[:, :3] - object_rot[:, 3:] * goal_rot[:, :3]
    vector = vector - torch.linalg.cross(object_rot[:, :3], goal_rot[:, :3])  # of object_rot * conj(goal_rot)
    return 2.0 * torch.asin(vector.norm(dim=-1).clamp(max=1.0))


def compute_reward(
    object_pos: Tensor, object_rot: Tensor, goal_pos: Tensor, goal_rot: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    distance = (goal_pos - object_pos).norm(dim=-1)
    closeness = torch.exp(-0.2 * (50.0 * distance + angle_between(object_rot, goal_rot)))
    return closeness, {"closeness": closeness}
