"""The sparse reward of Ant: forward progress, which is its fitness."""

from torch import Tensor


def compute_reward(potentials: Tensor, prev_potentials: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    progress = (potentials - prev_potentials).float()
    return progress, {"progress": progress}
