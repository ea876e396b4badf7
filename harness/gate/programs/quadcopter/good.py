"""Near the hover point, and there upright and not spinning."""

from torch import Tensor


def compute_reward(
    root_positions: Tensor, root_quats: Tensor, root_angvels: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    x, y, z = root_positions.unbind(-1)
    near = 1.0 / (1.0 + x**2 + y**2 + (z - 1.0) ** 2)
    tilt = 2.0 * (root_quats[:, 0] ** 2 + root_quats[:, 1] ** 2)
    upright = near / (1.0 + tilt**2)
    steady = near / (1.0 + root_angvels[:, 2] ** 2)
    return near + upright + steady, {"near": near, "upright": upright, "steady": steady}
