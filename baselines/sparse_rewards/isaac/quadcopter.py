"""The sparse reward of Quadcopter: minus the distance to the hover point, which is its fitness."""

import torch
from torch import Tensor


def compute_reward(root_positions: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    x, y, z = root_positions.unbind(-1)
    closeness = -torch.sqrt(x**2 + y**2 + (z - 1.0) ** 2)
    return closeness, {"closeness": closeness}
