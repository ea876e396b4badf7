"""The expert reward of Scissors (Bi-DexHands): reach both grips, and once there open the legs."""

import torch
from torch import Tensor


def reach(point: Tensor, tips: list[Tensor]) -> Tensor:
    """Sum of the fingertips' distances to a point, in m: (N,)."""
    distances: Tensor = (torch.stack(tips) - point).norm(dim=-1)
    return distances.sum(0)


def pivot_angle(right_rot: Tensor, left_rot: Tensor) -> Tensor:
    """How far the right leg has turned about the pivot, which is the y axis of either leg, in rad: (N,)."""
    right_x, right_y, right_z, right_w = right_rot.unbind(-1)
    left_x, left_y, left_z, left_w = left_rot.unbind(-1)
    cosine = right_x * left_x + right_y * left_y + right_z * left_z + right_w * left_w  # of half the angle
    sine = left_w * right_y - right_w * left_y - left_z * right_x + left_x * right_z
    return 2.0 * torch.atan2(sine * cosine.sign(), cosine.abs())


def compute_reward(
    scissors_right_handle_pos: Tensor,
    scissors_right_handle_rot: Tensor,
    scissors_left_handle_pos: Tensor,
    scissors_left_handle_rot: Tensor,
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
        scissors_right_handle_pos,
        [right_hand_ff_pos, right_hand_mf_pos, right_hand_rf_pos, right_hand_lf_pos, right_hand_th_pos],
    )
    left = reach(
        scissors_left_handle_pos,
        [left_hand_ff_pos, left_hand_mf_pos, left_hand_rf_pos, left_hand_lf_pos, left_hand_th_pos],
    )
    angle = pivot_angle(scissors_right_handle_rot, scissors_left_handle_rot)
    opening = 5.0 * (0.59 + angle) * ((right < 0.7) & (left < 0.7)).float()  # -0.59 rad at the start
    return 2.0 - right - left + opening, {"right_reach": -right, "left_reach": -left, "opening": opening}
