"""The sparse reward of Allegro Hand: one for every goal reached, to within 0.1 rad."""

import torch
from torch import Tensor


def compute_reward(object_rot: Tensor, goal_rot: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    likeness = (object_rot * goal_rot).sum(-1).abs()  # cosine of half the angle; q and -q are one rotation
    goal = (2.0 * torch.acos(likeness.clamp(max=1.0)) <= 0.1).float()
    return goal, {"goal": goal}
