"""The double door against its facts: gaps between its handles, hinges, and what it touches."""

from __future__ import annotations

import math

import mujoco
import numpy as np
import pytest
import torch

from harness.rotations import quat_apply
from suites.models.door import Door
from tests.suites.scenes import PHYSICS_DT, check_reset, scene, touches, worlds

ANGLES = [0.0, 0.2, 0.5, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5708]  # rad
GAPS = {  # m
    "inward": [0.0669, 0.0984, 0.2008, 0.3019, 0.3609, 0.4247, 0.4928, 0.6389, 0.9269],
    "outward": [0.0669, 0.0666, 0.1241, 0.1988, 0.2461, 0.2994, 0.3582, 0.4897, 0.7669],
}
HINGES = ["door_right", "door_left"]
INWARD, OUTWARD = Door("inward"), Door("outward")


def gap(door: Door, right: float, left: float) -> float:
    """Between the y of the two handles, m."""
    model, data = scene(door)
    data.joint("door_right").qpos[0], data.joint("door_left").qpos[0] = right, left
    mujoco.mj_kinematics(model, data)
    return abs(float(data.site("door_right_handle").xpos[1] - data.site("door_left_handle").xpos[1]))


@pytest.mark.parametrize("door", [INWARD, OUTWARD], ids=lambda door: door.opens)
def test_handles_are_as_far_apart_as_in_the_original(door: Door) -> None:
    assert [gap(door, angle, angle) for angle in ANGLES] == pytest.approx(GAPS[door.opens], abs=1e-4)


def test_where_the_gap_passes_half_a_metre_and_that_one_leaf_alone_does_not_reach_it() -> None:
    assert gap(INWARD, 1.01, 1.01) == pytest.approx(0.5, abs=1e-3)
    assert gap(OUTWARD, 1.214, 1.214) == pytest.approx(0.5, abs=1e-3)
    assert gap(INWARD, 1.57, 0.0) == pytest.approx(0.497, abs=1e-3)
    assert gap(OUTWARD, 0.0, 1.57) == pytest.approx(0.417, abs=1e-3)


@pytest.mark.parametrize(
    ("opens", "angle", "right", "left"),
    [
        ("inward", 0.0, (0.0485, 0.0365, 0.7167), (0.0456, -0.0304, 0.7167)),
        ("outward", 0.0, (0.0315, 0.0365, 0.6833), (0.0344, -0.0304, 0.6833)),
        ("inward", 1.57, (0.3985, 0.4662, 0.7167), (0.3956, -0.4601, 0.7167)),
        ("outward", 1.57, (-0.3984, 0.3862, 0.6833), (-0.3956, -0.3801, 0.6833)),
    ],
)
def test_handles_at_the_start_of_the_four_tasks(
    opens: str, angle: float, right: tuple[float, ...], left: tuple[float, ...]
) -> None:
    door = Door(opens, (angle, angle))  # type: ignore[arg-type]
    sim = check_reset(door)
    state = door.read(sim)
    assert list(state) == [
        f"door_{side}_handle_{part}" for side in ("left", "right") for part in ("pos", "rot")
    ]
    for side, expected in (("right", right), ("left", left)):
        place = state[f"door_{side}_handle_pos"]
        assert place.dtype == torch.float32
        assert place[0].tolist() == pytest.approx(expected, abs=1e-4)
    torch.testing.assert_close(sim.joints(HINGES).qpos[0], torch.tensor([angle, angle]).double())


@pytest.mark.parametrize(("door", "depth"), [(INWARD, 0.04), (OUTWARD, -0.04)], ids=["inward", "outward"])
def test_a_handle_is_a_fixed_point_of_its_leaf_in_the_axes_of_the_original(door: Door, depth: float) -> None:
    sim = worlds(2, door)
    sim.joints(HINGES).qpos = torch.tensor([[0.4, 1.1], [1.3, 0.0]])
    sim.forward()
    state = door.read(sim)
    for side, sign in (("right", 1.0), ("left", -1.0)):
        offset = torch.tensor([sign * 0.39, -0.5, depth]).expand(2, 3)
        hinge = sim.body(f"door_{side}").xpos.float()
        handle = hinge + quat_apply(state[f"door_{side}_handle_rot"], offset)
        torch.testing.assert_close(state[f"door_{side}_handle_pos"], handle)


