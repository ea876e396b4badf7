"""The expert reward of Quadcopter (IsaacGymEnvs): at the hover point, and there upright and not spinning."""

import torch
from torch import Tensor


def compute_reward(
    root_positions: Tensor, root_quats: Tensor, root_angvels: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    x, y, z = root_positions.unbind(-1)
    distance = torch.sqrt(x**2 + y**2 + (z - 1.0) ** 2)
    qx, qy = root_quats[:, 0], root_quats[:, 1]
    tilt = 2.0 * (qx**2 + qy**2)  # 1 minus the vertical part of the chassis' up axis
    pos = 1.0 / (1.0 + distance**2)
    up = pos / (1.0 + tilt**2)
    spin = pos / (1.0 + root_angvels[:, 2] ** 2)
    return pos + up + spin, {"pos": pos, "up": up, "spin": spin}
