"""Upright, but brisk too: the pole is held while the cart runs off its rail."""

from torch import Tensor


def compute_reward(dof_pos: Tensor, dof_vel: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    upright = dof_pos[:, 1].cos()
    brisk = 0.3 * dof_vel[:, 0].abs()
    return upright + brisk, {"upright": upright, "brisk": brisk}
