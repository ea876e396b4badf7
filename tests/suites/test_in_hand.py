"""What the in-hand tasks share: starts, goals that are replaced once reached, fitness, observations."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from harness.environment import Environment
from harness.rotations import (
    quat_axis,
    quat_conjugate,
    quat_diff_rad,
    quat_from_angle_axis,
    quat_mul,
    wxyz_to_xyzw,
)
from harness.task import Fitness
from suites.models.draws import random_rotation, turn
from tests.suites.worlds import Worlds

CUBE = "shadow_hand"


def turned(goal: Tensor, angle: float) -> Tensor:
    """Rotations (N, 4) xyzw at `angle` (rad) from goals, about some axis."""
    axis = torch.tensor([0.6, 0.0, 0.8]).expand(len(goal), 3)
    return quat_mul(quat_from_angle_axis(torch.full((len(goal),), angle), axis), goal.float())


def put(worlds: Worlds, rotation: Tensor) -> None:
    """Give the objects rotations (N, 4) xyzw, at rest in mid-air."""
    worlds.sim.qpos[:, -4:] = rotation[:, [3, 0, 1, 2]]
    worlds.sim.qvel[:] = 0.0
    worlds.sim.forward()


def test_turns_compose_in_the_order_of_the_original() -> None:
    angle = torch.tensor([0.4], dtype=torch.float64)
    torch.testing.assert_close(turn(angle, 2)[0, 2:], torch.tensor([math.sin(0.2), math.cos(0.2)]).double())
    rotations = random_rotation(torch.ones(4000, dtype=torch.bool), torch.Generator().manual_seed(0))
    torch.testing.assert_close(rotations.norm(dim=-1), torch.ones(4000, dtype=torch.float64))
    assert quat_axis(rotations, 0)[:, 0].std() > 0.6  # cos of the turn about y
    x_of_y, y_of_y, _ = quat_axis(rotations, 1).unbind(-1)
    assert x_of_y.abs().max() < 1e-9  # y stays in the y-z plane when a turn about x comes last
    assert y_of_y.std() > 0.6


def test_an_episode_starts_with_an_open_hand_and_the_object_above() -> None:
    worlds = Worlds(CUBE, 2000)
    state = worlds.state()
    lower, upper = worlds.task.limits(state.object_pos)
    offset = state.object_pos - torch.tensor(worlds.task.object_start)
    assert offset.abs().max() <= 0.01 + 1e-6
    assert offset.amax(0).min() > 0.0095
    assert (offset.mean(0).abs() < 5e-4).all()
    share = (state.shadow_hand_dof_pos - 0.2 * lower) / (0.2 * (upper - lower))
    assert share.min() > -1e-5
    assert share.max() < 1.0 + 1e-5
    torch.testing.assert_close(share.mean(0), torch.full((24,), 0.5), atol=0.03, rtol=0.0)
    for still in (
        state.shadow_hand_dof_vel,
        state.object_linvel,
        state.object_angvel,
        state.dof_force_tensor,
    ):
        assert still.abs().max() == 0.0
    targets = worlds.sim.ctrl.float()
    torch.testing.assert_close(targets, state.shadow_hand_dof_pos[:, list(worlds.task.actuated)])
    assert quat_diff_rad(state.object_rot, state.goal_rot).mean() > 1.5
    assert (state.goal_pos == torch.tensor(worlds.task.goal_position)).all()


def test_actions_are_absolute_targets_within_the_joint_limits() -> None:
    worlds = Worlds(CUBE, 3)
    worlds.step(torch.tensor([[-1.0], [0.0], [1.0]]).expand(3, 20))
    lower, upper = (limit[list(worlds.task.actuated)] for limit in worlds.task.limits(worlds.sim.ctrl))
    torch.testing.assert_close(worlds.sim.ctrl, torch.stack([lower, 0.5 * (lower + upper), upper]))


def test_a_goal_counts_within_the_tolerance_and_is_replaced_before_the_next_step() -> None:
    worlds = Worlds(CUBE, 3)
    worlds.step(worlds.still())
    goal = worlds.carried.goal_rot.clone()
    near = torch.cat([turned(goal[:1], 0.0995), -turned(goal[1:2], 0.05), turned(goal[2:], 0.1005)])
    put(worlds, near)
    state = worlds.state()
    assert worlds.task.score(state).tolist() == [1.0, 1.0, 0.0]
    torch.testing.assert_close(worlds.state().goal_rot, goal.float())
    state, _ = worlds.step(worlds.still())
    changed = (state.goal_rot - goal.float()).abs().amax(-1) > 1e-3
    assert changed.tolist() == [True, True, False]
    marker = wxyz_to_xyzw(worlds.sim.mocap_quat[:, 0])
    torch.testing.assert_close(marker, worlds.carried.goal_rot)
    assert not worlds.task.terminated(state).any()


def test_a_goal_met_by_the_start_pose_stands_until_a_step_has_counted_it() -> None:
    worlds = Worlds(CUBE, 2)
    goal = worlds.carried.goal_rot.clone()
    put(worlds, goal.float())
    state, _ = worlds.step(worlds.still())
    torch.testing.assert_close(state.goal_rot, goal.float())
    assert worlds.task.score(state).tolist() == [1.0, 1.0]


def test_new_goals_come_from_the_generator_that_is_given() -> None:
    ends = []
    for _ in range(2):
        worlds = Worlds(CUBE, 4, seed=5)
        for _ in range(3):
            worlds.step(worlds.still())
            put(worlds, worlds.carried.goal_rot.float())
        ends.append(worlds.carried.goal_rot.clone())
    assert torch.equal(*ends)
    assert (ends[0][0] - ends[0][1]).abs().max() > 1e-3
    assert not any(isinstance(value, torch.Generator) for value in vars(worlds.carried).values())


def test_an_episode_ends_far_from_the_goal_position() -> None:
    worlds = Worlds(CUBE, 3)
    state = worlds.state()
    state.object_pos = state.goal_pos + torch.tensor(
        [[0.0, 0.0, -0.239], [0.17, 0.171, 0.0], [0.0, 0.0, 0.0]]
    )
    assert worlds.task.terminated(state).tolist() == [False, True, False]
    assert worlds.task.fitness is Fitness.COUNT
    assert worlds.task.goal_bonus == 250.0


def test_reading_twice_gives_the_same_and_rows_agree() -> None:
    worlds = Worlds(CUBE, 4)
    for _ in range(10):
        state, _ = worlds.step(worlds.draw())
    for name, value in vars(worlds.state()).items():
        assert torch.equal(value, getattr(state, name)), name
        assert value.dtype == torch.float32
    assert torch.equal(state.object_pose, torch.cat([state.object_pos, state.object_rot], -1))
    assert torch.equal(state.goal_pose, torch.cat([state.goal_pos, state.goal_rot], -1))
    assert torch.equal(state.goal_states[:, :7], state.goal_pose)
    assert state.goal_states[:, 7:].abs().max() == 0.0


def test_object_velocities_are_in_the_world_frame() -> None:
    worlds = Worlds(CUBE, 8)
    worlds.sim.qpos[:, -5] = 0.75  # out of the hand's reach
    worlds.sim.qvel[:, -3:] = torch.tensor([2.0, -1.0, 3.0])
    worlds.sim.forward()
    before = worlds.state()
    after, _ = worlds.step(worlds.still())
    step = quat_mul(after.object_rot, quat_conjugate(before.object_rot))
    spin = 2.0 * step[:, :3] * step[:, 3:].sign() / worlds.task.timing.control_dt
    torch.testing.assert_close(spin, before.object_angvel, atol=0.05, rtol=0.0)
    moved = (after.object_pos - before.object_pos) / worlds.task.timing.control_dt
    torch.testing.assert_close(moved, after.object_linvel, atol=0.05, rtol=0.0)


def test_common_observation_slices() -> None:
    worlds = Worlds(CUBE, 3)
    for _ in range(20):
        state, _ = worlds.step(worlds.draw())
    seen = worlds.task.observe(state, worlds.still())
    lower, upper = worlds.task.limits(seen)
    expected: list[tuple[int, int, Any]] = [
        (0, 24, (2.0 * state.shadow_hand_dof_pos - upper - lower) / (upper - lower)),
        (24, 48, 0.2 * state.shadow_hand_dof_vel),
        (48, 72, 10.0 * state.dof_force_tensor),
        (72, 75, state.object_pos),
        (75, 79, state.object_rot),
        (79, 82, state.object_linvel),
        (82, 85, 0.2 * state.object_angvel),
        (85, 88, state.goal_pos),
        (88, 92, state.goal_rot),
        (92, 96, quat_mul(state.object_rot, quat_conjugate(state.goal_rot))),
    ]
    for start, end, value in expected:
        torch.testing.assert_close(seen[:, start:end], value)


def test_the_policy_sees_clipped_values_and_episodes_last_600_steps() -> None:
    environment = Environment(Worlds(CUBE, 1).task, worlds=4, seed=0)
    assert environment.observations.shape == (4, 211)
    for _ in range(20):
        environment.step(torch.ones(4, 20))
    assert environment.observations.abs().max() == 5.0
    assert environment.task.timing.episode_steps == 600
    assert environment.task.timing.control_dt == pytest.approx(0.01667)
