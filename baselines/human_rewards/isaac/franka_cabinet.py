"""The expert reward of Franka cabinet (IsaacGymEnvs): reach the handle, straddle it with the fingers, pull."""

import torch
from torch import Tensor


def compute_reward(
    actions: Tensor,
    franka_grasp_pos: Tensor,
    franka_grasp_rot: Tensor,
    drawer_grasp_pos: Tensor,
    drawer_grasp_rot: Tensor,
    franka_lfinger_pos: Tensor,
    franka_rfinger_pos: Tensor,
    cabinet_dof_pos: Tensor,
) -> tuple[Tensor, dict[str, Tensor]]:
    opening = cabinet_dof_pos[:, 3]

    distance = (franka_grasp_pos - drawer_grasp_pos).norm(dim=-1)
    near = (1.0 / (1.0 + distance**2)) ** 2
    dist = 2.0 * torch.where(distance <= 0.02, 2.0 * near, near)

    _, travel, pointing = axes(franka_grasp_rot)
    outward, _, up = axes(drawer_grasp_rot)
    forward = -(pointing * outward).sum(-1)  # 1: the gripper points into the cabinet
    upright = (travel * up).sum(-1)  # 1: the left finger is on top
    rot = 0.5 * 0.5 * (forward.sign() * forward**2 + upright.sign() * upright**2)

    above = franka_lfinger_pos[:, 2] - drawer_grasp_pos[:, 2]
    below = drawer_grasp_pos[:, 2] - franka_rfinger_pos[:, 2]
    straddling = ((above > 0.0) & (below > 0.0)).float()
    around = 0.5 * straddling
    around_handle = 0.25 * around
    finger_dist = 5.0 * straddling * ((0.04 - above) + (0.04 - below))

    open_drawer = 7.5 * (opening * around + opening)
    action_penalty = -0.01 * (actions**2).sum(-1)
    bonus = 0.5 * (opening > 0.01) + around * (opening > 0.2) + 2.0 * around * (opening > 0.39)

    total = dist + rot + around_handle + open_drawer + finger_dist + action_penalty + bonus
    front = drawer_grasp_pos[:, 0] - 0.04
    behind = (franka_lfinger_pos[:, 0] < front) | (franka_rfinger_pos[:, 0] < front)
    reward = torch.where(behind, torch.full_like(total, -1.0), total)
    components = {
        "dist": dist,
        "rot": rot,
        "around_handle": around_handle,
        "open": open_drawer,
        "finger_dist": finger_dist,
        "action_penalty": action_penalty,
        "bonus": bonus,
    }
    return reward, components


def axes(q: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """World images (N, 3) of the three axes of a frame, given its quaternion xyzw."""
    x, y, z, w = q.unbind(-1)
    return (
        torch.stack([1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)], dim=-1),
        torch.stack([2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)], dim=-1),
        torch.stack([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)], dim=-1),
    )
