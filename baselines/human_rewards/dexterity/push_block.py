"""The expert reward of Push Block (Bi-DexHands): reach the blocks, and both blocks to the left goal."""

import torch
from torch import Tensor


def reach(point: Tensor, tips: list[Tensor]) -> Tensor:
    """Sum of the fingertips' distances to a point, in m: (N,)."""
    distances: Tensor = (torch.stack(tips) - point).norm(dim=-1)
    return distances.sum(0)


def compute_reward(
    block_right_handle_pos: Tensor,
    block_left_handle_pos: Tensor,
    left_goal_pos: Tensor,
    right_hand_ff_pos: Tensor,
    right_hand_mf_pos: Tensor,
    right_hand_rf_pos: Tensor,
    right_hand_lf_pos: Tensor,
    right_hand_th_pos: Tensor,
    left_hand_ff_pos: Tensor,
    left_hand_mf_pos: Tensor,
    left_hand_rf_pos: Tensor,
    left_hand_lf_pos: Tensor,
    left_hand_th_pos: Tensor,
) -> tuple[Tensor, dict[str, Tensor]]:
    right = 1.2 - reach(
        block_right_handle_pos,
        [right_hand_ff_pos, right_hand_mf_pos, right_hand_rf_pos, right_hand_lf_pos, right_hand_th_pos],
    )
    left = 1.2 - reach(
        block_left_handle_pos,
        [left_hand_ff_pos, left_hand_mf_pos, left_hand_rf_pos, left_hand_lf_pos, left_hand_th_pos],
    )
    # the right block is measured to the left goal too: as the original runs
    right_distance = (left_goal_pos - block_right_handle_pos).norm(dim=-1)
    left_distance = (left_goal_pos - block_left_handle_pos).norm(dim=-1)
    push = 5.0 - 5.0 * left_distance - 5.0 * right_distance
    return right + left + push, {"right_reach": right, "left_reach": left, "push": push}
