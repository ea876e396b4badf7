"""The expert reward of Re Orientation (Bi-DexHands): both cubes in place and turned, gently; a left goal pays."""

import torch
from torch import Tensor


def angle_between(object_rot: Tensor, goal_rot: Tensor) -> Tensor:
    vector = goal_rot[:, 3:] * object_rot[:, :3] - object_rot[:, 3:] * goal_rot[:, :3]
    vector = vector - torch.linalg.cross(object_rot[:, :3], goal_rot[:, :3])  # of object_rot * conj(goal_rot)
    return 2.0 * torch.asin(vector.norm(dim=-1).clamp(max=1.0))


def compute_reward(
    object_pos: Tensor,
    object_rot: Tensor,
    goal_pos: Tensor,
    goal_rot: Tensor,
    object_another_pos: Tensor,
    object_another_rot: Tensor,
    goal_another_pos: Tensor,
    goal_another_rot: Tensor,
    actions: Tensor,
) -> tuple[Tensor, dict[str, Tensor]]:
    right_angle = angle_between(object_rot, goal_rot)
    left_angle = angle_between(object_another_rot, goal_another_rot)
    right_distance = (goal_pos - object_pos).norm(dim=-1)
    left_distance = (goal_another_pos - object_another_pos).norm(dim=-1)
    dist = -10.0 * (right_distance + left_distance)
    rot = 1.0 / (right_angle + 0.1) + 1.0 / (left_angle + 0.1)
    action_penalty = -0.0002 * actions.square().sum(-1)
    goal_bonus = 500.0 * (left_angle < 0.1).float()  # of the left cube alone: as the original runs
    components = {"dist": dist, "rot": rot, "action_penalty": action_penalty, "goal_bonus": goal_bonus}
    return dist + rot + action_penalty + goal_bonus, components
