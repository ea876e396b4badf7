"""The expert reward of Switch (Bi-DexHands): reach both rockers, and press them down."""

import torch
from torch import Tensor


def reach(point: Tensor, tips: list[Tensor]) -> Tensor:
    """Sum of the fingertips' distances to a point, in m: (N,)."""
    distances: Tensor = (torch.stack(tips) - point).norm(dim=-1)
    return distances.sum(0)


def compute_reward(
    switch_right_handle_pos: Tensor,
    switch_left_handle_pos: Tensor,
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
        switch_right_handle_pos,
        [right_hand_ff_pos, right_hand_mf_pos, right_hand_rf_pos, right_hand_lf_pos, right_hand_th_pos],
    )
    left = reach(
        switch_left_handle_pos,
        [left_hand_ff_pos, left_hand_mf_pos, left_hand_rf_pos, left_hand_lf_pos, left_hand_th_pos],
    )
    press = 50.0 * (1.4 - (switch_right_handle_pos[:, 2] + switch_left_handle_pos[:, 2]))
    return 2.0 - right - left + press, {"right_reach": -right, "left_reach": -left, "press": press}
