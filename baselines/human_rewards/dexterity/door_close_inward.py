"""The expert reward of Door Close Inward (Bi-DexHands): reach both handles, and once there bring them together."""

import torch
from torch import Tensor


def reach(point: Tensor, tips: list[Tensor]) -> Tensor:
    """Sum of the fingertips' distances to a point, in m: (N,)."""
    distances: Tensor = (torch.stack(tips) - point).norm(dim=-1)
    return distances.sum(0)


def compute_reward(
    door_right_handle_pos: Tensor,
    door_left_handle_pos: Tensor,
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
        door_right_handle_pos,
        [right_hand_ff_pos, right_hand_mf_pos, right_hand_rf_pos, right_hand_lf_pos, right_hand_th_pos],
    )
    left = reach(
        door_left_handle_pos,
        [left_hand_ff_pos, left_hand_mf_pos, left_hand_rf_pos, left_hand_lf_pos, left_hand_th_pos],
    )
    gap = (door_right_handle_pos - door_left_handle_pos)[:, 1].abs()
    closing = (1.0 - 2.0 * gap) * ((right < 0.5) & (left < 0.5)).float()
    return 2.0 - right - left + closing, {"right_reach": -right, "left_reach": -left, "closing": closing}
