"""The expert reward of Humanoid (IsaacGymEnvs): run forward, stay upright and on course, spare the motors."""

import torch
from torch import Tensor


def compute_reward(
    obs_buf: Tensor, actions: Tensor, potentials: Tensor, prev_potentials: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    abdomen, leg, arm = [0.5, 0.5, 0.5], [1 / 3, 1 / 3, 1.0, 2 / 3, 1 / 6, 1 / 6], [0.5, 0.5, 1 / 3]
    strength = torch.tensor(
        abdomen + leg + leg + arm + arm, device=obs_buf.device
    )  # motor torques over 135 N m
    height, up_proj, heading_proj = obs_buf[:, 0], obs_buf[:, 10], obs_buf[:, 11]
    scaled_angles, scaled_speeds = obs_buf[:, 12:33].abs(), obs_buf[:, 33:54]
    progress = (potentials - prev_potentials).float()
    alive = torch.full_like(progress, 2.0)
    up = 0.1 * (up_proj > 0.93).float()
    heading = 0.5 * torch.where(heading_proj > 0.8, torch.ones_like(heading_proj), heading_proj / 0.8)
    effort = -0.01 * (actions**2).sum(-1)
    energy = -0.05 * ((actions * scaled_speeds).abs() * strength).sum(-1)
    at_limit = -0.25 * ((scaled_angles - 0.98).clamp(min=0.0) / 0.02 * strength).sum(-1)
    running = progress + alive + up + heading + effort + energy + at_limit
    reward = torch.where(height < 0.8, torch.full_like(running, -1.0), running)
    components = {
        "progress": progress,
        "alive": alive,
        "up": up,
        "heading": heading,
        "effort": effort,
        "energy": energy,
        "at_limit": at_limit,
    }
    return reward, components
