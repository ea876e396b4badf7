"""The sparse reward of the pendulum: its score."""

from torch import Tensor


def compute_reward(angle: Tensor, angle_vel: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    success = ((angle[:, 0].abs() < 0.3) & (angle_vel[:, 0].abs() < 2.0)).float()
    return success, {"success": success}
