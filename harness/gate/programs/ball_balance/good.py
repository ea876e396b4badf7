"""Every step that the ball is up counts, and more so with the ball near the middle and slow."""

from torch import Tensor


def compute_reward(ball_positions: Tensor, ball_linvels: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    x, y, z = ball_positions.unbind(-1)
    up = 0.5 * (z > 0.3).float()
    near = 1.0 / (1.0 + (x**2 + y**2 + (z - 0.7) ** 2).sqrt())
    slow = 1.0 / (1.0 + ball_linvels.norm(dim=-1))
    return up + near * slow, {"up": up, "near": near, "slow": slow}
