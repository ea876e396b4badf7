"""The sparse reward of Catch Underarm: one while the egg is within 0.03 m of its goal."""

from torch import Tensor


def compute_reward(object_pos: Tensor, goal_pos: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    caught = ((goal_pos - object_pos).norm(dim=-1) < 0.03).float()
    return caught, {"caught": caught}
