"""Franka cabinet: frames, starts, targets, and a drawer that can be opened as the expert reward wants it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from baselines.human_rewards.isaac.franka_cabinet import compute_reward as human_reward
from baselines.sparse_rewards.isaac.franka_cabinet import compute_reward as sparse_reward
from harness.rotations import quat_axis
from suites.isaac.franka_cabinet import START, FrankaCabinet
from tests.suites.reaching import reach
from tests.suites.worlds import Worlds

LOWER = torch.tensor([-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973, 0.0, 0.0])
UPPER = torch.tensor([2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973, 0.04, 0.04])
STEP = torch.tensor([0.125] * 7 + [0.0125] * 2)
HANDLE = (0.352, 0.0, 0.7264)  # m, where the fingertips' middle grasps it


def rewards(state: FrankaCabinet.State, actions: Tensor) -> Tensor:
    """The human reward (N,) of a live state."""
    total, parts = human_reward(
        actions,
        state.franka_grasp_pos,
        state.franka_grasp_rot,
        state.drawer_grasp_pos,
        state.drawer_grasp_rot,
        state.franka_lfinger_pos,
        state.franka_rfinger_pos,
        state.cabinet_dof_pos,
    )
    torch.testing.assert_close(total, torch.stack(list(parts.values())).sum(0))
    return total


def test_an_episode_starts_near_the_default_pose_with_targets_there() -> None:
    worlds = Worlds("franka_cabinet", 800)
    joints = worlds.state().franka_dof_pos
    low = torch.tensor(START).sub(0.125).clamp(LOWER, UPPER)
    high = torch.tensor(START).add(0.125).clamp(LOWER, UPPER)
    assert (joints >= low - 1e-6).all()
    assert (joints <= high + 1e-6).all()
    torch.testing.assert_close(joints.amin(0), low, atol=4e-3, rtol=0)
    torch.testing.assert_close(joints.amax(0), high, atol=4e-3, rtol=0)
    assert worlds.state().franka_dof_vel.abs().max() == 0
    assert worlds.state().cabinet_dof_pos.abs().max() == 0
    torch.testing.assert_close(worlds.sim.ctrl.float(), joints)
    torch.testing.assert_close(worlds.carried.targets.float(), joints)
    assert worlds.sim.ncon.max() == 0
    before = worlds.state().rigid_body_states[:, :10, :3]
    for _ in range(20):
        worlds.step(worlds.still())
    torch.testing.assert_close(worlds.state().rigid_body_states[:, :10, :3], before, atol=1e-5, rtol=0)


def test_targets_integrate_actions_within_the_limits_and_outlive_the_step() -> None:
    worlds = Worlds("franka_cabinet", 2)
    worlds.carried.targets[:] = worlds.sim.qpos[:, :9] = torch.tensor(START).double()
    start = worlds.carried.targets.clone()
    push = torch.zeros(2, 9)
    push[0] = torch.tensor([1.0, -1.0, 0.5, 0.0, 0.2, 0.4, -0.6, -0.5, -0.8])
    worlds.step(push)
    worlds.step(worlds.still())
    torch.testing.assert_close(worlds.carried.targets[0] - start[0], (STEP * push[0]).double())
    torch.testing.assert_close(worlds.carried.targets[1], start[1])
    for _ in range(60):
        worlds.step(push.sign())
    torch.testing.assert_close(
        worlds.carried.targets[0, :3].float(), torch.stack([UPPER[0], LOWER[1], UPPER[2]])
    )
    assert (worlds.carried.targets[0, 7:] == 0).all()


def test_the_arm_keeps_to_its_top_speeds() -> None:
    """A far target moves a joint that meets nothing at its rated speed, not faster."""
    worlds = Worlds("franka_cabinet", 7)
    away = torch.eye(7, 9) * torch.tensor([1.0, 1, -1, 1, 1, 1, -1, 0, 0])
    speeds = []
    for _ in range(60):
        state, _ = worlds.step(away)
        speeds.append(state.franka_dof_vel[:, :7].diagonal().abs())
    fastest = torch.stack(speeds).amax(0)
    rated = torch.tensor([2.175] * 4 + [2.61] * 3)
    assert (fastest < 1.05 * rated).all()
    assert (fastest[[0, 2, 4, 6]] > 0.9 * rated[[0, 2, 4, 6]]).all()


def test_grasp_frames() -> None:
    worlds = Worlds("franka_cabinet", 8)
    for _ in range(30):
        state, _ = worlds.step(worlds.draw())
    travel, ahead = quat_axis(state.franka_grasp_rot, 1), quat_axis(state.franka_grasp_rot, 2)
    spread = state.franka_dof_pos[:, 7:].sum(-1, keepdim=True)
    torch.testing.assert_close(
        state.franka_lfinger_pos - state.franka_rfinger_pos, spread * travel, atol=1e-5, rtol=0
    )
    link7 = state.rigid_body_states[:, 7]
    sideways = quat_axis(link7[:, 3:7], 1)
    torch.testing.assert_close(state.franka_grasp_pos, link7[:, :3] + 0.04 * sideways + 0.1654 * ahead)
    torch.testing.assert_close((sideways * travel).sum(-1), torch.full((8,), math.sqrt(0.5)))
    left = link7[:, :3] + 0.1654 * ahead + state.franka_dof_pos[:, 7:8] * travel
    torch.testing.assert_close(state.franka_lfinger_pos, left, atol=1e-5, rtol=0)
    torch.testing.assert_close(
        state.franka_lfinger_rot.abs(), state.franka_grasp_rot.abs(), atol=1e-5, rtol=0
    )
    torch.testing.assert_close(state.franka_rfinger_rot, state.franka_lfinger_rot)

    worlds.sim.qpos[:, 9:] = torch.tensor([0.0, 0.0, 0.0, 0.25])
    worlds.sim.forward()
    drawer = worlds.state()
    torch.testing.assert_close(drawer.drawer_grasp_pos, torch.tensor([0.6015, 0.01, 0.7172]).expand(8, 3))
    torch.testing.assert_close(drawer.drawer_grasp_rot, torch.tensor([0.0, 0, 0, 1]).expand(8, 4))


def test_rigid_body_rows() -> None:
    worlds = Worlds("franka_cabinet", 3)
    worlds.sim.qpos[:, 9:] = torch.tensor([-0.5, 0.3, 0.1, 0.2])
    worlds.sim.qvel[:, 9:] = torch.tensor([-0.1, 0.0, 0.0, 0.4])
    worlds.sim.forward()
    state = worlds.state()
    rows = state.rigid_body_states
    assert rows.shape == (3, 31, 13)
    torch.testing.assert_close(rows[:, 0, :3], torch.tensor([1.0, 0, 0]).expand(3, 3))
    torch.testing.assert_close(rows[:, 8, :3], state.franka_lfinger_pos)
    torch.testing.assert_close(rows[:, 9, :3], state.franka_rfinger_pos)
    torch.testing.assert_close(rows[0, 10, :3], torch.tensor([0.0, 0.0, 0.4]))
    hinge = torch.tensor([0.0, 0.0, math.sin(-0.25), math.cos(-0.25)])
    torch.testing.assert_close(
        rows[0, 11],
        torch.cat([torch.tensor([0.3162, -0.3757, 0.27027]), hinge, torch.tensor([0, 0, 0, 0, 0, -0.1])]),
    )
    torch.testing.assert_close(rows[0, 13, :3], torch.tensor([0.1515, 0.0, 0.58795]))
    torch.testing.assert_close(rows[0, 14, :3], torch.tensor([0.2515, 0.0, 0.7172]))
    boxes = rows[:, 15:]
    grid = {
        (round(0.2515 + x, 4), round(y, 4))
        for x in (-0.135, -0.045, 0.045, 0.135)
        for y in (-0.135, -0.045, 0.045, 0.135)
    }
    assert {(round(x, 4), round(y, 4)) for x, y in boxes[0, :, :2].tolist()} == grid
    torch.testing.assert_close(boxes[:, :, 7:], torch.tensor([0.4, 0, 0, 0, 0, 0]).expand(3, 16, 6))


def test_observation_slices() -> None:
    worlds = Worlds("franka_cabinet", 4)
    for _ in range(20):
        state, _ = worlds.step(worlds.draw())
    seen = worlds.task.observe(state, worlds.still())
    assert seen.shape == (4, 23)
    torch.testing.assert_close(seen[:, :9], 2 * (state.franka_dof_pos - LOWER) / (UPPER - LOWER) - 1)
    torch.testing.assert_close(seen[:, 9:18], 0.1 * state.franka_dof_vel)
    torch.testing.assert_close(seen[:, 18:21], state.drawer_grasp_pos - state.franka_grasp_pos)
    torch.testing.assert_close(seen[:, 21], state.cabinet_dof_pos[:, 3])
    torch.testing.assert_close(seen[:, 22], state.cabinet_dof_vel[:, 3])


def test_a_careful_operator_opens_the_drawer_and_the_expert_reward_follows() -> None:
    """Through the task's actions: reach the handle, fingers above and below it, close them, pull.

    Half the worlds reach, grasp and pull; the others do the same without closing, and open nothing.
    """
    worlds = Worlds("franka_cabinet", 4)
    grip = torch.tensor([1.0, 1.0, 0.0, 0.0]).double()
    model = worlds.sim.model
    ready = reach(model, np.array(START[:7]), (0.46, *HANDLE[1:]), steps=150)
    grasp = reach(model, ready, HANDLE)
    pull = [grasp]
    for x in np.arange(HANDLE[0] + 0.04, HANDLE[0] + 0.43, 0.04):
        pull.append(reach(model, pull[-1], (x, *HANDLE[1:])))
    plan = [(ready, 0.0, 60), (ready, 0.0, 50), (grasp, 0.0, 60), (grasp, 1.0, 40)]
    plan += [(joints, 1.0, 10) for joints in pull[1:]] + [(pull[-1], 1.0, 40)]

    milestones, ended = [], torch.zeros(4, dtype=torch.bool)
    for goal, closed, count in plan:
        start = worlds.carried.targets.clone()
        fingers = 0.04 * (1 - closed * grip)[:, None].expand(4, 2)
        end = torch.cat([torch.tensor(goal).expand(4, 7), fingers], dim=1)
        for step in range(1, count + 1):
            wanted = start + (end - start) * (step / count)
            actions = ((wanted - worlds.carried.targets) / STEP).clamp(-1, 1).float()
            state, unstable = worlds.step(actions)
            assert not unstable.any()
            ended |= worlds.task.terminated(state)
        milestones.append(rewards(state, actions))
        if goal is grasp and closed:
            gap = state.franka_dof_pos[:2, 7:].sum(-1)
            torch.testing.assert_close(gap, torch.full((2,), 0.0243), atol=1.5e-3, rtol=0)  # the bar is held
    assert sum(count for *_, count in plan) < 500
    assert ended.tolist() == [True, True, False, False]
    assert worlds.task.score(state).tolist() == [1.0, 1.0, 0.0, 0.0]
    assert (state.cabinet_dof_pos[2:, 3] < 0.05).all()
    rising = torch.stack(milestones[1:])[:, :2]
    assert (rising.diff(dim=0) > 0).all()
    assert (rising[-1] > 8.0).all()
    assert (torch.stack(milestones)[:, 2:] < 4.0).all()


def test_the_human_reward_by_hand() -> None:
    def reward(
        grasp: list[float], turn: list[float], left: list[float], right: list[float], opening: float
    ) -> float:
        cabinet = torch.tensor([[0.7, 0.8, 0.9, opening]])
        drawer = torch.tensor([[0.4, 0.0, 0.7]]), torch.tensor([[0.0, 0.0, 0.0, 1.0]])
        hand = torch.tensor([grasp]), torch.tensor([turn])
        actions = torch.full((1, 9), 0.5)
        return human_reward(actions, *hand, *drawer, torch.tensor([left]), torch.tensor([right]), cabinet)[
            0
        ].item()

    effort = -0.01 * 9 * 0.25
    level = [0.0, 0.0, 0.0, 1.0]  # forward along z, fingers along y: both across the wanted directions
    wanted, opposite = [-0.5, 0.5, 0.5, -0.5], [0.5, 0.5, 0.5, 0.5]
    for turn, ahead, travel in ((wanted, [-1.0, 0, 0], [0.0, 0, 1]), (opposite, [1.0, 0, 0], [0.0, 0, 1])):
        torch.testing.assert_close(quat_axis(torch.tensor(turn), 2), torch.tensor(ahead))
        torch.testing.assert_close(quat_axis(torch.tensor(turn), 1), torch.tensor(travel))
    top, under = [0.4, 0.0, 0.71], [0.4, 0.0, 0.68]

    far = reward([0.4, 0.3, 0.7], level, top, top, 0.0)
    assert far == pytest.approx(2 / 1.09**2 + effort, rel=1e-5)
    near = reward([0.41, 0.0, 0.7], wanted, top, top, 0.0)
    assert near == pytest.approx(4 / 1.0001**2 + 0.5 + effort, rel=1e-5)
    away = reward([0.41, 0.0, 0.7], opposite, top, top, 0.0)
    assert away == pytest.approx(4 / 1.0001**2 + effort, rel=1e-5)
    for opening, bonus in ((0.0, 0.0), (0.1, 0.5), (0.3, 1.0), (0.395, 2.0)):
        straddling = reward([0.41, 0.0, 0.7], wanted, top, under, opening)
        parts = 0.25 * 0.5 + 5 * (0.03 + 0.02) + 7.5 * 1.5 * opening + bonus
        assert straddling == pytest.approx(4 / 1.0001**2 + 0.5 + parts + effort, rel=1e-5)
    assert reward([0.41, 0.0, 0.7], wanted, [0.35, 0, 0.71], under, 0.3) == -1.0
    assert reward([0.41, 0.0, 0.7], wanted, top, [0.35, 0, 0.68], 0.3) == -1.0


def test_ends_score_and_sparse_reward() -> None:
    worlds = Worlds("franka_cabinet", 3)
    worlds.sim.qpos[:, 9:] = torch.tensor([[-1.5, 1.5, 0.4, 0.0], [0, 0, 0, 0.389], [0, 0, 0, 0.391]])
    worlds.sim.forward()
    state = worlds.state()
    assert worlds.task.terminated(state).tolist() == [False, False, True]
    assert worlds.task.score(state).tolist() == [0.0, 0.0, 1.0]
    assert sparse_reward(state.cabinet_dof_pos)[0].tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize("steps", [500, pytest.param(5000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("hold", [1, 50])
def test_random_and_held_extreme_actions_keep_the_physics_steady(steps: int, hold: int) -> None:
    worlds = Worlds("franka_cabinet", 64)
    for step in range(steps):
        if step % hold == 0:
            actions = worlds.draw() if hold == 1 else worlds.draw().sign()
        state, unstable = worlds.step(actions)
        assert not unstable.any()
        if step % 25 == 0:
            assert worlds.sim.qvel.abs().max() < 50
            assert (state.franka_dof_pos > LOWER - 0.1).all()
            assert (state.franka_dof_pos < UPPER + 0.1).all()
            ended = worlds.task.terminated(state) | torch.full((64,), step % 500 == 475)
            if ended.any():
                worlds.reset(ended)
