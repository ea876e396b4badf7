"""A calm tray: nothing is said of the ball, whose fall ends the payments."""

from torch import Tensor


def compute_reward(dof_velocities: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    calm = 1.0 / (1.0 + dof_velocities.norm(dim=-1))
    return calm, {"calm": calm}
