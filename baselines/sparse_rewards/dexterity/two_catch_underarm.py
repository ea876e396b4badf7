"""The sparse reward of Two Catch Underarm: one while both eggs are near their goals, 0.06 m in all."""

from torch import Tensor


def compute_reward(
    object_pos: Tensor, goal_pos: Tensor, object_another_pos: Tensor, goal_another_pos: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    first = (goal_pos - object_pos).norm(dim=-1)
    second = (goal_another_pos - object_another_pos).norm(dim=-1)
    caught = (first + second < 0.06).float()
    return caught, {"caught": caught}
