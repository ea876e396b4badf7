import math

import torch
import torch.nn.functional as F
from torch import Tensor


def compute_reward(
    *, obs_buf: Tensor, reset_dist: float, num_envs: int, device
) -> tuple[Tensor, dict[str, Tensor]]:
    cart, cart_vel, angle, angle_vel = obs_buf.unbind(-1)
    upright = torch.where(angle.abs() < math.pi / 2, torch.cos(angle), torch.tensor(-1.0))
    near = torch.exp(-F.relu(cart.abs() - 0.1 * reset_dist) / 0.2)
    calm = -torch.maximum(cart_vel.square(), angle_vel.square()).clamp(max=4.0)
    base = torch.full((num_envs,), 0.5, device=device)
    return upright * near + 0.1 * calm + base, {"upright": upright, "near": near, "calm": calm, "base": 0.5}
