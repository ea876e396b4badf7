"""The expert reward of Ball balance (IsaacGymEnvs): the ball at rest just above the tray's middle."""

import torch
from torch import Tensor


def compute_reward(ball_positions: Tensor, ball_linvels: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    x, y, z = ball_positions.unbind(-1)
    distance = torch.sqrt(x**2 + y**2 + (z - 0.7) ** 2)
    pos = 1.0 / (1.0 + distance)
    speed = 1.0 / (1.0 + ball_linvels.norm(dim=-1))
    return pos * speed, {"pos": pos, "speed": speed}
