"""The expert reward of Allegro Hand (IsaacGymEnvs): keep the cube in place, turn it to its goal, act gently."""

import torch
from torch import Tensor


def compute_reward(
    object_pos: Tensor, object_rot: Tensor, goal_pos: Tensor, goal_rot: Tensor, actions: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    likeness = (object_rot * goal_rot).sum(-1).abs()  # cosine of half the angle; q and -q turn alike
    angle = 2.0 * torch.acos(likeness.clamp(max=1.0))
    dist = -10.0 * (object_pos - goal_pos).norm(dim=-1)
    rot = 1.0 / (angle + 0.1)
    action_penalty = -0.0002 * actions.square().sum(-1)
    goal_bonus = 250.0 * (angle <= 0.1).float()
    components = {"dist": dist, "rot": rot, "action_penalty": action_penalty, "goal_bonus": goal_bonus}
    return dist + rot + action_penalty + goal_bonus, components
