"""The expert reward of the pendulum: high, and calm where it is high."""

from torch import Tensor


def compute_reward(angle_vel: Tensor, tip_height: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    speed = angle_vel[:, 0]
    high = tip_height
    calm = -0.1 * speed**2 * (tip_height > 0.5)
    return high + calm, {"high": high, "calm": calm}
