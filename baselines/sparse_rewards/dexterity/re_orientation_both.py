"""The sparse reward of Re Orientation: one on a step that finds both cubes within 0.1 rad of their goals."""

import torch
from torch import Tensor


def angle_between(object_rot: Tensor, goal_rot: Tensor) -> Tensor:
    vector = goal_rot[:, 3:] * object_rot[:, :3] - object_rot[:, 3:] * goal_rot[:, :3]
    vector = vector - torch.linalg.cross(object_rot[:, :3], goal_rot[:, :3])  # of object_rot * conj(goal_rot)
    return 2.0 * torch.asin(vector.norm(dim=-1).clamp(max=1.0))


def compute_reward(
    object_rot: Tensor, goal_rot: Tensor, object_another_rot: Tensor, goal_another_rot: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    right = angle_between(object_rot, goal_rot) < 0.1
    left = angle_between(object_another_rot, goal_another_rot) < 0.1
    goal = (right & left).float()
    return goal, {"goal": goal}
