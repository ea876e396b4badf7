"""The expert reward of Kettle (Bi-DexHands): reach kettle and bucket, and once there spout to bucket."""

import torch
from torch import Tensor


def reach(point: Tensor, tips: list[Tensor]) -> Tensor:
    """Sum of the fingertips' distances to a point, in m: (N,)."""
    distances: Tensor = (torch.stack(tips) - point).norm(dim=-1)
    return distances.sum(0)


def compute_reward(
    kettle_handle_pos: Tensor,
    kettle_spout_pos: Tensor,
    bucket_handle_pos: Tensor,
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
        kettle_handle_pos,
        [right_hand_ff_pos, right_hand_mf_pos, right_hand_rf_pos, right_hand_lf_pos, right_hand_th_pos],
    )
    left = reach(
        bucket_handle_pos,
        [left_hand_ff_pos, left_hand_mf_pos, left_hand_rf_pos, left_hand_lf_pos, left_hand_th_pos],
    )
    distance = (bucket_handle_pos - kettle_spout_pos).norm(dim=-1)
    pour = (0.5 - 2.0 * distance) * ((right < 0.7) & (left < 0.7)).float()
    return 1.0 - right - left + pour, {"right_reach": -right, "left_reach": -left, "pour": pour}
