"""Paid for every step that the ball is up, wherever and however fast."""

from torch import Tensor


def compute_reward(ball_positions: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    up = (ball_positions[:, 2] > 0.3).float()
    return up, {"up": up}
