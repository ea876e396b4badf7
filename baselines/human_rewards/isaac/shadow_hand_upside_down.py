"""The expert reward of Shadow Hand Upside Down (Eureka): hold the pen in place, turn it to its goal, act gently."""

import torch
from torch import Tensor


def compute_reward(
    object_pos: Tensor, object_rot: Tensor, goal_pos: Tensor, goal_rot: Tensor, actions: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    vector = goal_rot[:, 3:] * object_rot[:, :3] - object_rot[:, 3:] * goal_rot[:, :3]
    vector = vector - torch.linalg.cross(object_rot[:, :3], goal_rot[:, :3])  # of object_rot * conj(goal_rot)
    angle = 2.0 * torch.asin(vector.norm(dim=-1).clamp(max=1.0))
    dist = -10.0 * (object_pos - goal_pos).norm(dim=-1)
    rot = 1.0 / (angle + 0.1)
    action_penalty = -0.0002 * actions.square().sum(-1)
    goal_bonus = 250.0 * (angle <= 0.2).float()
    components = {"dist": dist, "rot": rot, "action_penalty": action_penalty, "goal_bonus": goal_bonus}
    return dist + rot + action_penalty + goal_bonus, components
