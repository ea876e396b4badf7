"""The sparse reward of Grasp And Place: one while the cube is within 0.2 m of the bucket."""

from torch import Tensor


def compute_reward(
    block_right_handle_pos: Tensor, block_left_handle_pos: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    placed = ((block_right_handle_pos - block_left_handle_pos).norm(dim=-1) < 0.2).float()
    return placed, {"placed": placed}
