import torch
import torch.nn as nn


def compute_reward(ball_pos, ball_vel, obs_buf, goal):
    direction = nn.functional.normalize(goal - ball_pos, dim=-1)
    aligned = nn.functional.cosine_similarity(ball_vel, direction)
    (median := torch.quantile(obs_buf, 0.5, dim=-1))
    speeds = [ball_vel[:, i].abs() for i in range(3)]
    fastest = max(float(i) for i in range(3)) * torch.stack(speeds, dim=-1).max(dim=-1).values
    far = (ball_pos - goal).norm(dim=-1) > 0.5
    drag = torch.zeros(len(ball_pos))
    drag[far] = ball_vel[far].norm(dim=-1)
    return aligned + median - 0.1 * drag, {"aligned": aligned, "fastest": fastest, "drag": drag}
