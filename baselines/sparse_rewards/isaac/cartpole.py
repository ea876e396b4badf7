"""The sparse reward of Cartpole: the length of an episode, in its last step. That is its fitness."""

import math

from torch import Tensor


def compute_reward(
    dof_pos: Tensor, reset_dist: float, progress_buf: Tensor, max_episode_length: int
) -> tuple[Tensor, dict[str, Tensor]]:
    x, angle = dof_pos.abs().unbind(-1)
    ended = (x > reset_dist) | (angle > math.pi / 2) | (progress_buf >= max_episode_length)
    duration = (progress_buf * ended).float()
    return duration, {"duration": duration}
