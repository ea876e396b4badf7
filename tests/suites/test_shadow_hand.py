"""The Shadow Hand against its fact sheet, and its three tasks."""

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
from harness.rotations import (
    quat_apply,
    quat_axis,
    quat_conjugate,
    quat_diff_rad,
    quat_from_angle_axis,
    quat_mul,
    quat_unit,
)
from harness.sim import compile_scene
from suites.isaac.shadow_hand_spin import ShadowHandSpin
from suites.models.common import SECOND_ROBOT, empty_scene
from suites.models.contact import contact_wrench
from suites.models.draws import turn
from suites.models.shadow_hand import ACTUATED, BODIES, JOINTS, LOWER, TIPS, UPPER, add_shadow_hand
from tests.suites.worlds import Worlds

TASKS = HAND, SPIN, DOWN = "shadow_hand", "shadow_hand_spin", "shadow_hand_upside_down"

ORDER = [
    *("WRJ1", "WRJ0"),
    *(f"{finger}J{number}" for finger in ("FF", "MF", "RF") for number in (3, 2, 1, 0)),
    *(f"{finger}J{number}" for finger in ("LF", "TH") for number in (4, 3, 2, 1, 0)),
]
COUPLED = ("FFJ0", "MFJ0", "RFJ0", "LFJ0")
SPREAD, BEND, FINGER = (-0.349, 0.349), (0.0, 1.571), (0.9, 0.9, 0.7245)
RANGES = [
    *[(-0.489, 0.14), (-0.698, 0.489)],
    *[SPREAD, BEND, BEND, BEND] * 3,
    *[(0.0, 0.785), SPREAD, BEND, BEND, BEND],
    *[(-1.047, 1.047), (0.0, 1.222), (-0.209, 0.209), (-0.524, 0.524), (-1.571, 0.0)],
]
EFFORTS = (4.785, 2.175, *FINGER * 3, 0.9, *FINGER, 2.3722, 1.45, 0.99, 0.99, 0.81)


def alone() -> tuple[mujoco.MjModel, mujoco.MjData]:
    """The hand and nothing else."""
    spec = empty_scene()
    spec.option.timestep = 0.01667 / 2
    add_shadow_hand(spec)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    return model, data


def unstable_steps(name: str, worlds: int, steps: int, hold: int) -> int:
    """Failures in `steps` control steps of random actions; extreme ones, `hold` steps each, if held."""
    run = Worlds(name, worlds)
    failures = 0
    for step in range(steps):
        if step % hold == 0:
            actions = run.draw() if hold == 1 else run.draw().sign()
        state, unstable = run.step(actions)
        failures += int(unstable.sum())
        assert state.shadow_hand_dof_vel.abs().max() < 40.0
        assert state.object_linvel.abs().max() < 6.0
        low, high = run.task.limits(state.shadow_hand_dof_pos)
        assert (state.shadow_hand_dof_pos > low - 0.1).all()
        assert (state.shadow_hand_dof_pos < high + 0.1).all()
        run.reset(run.task.terminated(state) | unstable)
    return failures


def test_joints_servos_and_bodies_come_in_the_listed_order() -> None:
    model = compile_scene(load_task(HAND))
    driven = [name for name in ORDER if name not in COUPLED]
    assert [model.joint(i).name for i in range(24)] == [joint.name for joint in JOINTS] == ORDER
    assert [model.actuator(i).name for i in range(model.nu)] == driven
    assert [ORDER[int(i)] for i in model.actuator_trnid[:, 0]] == driven
    assert [ORDER[i] for i in ACTUATED] == driven
    assert tuple(model.body(i + 1).name for i in range(26)) == BODIES
    assert [BODIES.index(tip) for tip in TIPS] == [7, 11, 15, 20, 25]
    assert (model.nbody, model.nv, model.ntendon, model.npair) == (29, 30, 4, 18)


