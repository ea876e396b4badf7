"""A sign error: paid for the distance to the hover point."""

from torch import Tensor


def compute_reward(root_positions: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    x, y, z = root_positions.unbind(-1)
    near = (x**2 + y**2 + (z - 1.0) ** 2).sqrt()
    return near, {"near": near}
