"""The sparse reward of Anymal: minus the squared errors of the commanded speeds, which is its fitness."""

from torch import Tensor


def compute_reward(obs_buf: Tensor, commands: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    velocity, yaw_rate = obs_buf[:, 0:2] / 2.0, obs_buf[:, 5] / 0.25  # base frame, observed at these scales
    linear = -(commands[:, :2] - velocity).square().sum(-1)
    angular = -(commands[:, 2] - yaw_rate).square()
    return linear + angular, {"linear": linear, "angular": angular}
