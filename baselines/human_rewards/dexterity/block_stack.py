"""The expert reward of Block Stack (Bi-DexHands): reach the blocks, move them to the tower, then the height."""

import torch
from torch import Tensor


def reach(point: Tensor, tips: list[Tensor]) -> Tensor:
    """Sum of the fingertips' distances to a point, in m: (N,)."""
    distances: Tensor = (torch.stack(tips) - point).norm(dim=-1)
    return distances.sum(0)


def compute_reward(
    goal_pos: Tensor,
    block_right_handle_pos: Tensor,
    block_left_handle_pos: Tensor,
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
    right = reach(
        block_right_handle_pos,
        [right_hand_ff_pos, right_hand_mf_pos, right_hand_rf_pos, right_hand_lf_pos, right_hand_th_pos],
    )
    left = reach(
        block_left_handle_pos,
        [left_hand_ff_pos, left_hand_mf_pos, left_hand_rf_pos, left_hand_lf_pos, left_hand_th_pos],
    )
    low = goal_pos - goal_pos.new_tensor([0.0, 0.1, 0.0])  # m, places of the tower's blocks
    high = low + goal_pos.new_tensor([0.0, 0.0, 0.05])
    low_distance = (low - block_right_handle_pos).norm(dim=-1)
    high_distance = (high - block_left_handle_pos).norm(dim=-1)
    height = (high - block_left_handle_pos)[:, 2].abs()
    near = ((right < 0.5) & (left < 0.5)).float()
    move = 2.0 * (0.24 - high_distance - low_distance) * near
    placed = ((low_distance < 0.07) & (high_distance < 0.07)).float()
    stack = 50.0 * (0.05 - height) * placed
    components = {"right_reach": -right, "left_reach": -left, "move": move, "stack": stack}
    return 1.5 - right - left + move + stack, components
