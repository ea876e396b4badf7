"""The sparse reward of Pen: one while cap and body are more than 0.3 m apart."""

from torch import Tensor


def compute_reward(
    pen_right_handle_pos: Tensor, pen_left_handle_pos: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    distance = (pen_right_handle_pos - pen_left_handle_pos).norm(dim=-1)
    opened = (5.0 * distance > 1.5).float()
    return opened, {"opened": opened}
