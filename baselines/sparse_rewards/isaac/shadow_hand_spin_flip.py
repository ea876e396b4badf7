"""The sparse reward of Shadow Hand Spin Flip: one on a step that reaches a goal, which is its fitness."""

import torch
from torch import Tensor


def rotation_error(object_rot: Tensor, goal_rot: Tensor) -> Tensor:
    """To the goal, or to the goal turned by 180 degrees about its own y axis: the smaller angle (N,) in rad."""
    x, y, z, w = goal_rot.unbind(-1)
    flipped = torch.stack([-z, w, x, -y], dim=-1)
    return torch.minimum(angle_between(object_rot, goal_rot), angle_between(object_rot, flipped))


def angle_between(object_rot: Tensor, goal_rot: Tensor) -> Tensor:
    vector = goal_rot[:, 3:] * object_rot[:, :3] - object_rot[:, 3:] * goal_rot[:, :3]
    vector = vector - torch.linalg.cross(object_rot[:, :3], goal_rot[:, :3])  # of object_rot * conj(goal_rot)
    return 2.0 * torch.asin(vector.norm(dim=-1).clamp(max=1.0))


def compute_reward(object_rot: Tensor, goal_rot: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    goal = (rotation_error(object_rot, goal_rot) <= 0.2).float()
    return goal, {"goal": goal}
