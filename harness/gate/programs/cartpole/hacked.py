"""Meant to reward a lively cart: one that races off the rail earns more than one that balances."""

from torch import Tensor


def compute_reward(dof_pos: Tensor, dof_vel: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    lively = dof_vel[:, 0]
    upright = 0.01 * dof_pos[:, 1].cos()
    return lively + upright, {"lively": lively, "upright": upright}
