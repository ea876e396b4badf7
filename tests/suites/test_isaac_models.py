"""The robots against the numbers of their fact sheets."""

from __future__ import annotations

import math

import mujoco
import numpy as np
import pytest

from harness.registry import load_task
from harness.sim import compile_scene

DEGREES = math.pi / 180
ANT_ANKLE = {True: (30, 100), False: (-100, -30)}
LEG = ("hip_x", "hip_z", "hip_y", "knee", "ankle_y", "ankle_x")
LEG_RANGES = ((-45, 15), (-60, 35), (-120, 45), (-160, 2), (-50, 50), (-50, 50))
ARM, ARM_RANGES = ("shoulder1", "shoulder2", "elbow"), ((-90, 70), (-90, 70), (-90, 50))

JOINTS: dict[str, dict[str, tuple[float, float]]] = {
    "ball_balance": {
        f"{part}_leg_joint{leg}": limits
        for leg in range(3)
        for part, limits in (("upper", (-45.0, 45.0)), ("lower", (-70.0, 90.0)))
    },
    "quadcopter": {f"rotor_{axis}{rotor}": (-30.0, 30.0) for rotor in range(4) for axis in ("pitch", "roll")},
    "ant": {
        name: limits
        for leg in range(1, 5)
        for name, limits in ((f"hip_{leg}", (-40, 40)), (f"ankle_{leg}", ANT_ANKLE[leg in (1, 4)]))
    },
    "humanoid": {
        "abdomen_z": (-45, 45),
        "abdomen_y": (-75, 30),
        "abdomen_x": (-35, 35),
        **{f"{s}_{n}": r for s in ("right", "left") for n, r in zip(LEG, LEG_RANGES, strict=True)},
        **{f"{s}_{n}": r for s in ("right", "left") for n, r in zip(ARM, ARM_RANGES, strict=True)},
    },
}
MASSES = {
    "ball_balance": {"tray": 1.570796, "upper_leg0": 0.485900, "lower_leg2": 0.485900, "ball": 0.837758},
    "quadcopter": {"chassis": 0.0471239, "rotor_arm1": 8.377580e-4, "rotor3": 0.0502655},
    "ant": {"torso": 0.48388, "front_left_leg": 0.03916, "right_back_foot": 0.06759},
    "humanoid": {
        "torso": 5.85383,
        "head": 3.05363,
        "lower_waist": 2.26195,
        "pelvis": 6.61619,
        "right_thigh": 4.75175,
        "left_shin": 2.75570,
        "right_foot": 1.13114,
        "left_upper_arm": 1.66108,
        "right_lower_arm": 0.96146,
        "left_hand": 0.26808,
    },
}
TOTAL = {"ball_balance": 4.486194 + 0.837758, "quadcopter": 0.2515369, "ant": 0.91088, "humanoid": 40.844}
BODIES = {"ball_balance": 8, "quadcopter": 9, "ant": 9, "humanoid": 16}
EFFORTS_LEG, EFFORTS_ARM = [45, 45, 135, 90, 22.5, 22.5], [67.5, 67.5, 45]
ROBOTS = list(JOINTS)