def test_ranges_gains_and_masses() -> None:
    model, data = alone()
    np.testing.assert_allclose(model.jnt_range, RANGES)
    np.testing.assert_allclose(np.transpose([LOWER, UPPER]), RANGES)
    np.testing.assert_allclose(model.actuator_ctrlrange, [RANGES[i] for i in ACTUATED])
    np.testing.assert_allclose(model.actuator_forcerange, [(-e, e) for e in EFFORTS])
    np.testing.assert_allclose(model.actuator_gainprm[:, 0], [5.0, 5.0, *[1.0] * 18])
    np.testing.assert_allclose(model.actuator_biasprm[:, 1:3], [(-5.0, 0.0)] * 2 + [(-1.0, 0.0)] * 18)
    np.testing.assert_allclose(model.dof_damping, [0.5, 0.5, *[0.1] * 22])
    np.testing.assert_allclose(model.dof_armature, [0.005, 0.005, *[0.001] * 22])
    assert model.body_mass.sum() == pytest.approx(5.011)
    in_mount = data.body("hand_mount").xmat.reshape(3, 3).T @ (data.subtree_com[1] - [0.0, 0.0, 0.5])
    np.testing.assert_allclose(in_mount, [0.00164, 0.00811, 0.29166], atol=1e-5)


def test_fingers_point_along_minus_y_and_the_palm_up() -> None:
    model, data = alone()
    assert data.ncon == 0
    points = {"palm": (0.0, -0.29, 0.49), "mfknuckle": (-0.011, -0.389, 0.49), "wrist": (0.0, -0.256, 0.49)}
    for body, point in points.items():
        np.testing.assert_allclose(data.body(body).xpos, point, atol=1e-5)
    np.testing.assert_allclose(data.geom("C_palm0").xpos, (-0.011, -0.328, 0.49), atol=1e-5)
    assert data.body("thdistal").xpos[0] < -0.07
    np.testing.assert_allclose(-data.body("palm").xmat.reshape(3, 3)[:, 1], (0.0, 0.0, 1.0), atol=1e-5)
    for finger in ("FF", "MF", "RF", "LF"):
        for joint in ("J2", "J1", "J0"):
            data.joint(finger + joint).qpos[0] = 1.571
    mujoco.mj_forward(model, data)
    assert data.body("mfdistal").xpos[2] > 0.5


def test_the_hand_is_weightless_and_follows_its_targets() -> None:
    model, data = alone()
    mujoco.mj_step(model, data, 240)
    np.testing.assert_allclose(data.qpos, 0.0, atol=2e-4)
    data.ctrl[:] = [RANGES[i][0] + 0.3 * (RANGES[i][1] - RANGES[i][0]) for i in ACTUATED]
    mujoco.mj_step(model, data, 480)
    np.testing.assert_allclose(data.qpos[list(ACTUATED)], data.ctrl, atol=0.15)


@pytest.mark.parametrize("finger", ["FF", "MF", "RF", "LF"])
def test_the_last_joint_follows_the_one_before_within_its_slack(finger: str) -> None:
    model, data = alone()
    middle, last = ORDER.index(f"{finger}J1"), ORDER.index(f"{finger}J0")
    data.actuator(f"{finger}J1").ctrl[0] = 1.2
    mujoco.mj_step(model, data, 480)
    bent = data.qpos[[middle, last]].copy()
    assert bent[0] > 1.0
    assert 1.1418 * bent[0] - 0.2 < bent[1] < 1.1418 * bent[0] - 0.1
    data.actuator(f"{finger}J1").ctrl[0] = 0.0
    mujoco.mj_step(model, data, 480)
    assert data.qpos[last] < 0.3


def test_two_hands_share_a_scene_and_collide_with_each_other_only() -> None:
    spec = empty_scene()
    spec.option.timestep = 0.01667 / 2
    add_shadow_hand(spec, "a_")
    carrier = spec.worldbody.add_body(name="carrier", pos=[0.0, -0.78, 0.5])
    mount = add_shadow_hand(
        spec, "b_", (0.0, 0.0, 0.0), (-0.7071055, 0.7071081, 0.0, 0.0), SECOND_ROBOT, carrier
    )
    assert mount.parent.name == "carrier"
    model = spec.compile()
    data = mujoco.MjData(model)
    assert (model.nv, model.nu, model.npair, model.ntendon) == (48, 40, 36, 8)
    across = 0
    for _ in range(240):
        mujoco.mj_step(model, data)
        for contact in data.contact:
            one, other = (model.geom(int(geom)).name for geom in contact.geom)
            if one[0] != other[0]:
                across += 1
            else:
                assert contact.dim == 1
    assert across > 0
    assert np.abs(data.qpos).max() > 0.02
    assert np.abs(data.qvel).max() < 1.0


