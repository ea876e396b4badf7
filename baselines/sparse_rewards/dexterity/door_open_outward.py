"""The sparse reward of Door Open Outward: one while the handles are more than 0.5 m apart along the door."""

from torch import Tensor


def compute_reward(
    door_right_handle_pos: Tensor, door_left_handle_pos: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    gap = (door_right_handle_pos - door_left_handle_pos)[:, 1].abs()
    opened = (gap > 0.5).float()
    return opened, {"opened": opened}
