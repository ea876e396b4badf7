"""The Allegro hand: its facts, its joints, a cube that rests on it, and the task of turning that cube."""

from __future__ import annotations

import math
from typing import Any

import mujoco
import numpy as np
import pytest
import torch
from torch import Tensor

from harness.registry import expert_reward, load_task
from harness.rewards import compile_reward
from harness.rotations import quat_conjugate, quat_from_angle_axis, quat_mul
from harness.sim import compile_scene
from suites.models.allegro_hand import JOINTS, allegro_hand
from tests.suites.worlds import Worlds

NAME = "allegro_hand"
FINGER = [(-0.558489, 0.558489)] + [(-0.279244, 1.727825)] * 3
THUMB = [(0.279244, 1.570750), (-0.331603, 1.151883), (-0.279244, 1.727825), (-0.279244, 1.762731)]
LIMITS = np.array(FINGER * 3 + THUMB)
HAND_MASS = (
    0.05 + 0.4154 + 3 * (0.0119 + 0.065 + 0.0355 + 0.0096) + 0.0176 + 0.0119 + 0.038 + 0.0388 + 4 * 0.021
)
GOAL = torch.tensor([0.0, -0.20, 0.52])


def hand(physics_dt: float) -> tuple[mujoco.MjModel, mujoco.MjData]:
    """The hand alone, its joints at 0 or the nearest limit."""
    spec = allegro_hand(physics_dt)
    spec.option.timestep = physics_dt
    model = spec.compile()
    data = mujoco.MjData(model)
    data.qpos[:] = data.ctrl[:] = np.clip(0.0, *LIMITS.T)
    mujoco.mj_forward(model, data)
    return model, data


def follow(steps: int) -> np.ndarray:
    """Joint angles (24, 16) at every control step, towards far and back, with `steps` physics steps in each."""
    model, data = hand(0.03334 / steps)
    low, high = LIMITS.T
    angles = []
    for control in range(24):
        data.ctrl[:] = low + (0.8 if control < 12 else 0.1) * (high - low)
        mujoco.mj_step(model, data, steps)
        angles.append(data.qpos.copy())
    return np.array(angles)


def held(state: Any) -> Tensor:
    """Worlds (N,) bool in which the cube is on the hand."""
    return (state.object_pos - GOAL).norm(dim=-1) < 0.1


def idle(worlds: Worlds, seconds: float) -> None:
    """Let physics go on, the servos holding the start pose."""
    worlds.sim.step(round(seconds / worlds.task.timing.physics_dt))


