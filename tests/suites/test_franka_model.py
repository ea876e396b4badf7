"""The Franka arm and the cabinet against their facts, and how they move on their own."""

from __future__ import annotations

import math

import mujoco
import numpy as np
import pytest
import torch

from harness.sim import compile_scene
from harness.sim.cpu import CpuSimulation
from suites.isaac.franka_cabinet import START, FrankaCabinet
from suites.models.common import add_ground, empty_scene
from suites.models.franka import add_franka
from tests.suites.reaching import reach

RANGES = {
    "panda_joint1": (-2.8973, 2.8973),
    "panda_joint2": (-1.7628, 1.7628),
    "panda_joint3": (-2.8973, 2.8973),
    "panda_joint4": (-3.0718, -0.0698),
    "panda_joint5": (-2.8973, 2.8973),
    "panda_joint6": (-0.0175, 3.7525),
    "panda_joint7": (-2.8973, 2.8973),
    "panda_finger_joint1": (0.0, 0.04),
    "panda_finger_joint2": (0.0, 0.04),
    "door_left_joint": (-1.57, 0.0),
    "door_right_joint": (0.0, 1.57),
    "drawer_bottom_joint": (0.0, 0.4),
    "drawer_top_joint": (0.0, 0.4),
}
EFFORTS = [87, 87, 87, 87, 12, 12, 12, 200, 200]
MASSES = {
    "panda_link1": 4.970684,
    "panda_link4": 3.587895,
    "panda_link7": 0.735522,
    "panda_hand": 0.73,
    "panda_leftfinger": 0.015,
    "door_left_link": 3.89,
    "drawer_bottom": 5.334,
    "drawer_top": 5.334 + 16 * 0.08**3 * 400,
}


@pytest.fixture(scope="module")
def model() -> mujoco.MjModel:
    return compile_scene(FrankaCabinet())


@pytest.fixture
def data(model: mujoco.MjModel) -> mujoco.MjData:
    """At the default pose, servos holding it."""
    data = mujoco.MjData(model)
    data.qpos[:9] = data.ctrl[:] = START
    mujoco.mj_forward(model, data)
    return data


def test_joints_servos_and_masses(model: mujoco.MjModel) -> None:
    assert (model.nq, model.nv, model.nu, model.nbody) == (13, 13, 9, 17)
    assert [model.joint(i).name for i in range(model.njnt)] == list(RANGES)
    np.testing.assert_allclose(model.jnt_range, list(RANGES.values()), atol=1e-9)
    assert [model.actuator(i).name for i in range(9)] == list(RANGES)[:9]
    np.testing.assert_allclose(model.actuator_forcerange[:, 1], EFFORTS)
    np.testing.assert_allclose(model.actuator_gainprm[:7, 0], 400)
    np.testing.assert_allclose(model.actuator_biasprm[:7, 1:3], [[-400, -80]] * 7)
    for name, mass in MASSES.items():
        assert model.body(name).mass[0] == pytest.approx(mass, rel=1e-6), name
    arm = [i for i in range(model.nbody) if model.body(i).name.startswith("panda")]
    assert model.body_mass[arm].sum() == pytest.approx(17.451901)


def test_nothing_touches_at_the_start(data: mujoco.MjData) -> None:
    assert data.ncon == 0


def test_closed_fingers_meet_and_open_ones_leave_80_mm(model: mujoco.MjModel, data: mujoco.MjData) -> None:
    pads = [model.geom(f"{side}_finger_3").id for side in ("left", "right")]
    for opening, gap in ((0.0, 0.0), (0.04, 0.08)):
        data.qpos[7:9] = opening
        mujoco.mj_kinematics(model, data)
        apart = np.linalg.norm(np.subtract(*data.geom_xpos[pads]))
        assert apart - 2 * model.geom_size[pads[0], 1] == pytest.approx(gap, abs=1e-4)


def test_the_handle_is_a_bow_of_the_original_size(model: mujoco.MjModel) -> None:
    def box(name: str) -> tuple[np.ndarray, np.ndarray]:
        geom = model.geom(f"drawer_top_{name}")
        return geom.pos - geom.size, geom.pos + geom.size

    parts = [box(name) for name in ("bar", "foot_left", "foot_right")]
    np.testing.assert_allclose(np.min([low for low, _ in parts], 0), [0.2730, -0.0835, -0.0029], atol=5e-4)
    np.testing.assert_allclose(np.max([high for _, high in parts], 0), [0.3119, 0.0835, 0.0214], atol=5e-4)
    assert parts[1][1][1] == pytest.approx(-0.043)
    assert parts[2][0][1] == pytest.approx(0.043)
    assert parts[0][0][0] - box("front")[1][0] == pytest.approx(0.023, abs=1e-3)


def test_the_arm_carries_itself_against_gravity() -> None:
    spec = empty_scene()
    add_ground(spec)
    add_franka(spec, [1, 0, 0], [0, 0, 0, 1])
    model = spec.compile()
    data = mujoco.MjData(model)
    data.qpos[:] = data.ctrl[:] = START
    mujoco.mj_step(model, data, 500)
    np.testing.assert_allclose(data.qpos, START, atol=1e-5)


def test_a_servo_closes_a_step_with_a_time_constant_of_a_fifth_of_a_second(model: mujoco.MjModel) -> None:
    """One world per joint of the arm, its target stepped by 0.125 rad; stiffness 400, damping 80."""
    sim = CpuSimulation(model, 7)
    sim.qpos[:, :9] = sim.ctrl[:] = torch.tensor(START).double()
    sim.ctrl[:, :7] += 0.125 * torch.eye(7)
    sim.forward()
    travel = []
    for _ in range(60):
        sim.step(1)
        travel.append((sim.qpos[:, :7] - torch.tensor(START[:7])).diagonal() / 0.125)
    curve = torch.stack(travel)
    reached = 0.0083 * (1 + (curve > 1 - 1 / math.e).double().argmax(0))
    assert reached.min() > 0.17
    assert reached.max() < 0.23
    assert (curve <= 1.0).all()
    assert (curve[-1] > 0.9).all()


def test_a_pushed_drawer_coasts_against_its_damping(model: mujoco.MjModel, data: mujoco.MjData) -> None:
    data.qvel[12] = 0.2
    mujoco.mj_step(model, data, 60)
    mass = 5.334 + 16 * 0.2048 + 0.005
    assert data.qvel[12] == pytest.approx(0.2 * np.exp(-10 / mass * 60 * 0.0083), rel=0.01)


def test_the_hand_stops_at_the_drawer_front_it_is_pushed_against(
    model: mujoco.MjModel, data: mujoco.MjData
) -> None:
    """Fingertips beside the handle, then targets that lie 4 cm inside the cabinet."""
    joints = reach(model, np.array(START[:7]), (0.40, 0.2, 0.72), steps=200)
    data.qpos[:7] = data.ctrl[:7] = joints
    data.qpos[7:9] = data.ctrl[7:] = 0.0
    mujoco.mj_forward(model, data)
    assert data.ncon == 0
    for x in np.linspace(0.40, 0.295, 12):
        joints = data.ctrl[:7] = reach(model, joints, (x, 0.2, 0.72), steps=10)
        mujoco.mj_step(model, data, 10)
    mujoco.mj_step(model, data, 100)
    tip = data.site("tcp").xpos[0] - 0.009  # the pads reach 9 mm beyond the site
    assert tip == pytest.approx(0.0515 + 0.2732, abs=0.004)
    assert data.qpos[9:] == pytest.approx(np.zeros(4), abs=0.005)
