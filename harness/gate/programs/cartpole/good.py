"""Upright and alive, with a small price for leaving the middle."""

from torch import Tensor


def compute_reward(dof_pos: Tensor, dof_vel: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    x, angle = dof_pos.unbind(-1)
    upright = angle.cos()
    centred = -0.05 * x**2
    calm = -0.005 * dof_vel[:, 1].abs()
    return upright + centred + calm, {"upright": upright, "centred": centred, "calm": calm}
