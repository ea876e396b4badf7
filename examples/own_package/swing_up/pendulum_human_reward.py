"""The expert reward of the pendulum: near the top, calm there, with little effort."""

from torch import Tensor


def compute_reward(angle: Tensor, angle_vel: Tensor, actions: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    near = -(angle[:, 0] ** 2)
    calm = -0.1 * angle_vel[:, 0] ** 2
    effort = -0.01 * actions[:, 0] ** 2
    return near + calm + effort, {"near": near, "calm": calm, "effort": effort}
