"""A still cart in the middle: nothing is said of the pole, whose fall ends the payments."""

from torch import Tensor


def compute_reward(dof_pos: Tensor, dof_vel: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    x, x_vel = dof_pos[:, 0], dof_vel[:, 0]
    centred = 1.0 / (1.0 + 10.0 * x**2)
    still = 1.0 / (1.0 + x_vel.abs())
    return centred * still, {"centred": centred, "still": still}
