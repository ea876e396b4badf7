"""The expert reward of Bottle Cap (Bi-DexHands): right fingers at the cap, left palm at the bottle, lift."""

import torch
from torch import Tensor


def reach(point: Tensor, tips: list[Tensor]) -> Tensor:
    """Sum of the fingertips' distances to a point, in m: (N,)."""
    distances: Tensor = (torch.stack(tips) - point).norm(dim=-1)
    return distances.sum(0)


def compute_reward(
    bottle_pos: Tensor,
    bottle_cap_pos: Tensor,
    bottle_cap_up: Tensor,
    left_hand_pos: Tensor,
    right_hand_ff_pos: Tensor,
    right_hand_mf_pos: Tensor,
    right_hand_rf_pos: Tensor,
    right_hand_lf_pos: Tensor,
    right_hand_th_pos: Tensor,
) -> tuple[Tensor, dict[str, Tensor]]:
    right = reach(
        bottle_cap_pos,
        [right_hand_ff_pos, right_hand_mf_pos, right_hand_rf_pos, right_hand_lf_pos, right_hand_th_pos],
    )
    left = (bottle_pos - left_hand_pos).norm(dim=-1)
    lift = 30.0 * (bottle_cap_up - bottle_pos).norm(dim=-1) * (right <= 0.3).float()
    return 2.0 - right - left + lift, {"right_reach": -right, "left_reach": -left, "lift": lift}