def unstable_steps(worlds: Worlds, steps: int, hold: int) -> int:
    """How often a world fails in `steps` physics steps of random actions, each (or its sign) held `hold` times."""
    failures = 0
    for step in range(steps // worlds.task.timing.physics_steps):
        if step % hold == 0:
            actions = worlds.draw() if hold == 1 else worlds.draw().sign()
        state, unstable = worlds.step(actions)
        failures += int(unstable.sum())
        assert state.shadow_hand_dof_vel.abs().max() < 60.0
        assert state.object_linvel.abs().max() < 6.0
        worlds.reset(worlds.task.terminated(state) | unstable)
    return failures


def test_bodies_joints_and_servos_are_those_of_the_fact_sheet() -> None:
    model = compile_scene(load_task(NAME))
    assert [model.joint(i).name for i in range(17)] == [*JOINTS, "object"]
    assert [model.actuator(i).name for i in range(model.nu)] == list(JOINTS)
    assert [int(i) for i in model.actuator_trnid[:, 0]] == list(range(16))
    assert (model.nq, model.nv, model.nu, model.nbody - 1) == (16 + 7, 16 + 6, 16, 22 + 2)
    assert model.jnt_limited[:16].all()
    for ranges in (model.jnt_range[:16], model.actuator_ctrlrange):
        np.testing.assert_allclose(ranges, LIMITS, atol=1e-6)
    np.testing.assert_allclose(model.actuator_gainprm[:, 0], 3.0)
    np.testing.assert_allclose(model.actuator_biasprm[:, 1], -3.0)
    np.testing.assert_allclose(model.actuator_forcerange, [[-0.5, 0.5]] * 16)
    np.testing.assert_allclose(model.dof_damping[:16], 0.1)
    hand_mass = model.body("allegro_mount").subtreemass[0]
    assert hand_mass == pytest.approx(HAND_MASS, rel=1e-6)
    cube = model.body("object")
    assert cube.mass[0] == pytest.approx(0.10985, rel=1e-4)
    np.testing.assert_allclose(cube.inertia, 7.7353e-5, rtol=1e-4)


def test_the_palm_faces_up_and_the_fingers_start_where_they_should() -> None:
    _, data = hand(0.01)
    for body, place in {
        "palm_link": (-0.0088, -0.0824, 0.5127),
        "index_link_0": (-0.0451, -0.1326, 0.4966),
        "middle_link_0": (0.0, -0.1349, 0.4964),
        "ring_link_0": (0.0451, -0.1326, 0.4966),
        "thumb_link_0": (-0.0169, -0.0431, 0.4868),
    }.items():
        np.testing.assert_allclose(data.body(body).xpos, place, atol=1e-4, err_msg=body)
    axes = data.body("palm_link").xmat.reshape(3, 3)
    np.testing.assert_allclose(axes[:, 0], [0, -0.9956, -0.0941], atol=1e-4)
    np.testing.assert_allclose(axes[:, 2], [0, -0.0941, 0.9956], atol=1e-4)
    assert all(data.geom(f"{finger}_biotac_tip").xpos[1] < -0.26 for finger in ("index", "middle", "ring"))
    assert data.geom("thumb_biotac_tip").xpos[0] < -0.12


def test_nothing_touches_at_rest_nor_when_the_hand_is_a_fist() -> None:
    model, data = hand(0.01)
    assert data.ncon == 0
    data.qpos[:] = LIMITS[:, 1]
    mujoco.mj_forward(model, data)
    assert data.ncon == 0


def test_the_hand_is_weightless() -> None:
    model, data = hand(0.01)
    mujoco.mj_step(model, data, 300)
    np.testing.assert_allclose(data.qpos, np.clip(0.0, *LIMITS.T), atol=1e-4)


def test_three_physics_steps_follow_targets_like_many() -> None:
    fine, coarse = follow(64), follow(3)
    np.testing.assert_allclose(coarse, fine, atol=0.02)
    low, high = LIMITS.T
    np.testing.assert_allclose(fine[11], low + 0.8 * (high - low), atol=0.02)
    assert 4.5 < (np.diff(fine, axis=0) / 0.03334).max() < 5.5


def test_a_dropped_cube_mostly_comes_to_rest_on_the_hand() -> None:
    worlds = Worlds(NAME, 64)
    idle(worlds, 4.0)
    before = worlds.state()
    kept = held(before)
    assert kept.float().mean() > 0.6
    idle(worlds, 10.0)
    after = worlds.state()
    assert (held(after) == kept).all()
    creep = (after.object_pos - before.object_pos)[kept].norm(dim=-1)
    turned = quat_mul(after.object_rot, quat_conjugate(before.object_rot))[kept, :3].norm(dim=-1) * 2
    assert creep.median() < 1e-3
    assert creep.quantile(0.9) < 3e-3
    assert turned.quantile(0.9) < 0.1
    assert after.object_linvel[kept].norm(dim=-1).quantile(0.9) < 1e-3
    assert after.object_angvel[kept].norm(dim=-1).quantile(0.9) < 0.03
    assert (after.object_pos[kept, 2] > 0.51).all()


def test_no_world_fails_under_random_and_extreme_actions() -> None:
    assert unstable_steps(Worlds(NAME, 64), 600, hold=1) == 0
    assert unstable_steps(Worlds(NAME, 64, seed=1), 600, hold=50) == 0


@pytest.mark.slow
def test_no_world_fails_for_long() -> None:
    assert unstable_steps(Worlds(NAME, 64), 10_000, hold=1) == 0
    assert unstable_steps(Worlds(NAME, 64, seed=1), 10_000, hold=50) == 0


def test_an_episode_starts_with_a_lifted_cube_and_near_straight_fingers() -> None:
    worlds = Worlds(NAME, 1000)
    state = worlds.state()
    shift = state.object_pos - torch.tensor([0.0, -0.20, 0.56])
    assert 0.0098 < shift.abs().max() <= 0.010001
    assert shift.mean(0).abs().max() < 1e-3
    low, high = torch.from_numpy(LIMITS).float().T
    joints, thumb = state.shadow_hand_dof_pos, 12
    assert (joints >= torch.maximum(0.2 * low, low) - 1e-5).all()
    assert (joints <= torch.maximum(0.2 * high, low) + 1e-5).all()
    middle = (0.1 * (low + high)).expand_as(joints)
    free = [j for j in range(16) if j != thumb]
    torch.testing.assert_close(joints.mean(0)[free], middle[0, free], atol=0.02, rtol=0.0)
    assert (joints[:, thumb] == joints[:, thumb].min()).float().mean() > 0.7  # drawn below its limit
    torch.testing.assert_close(worlds.sim.ctrl.float(), joints)
    assert state.object_linvel.abs().max() == state.shadow_hand_dof_vel.abs().max() == 0.0
    torch.testing.assert_close(state.goal_pos, GOAL.expand(1000, 3))
    assert (state.object_pos - state.goal_pos).norm(dim=-1).max() < 0.06


def test_actions_are_angles_within_the_limits() -> None:
    worlds = Worlds(NAME, 3)
    actions = torch.tensor([-1.0, 0.0, 1.0])[:, None].expand(3, 16)
    worlds.task.act(worlds.sim, worlds.carried, actions, worlds.rng)
    expected = np.stack([LIMITS[:, 0], LIMITS.mean(1), LIMITS[:, 1]])
    np.testing.assert_allclose(worlds.sim.ctrl.numpy(), expected, atol=1e-6)


def test_observation_slices() -> None:
    worlds = Worlds(NAME, 4)
    for _ in range(8):
        actions = worlds.draw()
        state, _ = worlds.step(actions)
    seen = worlds.task.observe(state, actions)
    low, high = torch.from_numpy(LIMITS).float().T
    assert seen.shape == (4, 88)
    assert state.shadow_hand_dof_vel.abs().max() > 1.0
    assert state.dof_force_tensor.abs().max() == 0.0  # not measured in the original
    for columns, expected in (
        (slice(0, 16), (state.shadow_hand_dof_pos - low) / (high - low) * 2 - 1),
        (slice(16, 32), state.shadow_hand_dof_vel * 0.2),
        (slice(32, 48), torch.zeros(4, 16)),
        (slice(48, 51), state.object_pos),
        (slice(51, 55), state.object_rot),
        (slice(55, 58), state.object_linvel),
        (slice(58, 61), state.object_angvel * 0.2),
        (slice(61, 64), state.goal_pos),
        (slice(64, 68), state.goal_rot),
        (slice(68, 72), quat_mul(state.object_rot, quat_conjugate(state.goal_rot))),
        (slice(72, 88), actions),
    ):
        torch.testing.assert_close(seen[:, columns], expected, atol=1e-5, rtol=1e-5)


def test_rewards_follow_their_formulas() -> None:
    task = load_task(NAME)
    human, sparse = (compile_reward(expert_reward(kind, NAME), task, 3) for kind in ("human", "sparse"))
    worlds = Worlds(NAME, 3)
    state, actions = worlds.state(), worlds.draw()
    angles = torch.tensor([0.05, 0.15, 2.0])
    turns = quat_from_angle_axis(angles, torch.tensor([[1.0, 2.0, -1.0]] * 3))
    state.object_rot = quat_mul(turns, state.goal_rot) * torch.tensor([[1.0], [-1.0], [-1.0]])
    state.object_pos = state.goal_pos + torch.tensor([0.03, 0.0, -0.04])
    named = {**vars(state), "actions": actions}
    reward, _ = human(named)
    for world, angle in enumerate(angles.tolist()):
        expected = -0.5 + 1 / (angle + 0.1) - 0.0002 * actions[world].square().sum().item()
        expected += 250.0 if world == 0 else 0.0
        assert reward[world].item() == pytest.approx(expected, rel=1e-3), world
    assert sparse(named)[0].tolist() == task.score(state).tolist() == [1.0, 0.0, 0.0]


def test_a_lost_cube_ends_the_episode() -> None:
    worlds = Worlds(NAME, 3)
    state = worlds.state()
    state.object_pos = GOAL - torch.tensor([[0.0, 0.0, d] for d in (0.0, 0.2399, 0.2401)])
    assert worlds.task.terminated(state).tolist() == [False, False, True]
    assert math.isclose(worlds.task.timing.control_dt, 0.03334)
