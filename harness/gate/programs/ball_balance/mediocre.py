"""The ball slow, wherever it is."""

from torch import Tensor


def compute_reward(ball_linvels: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    slow = 1.0 / (1.0 + ball_linvels.norm(dim=-1))
    return slow, {"slow": slow}
