"""The expert reward of Lift Underarm (Bi-DexHands): palms to the handles, and once there the pot to its goal."""

from torch import Tensor


def compute_reward(
    object_pos: Tensor,
    goal_pos: Tensor,
    pot_right_handle_pos: Tensor,
    pot_left_handle_pos: Tensor,
    right_hand_pos: Tensor,
    left_hand_pos: Tensor,
) -> tuple[Tensor, dict[str, Tensor]]:
    right = (pot_right_handle_pos - right_hand_pos).norm(dim=-1)
    left = (pot_left_handle_pos - left_hand_pos).norm(dim=-1)
    held = (right < 0.08) & (left < 0.08)
    lift = 3.0 * (0.385 - (goal_pos - object_pos).norm(dim=-1)) * held.float()  # 0.385 m: of a pot at rest
    return 0.2 - right - left + lift, {"right_reach": -right, "left_reach": -left, "lift": lift}
