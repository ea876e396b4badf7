"""The sparse reward of Shadow Hand Upside Down: one on a step that reaches a goal, which is its fitness."""

import torch
from torch import Tensor


def compute_reward(object_rot: Tensor, goal_rot: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    vector = goal_rot[:, 3:] * object_rot[:, :3] - object_rot[:, 3:] * goal_rot[:, :3]
    vector = vector - torch.linalg.cross(object_rot[:, :3], goal_rot[:, :3])  # of object_rot * conj(goal_rot)
    angle = 2.0 * torch.asin(vector.norm(dim=-1).clamp(max=1.0))
    goal = (angle <= 0.2).float()
    return goal, {"goal": goal}