@pytest.mark.parametrize("name", TASKS)
def test_random_and_extreme_actions_are_stable(name: str) -> None:
    assert unstable_steps(name, worlds=64, steps=150, hold=1) == 0
    assert unstable_steps(name, worlds=64, steps=150, hold=50) == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", TASKS)
def test_ten_thousand_physics_steps_are_stable(name: str) -> None:
    assert unstable_steps(name, worlds=64, steps=5000, hold=1) == 0
    assert unstable_steps(name, worlds=64, steps=1000, hold=50) == 0


def test_a_cube_lies_still_on_the_idle_hand() -> None:
    worlds = Worlds(HAND, 48)
    worlds.sim.ctrl[:] = 0.0
    worlds.sim.step(360)  # 3 s
    before = worlds.state()
    kept = before.object_pos[:, 2] > 0.45
    assert kept.float().mean() > 0.7
    worlds.sim.step(1200)  # 10 s
    after = worlds.state()
    assert (after.object_pos[kept, 2] > 0.45).float().mean() > 0.95
    creep = (after.object_pos - before.object_pos)[kept].norm(dim=-1)
    assert creep.median() < 1e-3
    assert creep.quantile(0.9) < 2e-3
    assert quat_diff_rad(after.object_rot, before.object_rot)[kept].quantile(0.9) < 0.03
    assert after.object_angvel[kept].norm(dim=-1).median() < 0.01


def test_fingertip_readings_are_the_contact_forces_in_the_frame_of_the_fingertip() -> None:
    worlds = Worlds(HAND, 24)
    model, felt = worlds.sim.model, 0
    for _ in range(60):
        state, _ = worlds.step(torch.ones(24, 20))  # a fist
    for world in range(24):
        data = worlds.sim.data(world)
        mujoco.mj_forward(model, data)  # contacts, forces and sensors of one and the same moment
        tips = [data.body(tip) for tip in TIPS]
        force, torque = contact_wrench(
            torch.tensor(data.sensordata.reshape(5, 9)),
            torch.tensor(np.array([tip.xpos for tip in tips])),
            torch.tensor(np.array([tip.xmat.reshape(3, 3) for tip in tips])),
        )
        for number, tip in enumerate(tips):
            expected = total_wrench(model, data, tip)
            np.testing.assert_allclose(torch.cat([force[number], torque[number]]), expected, atol=1e-6)
            felt += np.abs(expected).max() > 0.05
    assert felt > 10
    read, sim = state.vec_sensor_tensor.view(24, 5, 2, 3), worlds.sim
    ids = [BODIES.index(tip) + 1 for tip in TIPS]
    wrench = contact_wrench(
        sim.sensordata.view(24, 5, 9), sim.xpos[:, ids], sim.xmat[:, ids].view(24, 5, 3, 3)
    )
    torch.testing.assert_close(read, torch.stack(wrench, dim=-2).float())


def total_wrench(model: mujoco.MjModel, data: mujoco.MjData, body: Any) -> np.ndarray[Any, Any]:
    """Force and torque (6,) of all contacts of a body, in its frame, summed one by one."""
    total, wrench = np.zeros(6), np.zeros(6)
    for index, contact in enumerate(data.contact):
        bodies = [model.geom_bodyid[geom] for geom in contact.geom]
        if body.id not in bodies:
            continue
        mujoco.mj_contactForce(model, data, index, wrench)
        axes = contact.frame.reshape(3, 3).T
        sign = 1.0 if bodies[1] == body.id else -1.0  # MuJoCo's force is that on the second geom
        force, torque = sign * axes @ wrench[:3], sign * axes @ wrench[3:]
        total += np.concatenate([force, torque + np.cross(contact.pos - body.xpos, force)])
    inverse = body.xmat.reshape(3, 3).T
    return np.concatenate([inverse @ total[:3], inverse @ total[3:]])


