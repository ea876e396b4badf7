"""The sparse reward of Block Stack: one while both blocks stand in their places of the tower."""

from torch import Tensor


def compute_reward(
    goal_pos: Tensor, block_right_handle_pos: Tensor, block_left_handle_pos: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    low = goal_pos - goal_pos.new_tensor([0.0, 0.1, 0.0])  # m, places of the tower's blocks
    high = low + goal_pos.new_tensor([0.0, 0.0, 0.05])
    low_distance = (low - block_right_handle_pos).norm(dim=-1)
    high_distance = (high - block_left_handle_pos).norm(dim=-1)
    height = (high - block_left_handle_pos)[:, 2].abs()
    stacked = ((low_distance < 0.07) & (high_distance < 0.07) & (50.0 * (0.05 - height) > 1.0)).float()
    return stacked, {"stacked": stacked}
