"""Ball balance: how an episode starts, what the tray feels, what the policy sees."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tests.suites.worlds import Worlds

WEIGHT = 0.837758 * 9.81  # N, of the ball
SENSORS = [(0.4, 0.0), (-0.2, 0.3464102), (-0.2, -0.3464102)]


def drop(worlds: Worlds, x: float, y: float, height: float = 0.70) -> None:
    """Put a resting ball above the tray."""
    worlds.sim.qpos[:, 13:16] = torch.tensor([x, y, height])
    worlds.sim.qvel[:, 12:18] = 0.0
    worlds.sim.forward()


def test_the_ball_is_thrown_down_and_inwards() -> None:
    worlds = Worlds("ball_balance", 2000)
    state = worlds.state()
    x, y, z = state.ball_positions.unbind(-1)
    distance, azimuth = torch.hypot(x, y), torch.atan2(y, x)
    assert 0.001 <= distance.min() < 0.01
    assert 0.49 < distance.max() <= 0.5001
    assert distance.mean().item() == pytest.approx(0.2505, abs=0.01)
    assert azimuth.mean().item() == pytest.approx(0.0, abs=0.1)
    assert azimuth.std().item() == pytest.approx(math.pi / math.sqrt(3), abs=0.05)
    assert 1.0 <= z.min() < 1.01
    assert 1.99 < z.max() <= 2.0
    assert (state.ball_linvels[:, 2] == -5.0).all()
    outward = state.ball_positions[:, :2] / distance[:, None]
    speed = -(state.ball_linvels[:, :2] * outward).sum(-1)
    share = speed / ((distance - 0.001) / 0.499)
    assert (share > -1e-3).all()
    assert (share < 5.001).all()
    assert share.mean().item() == pytest.approx(2.5, abs=0.1)
    sideways = state.ball_linvels[:, :2] + speed[:, None] * outward
    assert sideways.abs().max() < 1e-5
    assert state.dof_positions.abs().max() == 0.0
    assert state.dof_velocities.abs().max() == 0.0
    assert state.sensor_forces.abs().max() == 0.0


def test_a_thrown_ball_lands_without_bouncing_off() -> None:
    worlds = Worlds("ball_balance", 128)
    resting = 0.5591169 + 0.01 + 0.1
    touched = torch.zeros(128, dtype=torch.bool)
    for _ in range(100):
        state, _ = worlds.step(worlds.still())
        touched |= state.sensor_forces[:, 0].norm(dim=-1) > 1.0
        x, y, z = state.ball_positions.unbind(-1)
        above = touched & (torch.hypot(x, y) < 0.45)
        assert (z[above] < resting + 0.06).all()
        assert (z[above] > resting - 0.08).all()
    assert touched.all()


def test_the_tray_feels_the_weight_of_the_ball_and_its_lever() -> None:
    worlds = Worlds("ball_balance", 1)
    x, y = 0.2, 0.1
    drop(worlds, x, y)
    for _ in range(60):
        state, _ = worlds.step(worlds.still())
    x, y = state.ball_positions[0, :2].tolist()
    force = torch.tensor([0.0, 0.0, -WEIGHT]).expand(3, 3)
    torch.testing.assert_close(state.sensor_forces[0], force, atol=0.05, rtol=0.0)
    torques = torch.tensor([[-(y - sy) * WEIGHT, (x - sx) * WEIGHT, 0.0] for sx, sy in SENSORS])
    torch.testing.assert_close(state.sensor_torques[0], torques, atol=0.03, rtol=0.0)


def test_forces_are_in_the_frame_of_the_tilted_tray() -> None:
    worlds = Worlds("ball_balance", 1)
    drop(worlds, 0.0, 0.0)
    lean = torch.tensor([[0.2, -0.2, 0.1]])
    for step in range(40):
        state, _ = worlds.step(lean if step >= 30 else worlds.still())
    rotation = worlds.sim.xmat[0, 1].view(3, 3).float()
    assert rotation[2, 2] < 0.98
    on_ball = worlds.sim.qfrc_constraint[0, 12:15].float()
    assert on_ball.norm() > 1.0
    torch.testing.assert_close(rotation @ state.sensor_forces[0, 0], -on_ball, atol=0.05, rtol=0.05)


def test_lifting_one_side_rolls_the_ball_along_its_axis() -> None:
    ends = []
    for knee in (0.6, -0.6):
        worlds = Worlds("ball_balance", 1)
        drop(worlds, 0.0, 0.0)
        for step in range(50):
            state, _ = worlds.step(torch.tensor([[knee, 0.0, 0.0]]) if step < 3 else worlds.still())
        ends.append(state.ball_positions[0])
    assert ends[0][0] * ends[1][0] < -1e-3
    assert abs(ends[0][1]) < 1e-2


def test_targets_integrate_actions_within_the_knee_range_and_restart_at_zero() -> None:
    worlds = Worlds("ball_balance", 2)
    push = torch.tensor([[1.0, -1.0, 0.5], [0.0, 0.0, 0.0]])
    worlds.step(push)
    expected = torch.tensor([[0.2, -0.2, 0.1], [0.0, 0.0, 0.0]], dtype=torch.float64)
    torch.testing.assert_close(worlds.sim.ctrl, expected)
    for _ in range(12):
        worlds.step(push)
    assert worlds.sim.ctrl[0].tolist() == pytest.approx([math.radians(90), math.radians(-70), 1.3], abs=1e-5)
    worlds.reset(worlds.mask(0))
    assert worlds.sim.ctrl[0].tolist() == [0.0, 0.0, 0.0]


def test_knees_follow_their_targets_and_feet_stay_pinned() -> None:
    worlds = Worlds("ball_balance", 16)
    worlds.sim.qpos[:, 13] = 5.0  # the ball is out of the way
    for step in range(300):
        worlds.step(worlds.draw())
        for leg in range(3):
            foot = worlds.sim.site(f"foot{leg}").xpos
            slip = (foot - worlds.sim.site(f"pin{leg}").xpos).norm(dim=-1)
            assert slip.max() < 0.03, step
    gentle = Worlds("ball_balance", 1)
    gentle.sim.qpos[:, 13] = 5.0
    for step in range(60):
        gentle.step(torch.full((1, 3), 0.1) if step < 10 else gentle.still())
    knees = gentle.state().dof_positions[0, 1::2]
    torch.testing.assert_close(knees, torch.full((3,), 0.2), atol=0.03, rtol=0.0)


def test_observation_slices() -> None:
    worlds = Worlds("ball_balance", 3)
    for _ in range(60):
        state, _ = worlds.step(worlds.draw())
    state.sensor_forces, state.sensor_torques = torch.randn(2, 3, 3, 3, generator=worlds.rng)
    seen = worlds.task.observe(state, worlds.still())

    def same(columns: slice, expected: Tensor) -> None:
        torch.testing.assert_close(seen[:, columns], expected)

    same(slice(0, 3), state.dof_positions[:, [1, 3, 5]])
    same(slice(3, 6), state.dof_velocities[:, [1, 3, 5]])
    same(slice(6, 9), state.ball_positions)
    same(slice(9, 12), state.ball_linvels)
    same(slice(12, 15), state.sensor_forces[:, [0, 1, 2], 0] / 20)
    same(slice(15, 18), state.sensor_torques[:, [0, 1, 2], 0] / 20)
    same(slice(18, 21), state.sensor_torques[:, [0, 1, 2], 1] / 20)
    same(slice(21, 24), state.sensor_torques[:, [0, 1, 2], 2] / 20)


def test_an_episode_ends_when_the_ball_is_low_and_every_step_counts_one() -> None:
    worlds = Worlds("ball_balance", 3)
    state = worlds.state()
    state.ball_positions[:, 2] = torch.tensor([0.149, 0.151, 0.7])
    assert worlds.task.terminated(state).tolist() == [True, False, False]
    assert worlds.task.score(state).tolist() == [1.0, 1.0, 1.0]
