# ruff: noqa: F821
import torch

UP = (0.0, 0.0, 1.0)


def compute_reward(
    ball_pos, ball_rot, ball_vel, potentials, touching, actions, goal, limits, dt, up_axis_idx
):
    up = torch.tensor(UP).expand(ball_pos.shape[0], 3)
    upright = quat_apply(ball_rot, up)[:, up_axis_idx]
    tilt = torch.stack(get_euler_xyz(ball_rot), dim=-1).sum(-1)
    spin = quat_diff_rad(ball_rot, quat_conjugate(ball_rot))
    inside = ((ball_pos[:, :2] > limits[:, 0]) & (ball_pos[:, :2] < limits[:, 1])).all(dim=-1)
    closeness = torch.exp(-(ball_pos - goal).norm(dim=-1))
    effort = torch.sum(actions**2, dim=-1, keepdim=True)
    reward = potentials + closeness + 0.1 * upright - dt * effort.squeeze(-1) + touching * 2.0
    parts = {"closeness": closeness, "effort": effort, "mean height": ball_pos[:, 2].mean(), "inside": inside}
    return reward, {**parts, "tilt": tilt, "spin": spin, "potentials": potentials}
