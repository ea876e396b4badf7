"""The sparse reward of Swing Cup: one while the cup is turned to within 0.785 rad of its goal."""

import torch
from torch import Tensor


def angle_between(object_rot: Tensor, goal_rot: Tensor) -> Tensor:
    vector = goal_rot[:, 3:] * object_rot[:, :3] - object_rot[:, 3:] * goal_rot[:, :3]
    vector = vector - torch.linalg.cross(object_rot[:, :3], goal_rot[:, :3])  # of object_rot * conj(goal_rot)
    return 2.0 * torch.asin(vector.norm(dim=-1).clamp(max=1.0))


def compute_reward(object_rot: Tensor, goal_rot: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    turned = (angle_between(object_rot, goal_rot) < 0.785).float()
    return turned, {"turned": turned}
