"""The expert reward of the pendulum: high, and not too fast."""

from torch import Tensor


def compute_reward(angle_vel: Tensor, tip_height: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    high = 1.0 + tip_height
    calm = -0.01 * angle_vel[:, 0] ** 2
    return high + calm, {"high": high, "calm": calm}
