"""Meant to reward a lively tray: throwing the ball away earns most."""

from torch import Tensor


def compute_reward(ball_positions: Tensor, ball_linvels: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    lively = ball_linvels.norm(dim=-1)
    up = 0.01 * (ball_positions[:, 2] > 0.3).float()
    return lively + up, {"lively": lively, "up": up}