@pytest.mark.parametrize(
    ("door", "hinges", "turns", "bars", "face"),
    [
        (INWARD, [(0.0085, 0.4265, 0.2167), (0.0056, -0.4204, 0.2167)], (1, -1),
         [(0.0736, 0.052, 0.743), (0.0732, -0.0435, 0.742)], "back"),
        (OUTWARD, [(-0.0085, 0.4265, 1.1833), (-0.0056, -0.4204, 1.1833)], (-1, 1),
         [(0.0671, 0.0512, 0.658), (0.0674, -0.0442, 0.657)], "front"),
    ],
    ids=["inward", "outward"],
)  # fmt: skip
def test_hinges_and_the_pulls_that_the_hands_see(
    door: Door,
    hinges: list[tuple[float, ...]],
    turns: tuple[float, ...],
    bars: list[tuple[float, ...]],
    face: str,
) -> None:
    model, data = scene(door)
    assert [model.joint(i).name for i in range(model.njnt)] == HINGES
    for name, hinge, turn, bar in zip(HINGES, hinges, turns, bars, strict=True):
        np.testing.assert_allclose(data.joint(name).xanchor, hinge, atol=1e-4)
        np.testing.assert_allclose(data.joint(name).xaxis, (0, 0, turn), atol=1e-9)
        np.testing.assert_allclose(data.geom(f"{name}_{face}_bar").xpos, bar, atol=1e-3)
        edge = model.geom(f"{name}_panel").size[0] + model.geom(f"{name}_{face}_bar").size[0]
        clear = abs(data.geom(f"{name}_{face}_bar").xpos[0] - data.geom(f"{name}_panel").xpos[0]) - edge
        assert 0.038 < clear < 0.05  # fingers fit between pull and panel
    np.testing.assert_allclose(model.jnt_range, [[0.0, 1.570796]] * 2)
    np.testing.assert_allclose(model.dof_damping, 1.0)
    np.testing.assert_allclose(model.dof_armature, 0.01)
    np.testing.assert_allclose(model.dof_frictionloss, 0.0)


def test_masses_and_inertia_about_the_hinge() -> None:
    model, data = scene(OUTWARD)
    assert model.body("door_right").mass[0] == pytest.approx(4.24796)
    assert model.body("door_left").mass[0] == pytest.approx(4.247761)
    np.testing.assert_allclose(
        np.sort(model.body("door_right").inertia), [0.07705035, 0.2645921, 0.3376885], rtol=1e-5
    )
    np.testing.assert_allclose(
        np.sort(model.body("door_left").inertia), [0.07780254, 0.2645858, 0.3384355], rtol=1e-5
    )
    np.testing.assert_allclose(data.body("door_right").xipos, (-0.0018, 0.2000, 0.7091), atol=1e-4)
    np.testing.assert_allclose(data.body("door_left").xipos, (-0.0017, -0.1956, 0.7091), atol=1e-4)
    mass = np.zeros((2, 2))
    mujoco.mj_fullM(model, data, mass)
    np.testing.assert_allclose(np.diag(mass), [0.2953 + 0.01, 0.2928 + 0.01], atol=2e-4)


def test_a_pushed_leaf_coasts_against_its_damping_and_weighs_nothing() -> None:
    model, data = scene(INWARD)
    data.qpos[:] = 0.5
    mujoco.mj_step(model, data, 240)
    np.testing.assert_allclose(data.qpos, 0.5, atol=1e-9)
    data.qvel[0] = 1.0
    mujoco.mj_step(model, data, 40)
    assert data.qvel[0] == pytest.approx(math.exp(-40 * PHYSICS_DT / 0.3053), rel=0.03)
    assert data.qvel[1] == 0.0


def test_the_spring_pulls_towards_the_start_and_is_off_by_default() -> None:
    assert not scene(INWARD)[0].jnt_stiffness.any()
    model, data = scene(Door("inward", (1.57, 0.3), spring=5.0))
    np.testing.assert_allclose(model.jnt_stiffness, 5.0)
    mujoco.mj_step(model, data, 480)
    np.testing.assert_allclose(data.qpos, (1.57, 0.3), atol=0.01)


def test_no_part_of_the_door_touches_another() -> None:
    model, data = scene(OUTWARD)
    for right in np.linspace(0.0, 1.57, 6):
        for left in np.linspace(0.0, 1.57, 6):
            data.qpos[:] = right, left
            mujoco.mj_forward(model, data)
            assert data.ncon == 0


@pytest.mark.parametrize(
    "geom", ["door_right_panel", "door_left_back_bar", "door_right_front_low", "door_left_panel"]
)
def test_a_hand_slides_on_the_door_as_in_the_original(geom: str) -> None:
    assert touches(INWARD, geom)[geom].friction == pytest.approx((0.1 + 1.0) / 2)


def test_two_doors_share_a_scene() -> None:
    model, _ = scene(INWARD, Door("outward", name="gate"))
    assert [model.joint(i).name for i in range(model.njnt)] == [*HINGES, "gate_right", "gate_left"]