def test_fingertips_efforts_and_bodies_agree_with_the_simulation() -> None:
    worlds = Worlds(HAND, 4)
    for _ in range(20):
        state, _ = worlds.step(worlds.draw())
    tips = [BODIES.index(tip) for tip in TIPS]
    assert state.rigid_body_states.shape == (4, 28, 13)
    assert torch.equal(state.fingertip_state, state.rigid_body_states[:, tips])
    assert torch.equal(state.fingertip_pos, state.fingertip_state[..., :3])
    torch.testing.assert_close(state.fingertip_pos[:, 4], worlds.sim.body("thdistal").xpos.float())
    torch.testing.assert_close(state.rigid_body_states[:, 26, :7], state.object_pose)
    torch.testing.assert_close(state.rigid_body_states[:, 26, 7:10], state.object_linvel)
    marker = torch.tensor([-0.2, -0.06, 0.12]) + state.goal_pos
    torch.testing.assert_close(state.rigid_body_states[:, 27, :3], marker)
    coupled = [ORDER.index(name) for name in COUPLED]
    assert state.dof_force_tensor[:, coupled].abs().max() == 0.0
    torch.testing.assert_close(state.dof_force_tensor[:, list(ACTUATED)], worlds.sim.actuator_force.float())
    actions = worlds.draw()
    seen = worlds.task.observe(state, actions)
    assert seen.shape == (4, 211)
    torch.testing.assert_close(seen[:, 96:109], state.fingertip_state[:, 0])
    torch.testing.assert_close(seen[:, 148:161], state.fingertip_state[:, 4])
    torch.testing.assert_close(seen[:, 161:191], 10.0 * state.vec_sensor_tensor)
    torch.testing.assert_close(seen[:, 191:], actions)


@pytest.mark.parametrize(("name", "start", "goal"), [(SPIN, 0.52, 0.48), (DOWN, 0.48, 0.44)])
def test_the_pen_starts_along_the_fingers(name: str, start: float, goal: float) -> None:
    worlds = Worlds(name, 500)
    state = worlds.state()
    assert state.object_pos[:, 2].mean().item() == pytest.approx(start, abs=1e-3)
    assert state.goal_pos[0].tolist() == pytest.approx([0.0, -0.39, goal])
    axis, across = quat_axis(state.object_rot, 2), quat_axis(state.object_rot, 0)
    assert axis[:, 0].abs().max() < 1e-6
    tilt = torch.atan2(-axis[:, 2], -axis[:, 1])
    assert tilt.abs().max() < 0.3 + 1e-6
    assert tilt.abs().mean() > 0.13
    torch.testing.assert_close(across[:, 0], torch.cos(math.pi * tilt / 0.3), atol=1e-4, rtol=0.0)
    assert worlds.task.tolerance == 0.2


def test_spin_goals_advance_by_thirty_degrees_and_outlive_episodes() -> None:
    worlds = Worlds(SPIN, 2)
    axes = [quat_axis(quat_unit(worlds.state().goal_rot), 2)[0]]
    assert worlds.state().goal_rot.norm(dim=-1).tolist() == pytest.approx([1.280625, 1.280625])
    for _ in range(3):
        worlds.reset(worlds.mask(0))
        axes.append(quat_axis(quat_unit(worlds.state().goal_rot), 2)[0])
    expected = [(0.5, 0.845, 0.190), (0.866, 0.488, 0.110), (1.0, 0.0, 0.0), (0.866, -0.488, -0.110)]
    torch.testing.assert_close(torch.stack(axes), torch.tensor(expected), atol=1e-3, rtol=0.0)
    before = worlds.carried.goal_rot.clone()
    worlds.step(worlds.still())
    worlds.sim.qpos[1, -4:] = quat_unit(before[1])[[3, 0, 1, 2]]
    worlds.step(worlds.still())
    after = worlds.carried.goal_rot
    assert torch.equal(after[0], before[0])
    step = quat_mul(quat_conjugate(quat_unit(before)), quat_unit(after))[1]
    torch.testing.assert_close(
        step, torch.tensor([0.0, math.sin(math.pi / 12), 0.0, math.cos(math.pi / 12)]).double()
    )


