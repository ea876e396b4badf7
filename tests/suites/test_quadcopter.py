"""Quadcopter: hovering, thrust vectors, gimbals, starts and ends."""

from __future__ import annotations

import math

import pytest
import torch

from tests.suites.worlds import Worlds

HOVER = 0.6168941  # N per rotor
TILT = math.radians(30)


def craft(count: int = 1) -> Worlds:
    """Craft at rest in the hover point, gimbals straight."""
    worlds = Worlds("quadcopter", count)
    worlds.sim.reset(worlds.all)
    worlds.sim.forward()
    return worlds


def test_an_episode_starts_at_rest_in_the_start_box() -> None:
    worlds = Worlds("quadcopter", 1500)
    state = worlds.state()
    x, y, z = state.root_positions.unbind(-1)
    for value, low, high in ((x, -1.5, 1.5), (y, -1.5, 1.5), (z, 0.8, 2.5)):
        assert low <= value.min() < low + 0.02
        assert high - 0.02 < value.max() <= high
        assert value.mean().item() == pytest.approx((low + high) / 2, abs=0.09)
    assert (state.root_quats == torch.tensor([0.0, 0.0, 0.0, 1.0])).all()
    assert state.root_linvels.abs().max() == 0.0
    assert state.root_angvels.abs().max() == 0.0
    assert -0.2 <= state.dof_positions.min() < -0.199
    assert 0.199 < state.dof_positions.max() <= 0.2
    torch.testing.assert_close(worlds.sim.ctrl[:, :8].float(), state.dof_positions)
    assert (worlds.sim.ctrl[:, 8:] == 0.0).all()


def test_hover_thrust_holds_the_craft() -> None:
    worlds = craft()
    worlds.sim.ctrl[:, 8:] = HOVER
    for _ in range(300):
        state, _ = worlds.step(worlds.still())
    torch.testing.assert_close(state.root_positions[0], torch.tensor([0.0, 0.0, 1.0]), atol=2e-3, rtol=0.0)
    assert state.root_linvels.abs().max() < 2e-3


@pytest.mark.parametrize("thrust", [0.0, 2.0])
def test_acceleration_is_thrust_over_mass(thrust: float) -> None:
    worlds = craft()
    worlds.sim.ctrl[:, 8:] = thrust
    for _ in range(10):
        state, _ = worlds.step(worlds.still())
    expected = (4 * thrust / 0.2515369 - 9.81) * 0.1
    assert state.root_linvels[0, 2].item() == pytest.approx(expected, rel=1e-3)


def test_thrust_follows_the_gimbal() -> None:
    """All rotors roll by 0.3 rad: each pushes sideways, which turns the craft about z and lifts it less."""
    worlds = craft()
    worlds.sim.qpos[:, 8::2] = worlds.sim.ctrl[:, 1:8:2] = 0.3
    worlds.sim.ctrl[:, 8:] = HOVER
    worlds.sim.forward()
    for _ in range(5):
        state, _ = worlds.step(worlds.still())
    yaw_torque = -4 * HOVER * math.sin(0.3) * 0.145  # a roll turns +z towards -y of each arm
    assert state.root_angvels[0, 2].item() == pytest.approx(yaw_torque / 4.6591e-3 * 0.05, rel=0.05)
    assert state.root_linvels[0, 2].item() == pytest.approx(9.81 * (math.cos(0.3) - 1) * 0.05, rel=0.1)
    assert state.root_angvels[0, :2].abs().max() < 1e-6


def test_a_single_rotor_tips_the_craft_away() -> None:
    worlds = craft()
    worlds.sim.ctrl[:, 8] = 1.0  # the rotor at azimuth 45 degrees
    for _ in range(3):
        state, _ = worlds.step(worlds.still())
    assert state.root_angvels[0, 0] > 0.5
    assert state.root_angvels[0, 1].item() == pytest.approx(-state.root_angvels[0, 0].item(), rel=1e-3)


def test_actions_are_rates_of_angles_and_thrusts_within_their_ranges() -> None:
    worlds = craft(2)
    push = torch.zeros(2, 12)
    push[0, :8], push[0, 8:] = 0.5, 0.25
    worlds.step(push)
    torch.testing.assert_close(
        worlds.sim.ctrl[0, :8], torch.full((8,), 0.5 * 0.251327).double(), atol=1e-6, rtol=0
    )
    torch.testing.assert_close(worlds.sim.ctrl[0, 8:], torch.full((4,), 0.5).double())
    assert (worlds.sim.ctrl[1] == 0.0).all()
    for _ in range(8):
        worlds.step(push)
    torch.testing.assert_close(worlds.sim.ctrl[0, :8], torch.full((8,), TILT).double())
    assert (worlds.sim.ctrl[0, 8:] == 2.0).all()
    worlds.step(-push)
    assert (worlds.sim.ctrl[0, 8:] == 1.5).all()


def test_gimbals_reach_their_targets_in_a_few_steps() -> None:
    worlds = craft()
    worlds.sim.ctrl[:, 8:] = HOVER
    worlds.sim.ctrl[:, 0:8:2] = 0.25
    for _ in range(5):
        state, _ = worlds.step(worlds.still())
    torch.testing.assert_close(state.dof_positions[0, 0::2], torch.full((4,), 0.25), atol=0.01, rtol=0.0)


def test_a_tumbling_craft_is_held_at_the_original_speed_cap() -> None:
    worlds = craft()
    worlds.sim.qvel[:, 3:6] = torch.tensor([30.0, 40.0, 0.0])
    state, _ = worlds.step(worlds.still())
    assert state.root_angvels.norm().item() == pytest.approx(4 * math.pi, rel=0.1)


def test_angular_velocity_is_in_the_world_frame() -> None:
    worlds = craft()
    half = math.sqrt(0.5)
    worlds.sim.qpos[:, 3:7] = torch.tensor(
        [half, half, 0.0, 0.0]
    )  # a quarter turn about x: local z is world -y
    worlds.sim.qvel[:, 3:6] = torch.tensor([0.0, 0.0, 2.0])
    worlds.sim.forward()
    state = worlds.state()
    torch.testing.assert_close(state.root_angvels[0], torch.tensor([0.0, -2.0, 0.0]), atol=1e-6, rtol=0.0)
    torch.testing.assert_close(state.root_quats[0], torch.tensor([half, 0.0, 0.0, half]))


def test_observation_slices() -> None:
    worlds = Worlds("quadcopter", 4)
    for _ in range(20):
        state, _ = worlds.step(worlds.draw())
    seen = worlds.task.observe(state, worlds.still())
    target = torch.tensor([0.0, 0.0, 1.0])
    torch.testing.assert_close(seen[:, 0:3], (target - state.root_positions) / 3)
    torch.testing.assert_close(seen[:, 3:7], state.root_quats)
    torch.testing.assert_close(seen[:, 7:10], state.root_linvels / 2)
    torch.testing.assert_close(seen[:, 10:13], state.root_angvels / math.pi)
    torch.testing.assert_close(seen[:, 13:21], state.dof_positions)


def test_ends_and_score() -> None:
    worlds = craft(5)
    state = worlds.state()
    state.root_positions[:] = torch.tensor(
        [[0.0, 0.0, 1.0], [2.9, 0.0, 1.0], [3.1, 0.0, 1.0], [0.0, 0.0, 0.31], [0.0, 0.0, 0.29]]
    )
    assert worlds.task.terminated(state).tolist() == [False, False, True, False, True]
    torch.testing.assert_close(worlds.task.score(state), -torch.tensor([0.0, 2.9, 3.1, 0.69, 0.71]))
