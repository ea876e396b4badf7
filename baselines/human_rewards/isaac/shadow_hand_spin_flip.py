"""The expert reward of Shadow Hand Spin Flip (Eureka): as Spin's, but either end of the pen counts."""

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


def compute_reward(
    object_pos: Tensor, object_rot: Tensor, goal_pos: Tensor, goal_rot: Tensor, actions: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    angle = rotation_error(object_rot, goal_rot)
    dist = 0.1 * (object_pos - goal_pos).norm(dim=-1)
    rot = 1.0 / (angle + 0.1)
    action_penalty = -0.0002 * actions.square().sum(-1)
    goal_bonus = 250.0 * (angle <= 0.2).float()
    components = {"dist": dist, "rot": rot, "action_penalty": action_penalty, "goal_bonus": goal_bonus}
    return dist + rot + action_penalty + goal_bonus, components