@pytest.mark.parametrize(("normalised", "near", "far"), [(False, 0.155, 0.158), (True, 0.199, 0.201)])
def test_long_spin_goals_count_within_a_smaller_angle(normalised: bool, near: float, far: float) -> None:
    class Variant(ShadowHandSpin):
        pass

    Variant.normalised = normalised
    task = Variant()
    carried = task.carry(2, torch.device("cpu"))
    goal = task.new_goal(carried, torch.ones(2, dtype=torch.bool), torch.Generator()).float()
    axis = torch.tensor([[0.0, 0.6, 0.8]] * 2)
    pen = quat_mul(quat_from_angle_axis(torch.tensor([near, far]), axis), quat_unit(goal))
    assert task.reached(pen, goal).tolist() == [True, False]


def test_upside_down_the_palm_is_above_and_an_idle_hand_drops_the_pen() -> None:
    worlds = Worlds(DOWN, 64)
    task = worlds.task
    lower, upper = (limit[list(ACTUATED)] for limit in task.limits(worlds.still()))
    straight = (-(lower + upper) / (upper - lower)).expand(64, -1)
    dropped = torch.stack([task.terminated(worlds.step(straight)[0]) for _ in range(40)])
    assert not dropped[12].any()
    assert dropped[15].any()
    assert dropped[-1].float().mean() > 0.6
    worlds.sim.qpos[:, :24] = 0.0
    worlds.sim.forward()
    palm = worlds.state().rigid_body_states[0, BODIES.index("palm")]
    palmar = quat_apply(palm[3:7], torch.tensor([0.0, -1.0, 0.0]))
    torch.testing.assert_close(palmar, torch.tensor([0.0, 0.0, -1.0]), atol=1e-4, rtol=0.0)
    torch.testing.assert_close(palm[:3], torch.tensor([0.0, -0.29, 0.51]), atol=1e-4, rtol=0.0)


@pytest.mark.parametrize(
    ("name", "scale", "tolerance"), [(HAND, -10.0, 0.1), (SPIN, 0.1, 0.2), (DOWN, -10.0, 0.2)]
)
def test_rewards(name: str, scale: float, tolerance: float) -> None:
    task = load_task(name)
    human, sparse = (
        compile_reward(str(expert_reward(kind, name)), task, worlds=4) for kind in ("human", "sparse")
    )
    goal = turn(torch.tensor([0.3, -2.0, 1.0, 3.0]), 0)
    angles = [tolerance - 1e-3, tolerance + 1e-3, 1.5, 0.0]
    offset = quat_from_angle_axis(torch.tensor(angles), torch.tensor([[0.6, 0.8, 0.0]]).expand(4, 3))
    signs = torch.tensor([[1.0], [-1.0], [-1.0], [1.0]])
    named: dict[str, Tensor] = {
        "object_rot": quat_mul(offset, goal) * signs,
        "goal_rot": goal,
        "object_pos": torch.tensor([[0.0, -0.3, 0.5]]).expand(4, 3),
        "goal_pos": torch.tensor([[0.0, -0.39, 0.62]]).expand(4, 3),
        "actions": torch.linspace(-1.0, 1.0, 80).view(4, 20),
    }
    reward, parts = human({key: named[key] for key in human.inputs})
    reached, _ = sparse({key: named[key] for key in sparse.inputs})
    for world, angle in enumerate(angles):
        expected = {
            "dist": scale * 0.15,
            "rot": 1.0 / (angle + 0.1),
            "action_penalty": -0.0002 * float((named["actions"][world] ** 2).sum()),
            "goal_bonus": 250.0 if angle <= tolerance else 0.0,
        }
        for part, value in expected.items():
            assert parts[part][world].item() == pytest.approx(value, rel=2e-3, abs=1e-6), part
        assert reward[world].item() == pytest.approx(sum(expected.values()), rel=1e-3)
        assert reached[world].item() == float(angle <= tolerance)


@pytest.mark.parametrize("name", TASKS)
def test_the_sparse_reward_is_the_fitness(name: str) -> None:
    worlds = Worlds(name, 16)
    sparse = compile_reward(str(expert_reward("sparse", name)), worlds.task, worlds=16)
    for _ in range(5):
        state, _ = worlds.step(worlds.draw())
        state.object_rot[::2] = quat_unit(state.goal_rot)[::2]
        reward, _ = sparse({key: getattr(state, key) for key in sparse.inputs})
        assert torch.equal(reward, worlds.task.score(state))
        assert reward.sum() >= 8
