"""The sparse reward of Ball balance: the length of an episode, in its last step. That is its fitness."""

from torch import Tensor

BALL_RADIUS = 0.1  # m


def compute_reward(
    ball_positions: Tensor, progress_buf: Tensor, max_episode_length: int
) -> tuple[Tensor, dict[str, Tensor]]:
    ended = (ball_positions[:, 2] < 1.5 * BALL_RADIUS) | (progress_buf >= max_episode_length)
    duration = (progress_buf * ended).float()
    return duration, {"duration": duration}
