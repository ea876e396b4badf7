import torch


def compute_reward(dof_pos: torch.Tensor, dof_vel: torch.Tensor, reset_dist: float):
    reward = 1.0 - dof_pos[:, 1] ** 2
    reward -= 0.01 * dof_vel[:, 0].abs()
    failed = dof_pos[:, 0].abs() > reset_dist / 30
    failed |= dof_pos[:, 1].abs() > 0.05
    reward[failed] = -2.0
    bonus = torch.zeros_like(reward)
    bonus[~failed] += 0.5
    scaled = dof_vel.clone()
    scaled[:, 1] *= 0.1
    scaled.clamp_(-1.0, 1.0)
    return reward + bonus, {"bonus": bonus, "speed": scaled.norm(dim=-1)}
