"""Meant to reward an agile craft: tumbling earns more than hovering."""

from torch import Tensor


def compute_reward(root_positions: Tensor, root_angvels: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    x, y, z = root_positions.unbind(-1)
    agile = root_angvels.norm(dim=-1)
    near = 0.1 / (1.0 + x**2 + y**2 + (z - 1.0) ** 2)
    return agile + near, {"agile": agile, "near": near}
