"""The sparse reward of Lift Underarm: one while the pot is within 0.05 m of its goal."""

from torch import Tensor


def compute_reward(object_pos: Tensor, goal_pos: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    lifted = ((goal_pos - object_pos).norm(dim=-1) < 0.05).float()
    return lifted, {"lifted": lifted}
