"""The expert reward of Grasp And Place (Bi-DexHands): reach bucket and cube, and bring them together."""

import torch
from torch import Tensor


def reach(point: Tensor, tips: list[Tensor]) -> Tensor:
    """Sum of the fingertips' distances to a point, in m: (N,)."""
    distances: Tensor = (torch.stack(tips) - point).norm(dim=-1)
    return distances.sum(0)


def compute_reward(
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
    right = torch.exp(
        -10.0
        * reach(
            block_right_handle_pos,
            [right_hand_ff_pos, right_hand_mf_pos, right_hand_rf_pos, right_hand_lf_pos, right_hand_th_pos],
        )
    )
    left = torch.exp(
        -10.0
        * reach(
            block_left_handle_pos,
            [left_hand_ff_pos, left_hand_mf_pos, left_hand_rf_pos, left_hand_lf_pos, left_hand_th_pos],
        )
    )
    place = 2.0 * torch.exp(-10.0 * (block_right_handle_pos - block_left_handle_pos).norm(dim=-1))
    return right + left + place, {"right_reach": right, "left_reach": left, "place": place}
