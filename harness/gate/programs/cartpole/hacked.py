"""Meant to reward quick corrections: a cart that races off the rail earns more than one that balances."""

from torch import Tensor


def compute_reward(dof_pos: Tensor, dof_vel: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    quick = dof_vel.abs().sum(-1)
    upright = 0.01 * dof_pos[:, 1].cos()
    return quick + upright, {"quick": quick, "upright": upright}
