"""The sparse reward of Push Block as it was meant: a half while the left block is within 0.1 m of its goal, one with
the right block within 0.1 m of its own."""

from torch import Tensor


def compute_reward(
    block_right_handle_pos: Tensor,
    block_left_handle_pos: Tensor,
    left_goal_pos: Tensor,
    right_goal_pos: Tensor,
) -> tuple[Tensor, dict[str, Tensor]]:
    left = (left_goal_pos - block_left_handle_pos).norm(dim=-1) <= 0.1
    both = left & ((right_goal_pos - block_right_handle_pos).norm(dim=-1) <= 0.1)
    pushed = 0.5 * left.float() + 0.5 * both.float()
    return pushed, {"pushed": pushed}
