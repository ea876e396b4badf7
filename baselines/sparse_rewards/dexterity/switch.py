"""The sparse reward of Switch: one while the rockers' heights add up to less than 1.35 m."""

from torch import Tensor


def compute_reward(
    switch_right_handle_pos: Tensor, switch_left_handle_pos: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    height = switch_right_handle_pos[:, 2] + switch_left_handle_pos[:, 2]
    pressed = (1.4 - height > 0.05).float()
    return pressed, {"pressed": pressed}
