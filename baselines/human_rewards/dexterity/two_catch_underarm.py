"""The expert reward of Two Catch Underarm (Bi-DexHands): each egg near its goal, foremost in place."""

import torch
from torch import Tensor


def angle_between(object_rot: Tensor, goal_rot: Tensor) -> Tensor:
    vector = goal_rot[:, 3:] * object_rot[:, :3] - object_rot[:, 3:] * goal_rot[:, :3]
    vector = vector - torch.linalg.cross(object_rot[:, :3], goal_rot[:, :3])  # of object_rot * conj(goal_rot)
    return 2.0 * torch.asin(vector.norm(dim=-1).clamp(max=1.0))


def closeness(object_pos: Tensor, object_rot: Tensor, goal_pos: Tensor, goal_rot: Tensor) -> Tensor:
    distance = (goal_pos - object_pos).norm(dim=-1)
    return torch.exp(-0.2 * (50.0 * distance + angle_between(object_rot, goal_rot)))


def compute_reward(
    object_pos: Tensor,
    object_rot: Tensor,
    goal_pos: Tensor,
    goal_rot: Tensor,
    object_another_pos: Tensor,
    object_another_rot: Tensor,
    goal_another_pos: Tensor,
    goal_another_rot: Tensor,
) -> tuple[Tensor, dict[str, Tensor]]:
    egg = closeness(object_pos, object_rot, goal_pos, goal_rot)
    other_egg = closeness(object_another_pos, object_another_rot, goal_another_pos, goal_another_rot)
    return egg + other_egg, {"egg": egg, "other_egg": other_egg}