@pytest.fixture(params=ROBOTS)
def robot(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def model(robot: str) -> mujoco.MjModel:
    return compile_scene(load_task(robot))


def hinges(model: mujoco.MjModel) -> list[int]:
    return [i for i in range(model.njnt) if model.jnt_type[i] == mujoco.mjtJoint.mjJNT_HINGE]


def test_joints_come_in_the_listed_order_with_their_ranges(robot: str, model: mujoco.MjModel) -> None:
    assert [model.joint(i).name for i in hinges(model)] == list(JOINTS[robot])
    expected = np.array(list(JOINTS[robot].values())) * DEGREES
    np.testing.assert_allclose(model.jnt_range[hinges(model)], expected, atol=1e-5)
    assert model.jnt_limited[hinges(model)].all()


def test_masses_follow_from_shapes_and_densities(robot: str, model: mujoco.MjModel) -> None:
    for body, mass in MASSES[robot].items():
        assert model.body(body).mass[0] == pytest.approx(mass, rel=1e-4), body
    assert model.body_mass.sum() == pytest.approx(TOTAL[robot], rel=1e-4)
    assert model.nbody - 1 == BODIES[robot]


def test_nothing_touches_in_the_authored_pose(model: mujoco.MjModel) -> None:
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    assert data.ncon == 0


def test_motors_follow_the_joints() -> None:
    ant, humanoid = (compile_scene(load_task(name)) for name in ("ant", "humanoid"))
    for model, name in ((ant, "ant"), (humanoid, "humanoid")):
        assert [model.actuator(i).name for i in range(model.nu)] == list(JOINTS[name])
        joints = [model.joint(int(model.actuator_trnid[i, 0])).name for i in range(model.nu)]
        assert joints == list(JOINTS[name])
    assert ant.actuator_gear[:, 0].tolist() == [15.0] * 8
    efforts = [67.5] * 3 + 2 * EFFORTS_LEG + 2 * EFFORTS_ARM
    assert humanoid.actuator_gear[:, 0].tolist() == efforts


def test_drives_and_thrusts() -> None:
    balance, craft = (compile_scene(load_task(name)) for name in ("ball_balance", "quadcopter"))
    assert [balance.actuator(i).name for i in range(3)] == [f"lower_leg_joint{leg}" for leg in range(3)]
    np.testing.assert_allclose(balance.actuator_ctrlrange, [[-1.22173, 1.570796]] * 3)
    assert [craft.actuator(i).name for i in range(12)] == [
        *JOINTS["quadcopter"],
        *(f"thrust{rotor}" for rotor in range(4)),
    ]
    np.testing.assert_allclose(craft.actuator_ctrlrange[8:], [[0, 2]] * 4)


def test_passive_elements_and_inertia() -> None:
    humanoid, ant = (compile_scene(load_task(name)) for name in ("humanoid", "ant"))
    by_name = {humanoid.joint(i).name: humanoid.joint(i) for i in hinges(humanoid)}
    for name, damping, stiffness, armature in (
        ("abdomen_z", 5, 20, 0.02),
        ("abdomen_y", 5, 20, 0.01),
        ("left_hip_x", 5, 10, 0.01),
        ("right_hip_y", 5, 20, 0.01),
        ("left_knee", 0.1, 5, 0.007),
        ("right_ankle_x", 1, 2, 0.006),
        ("left_shoulder2", 5, 10, 0.01),
        ("right_elbow", 1, 2, 0.006),
    ):
        found = by_name[name]
        assert found.damping.flat[0] == damping
        assert found.stiffness.flat[0] == stiffness
        assert found.armature[0] == armature
    assert set(ant.dof_damping[6:]) == {0.1}
    assert set(ant.dof_armature[6:]) == {0.01}
    balance = compile_scene(load_task("ball_balance"))
    np.testing.assert_allclose(balance.body("tray").inertia, [0.0982271, 0.0982271, 0.1963495], rtol=1e-5)
    np.testing.assert_allclose(
        sorted(balance.body("lower_leg1").inertia), [9.58395e-5, 6.112618e-3, 6.112618e-3], rtol=1e-5
    )
    np.testing.assert_allclose(balance.body("ball").inertia, 3.351032e-3, rtol=1e-5)


def test_hinge_axes_and_anchors_of_the_humanoid() -> None:
    model = compile_scene(load_task("humanoid"))
    third = math.sqrt(1 / 6)
    for name, axis, anchor in (
        ("abdomen_x", (1, 0, 0), (0, 0, 0.1)),
        ("left_hip_x", (-1, 0, 0), (0, 0, 0)),
        ("left_hip_z", (0, 0, -1), (0, 0, 0)),
        ("right_knee", (0, -1, 0), (0, 0, 0.02)),
        ("left_ankle_x", (0.8944272, 0, 0.4472136), (0, 0, 0.08)),
        ("right_shoulder1", (2 * third, third, third), (0, 0, 0)),
        ("left_shoulder1", (-2 * third, third, -third), (0, 0, 0)),
        ("left_elbow", (0, -math.sqrt(0.5), -math.sqrt(0.5)), (0, 0, 0)),
    ):
        np.testing.assert_allclose(model.joint(name).axis, axis, atol=1e-6, err_msg=name)
        np.testing.assert_allclose(model.joint(name).pos, anchor, atol=1e-9, err_msg=name)


def test_feet_have_contact_sensors_of_their_own_names() -> None:
    for name, feet in (
        ("ant", ["front_left_foot", "front_right_foot", "left_back_foot", "right_back_foot"]),
        ("humanoid", ["right_foot", "left_foot"]),
    ):
        task, model = load_task(name), compile_scene(load_task(name))
        assert list(task.feet) == feet
        for foot in feet:
            assert model.sensor(foot).refid.item() == model.body(foot).id
