"""Leaning a little, for which the cart has to go faster and faster: the pole is held until the rail ends."""

from torch import Tensor


def compute_reward(dof_pos: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    leaning = (-100.0 * (dof_pos[:, 1] - 0.1) ** 2).exp()
    return leaning, {"leaning": leaning}
