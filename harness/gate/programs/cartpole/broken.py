"""A sign error: paid for a pole that leans."""

from torch import Tensor


def compute_reward(dof_pos: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    upright = dof_pos[:, 1] ** 2 - 1.0
    return upright, {"upright": upright}
