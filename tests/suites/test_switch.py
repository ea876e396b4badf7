"""The switch against its facts: heights of the point to press, its stops, and what a finger can do to it."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import pytest
import torch

from harness.rotations import quat_apply
from suites.models.common import CAPSULE, ROBOT, empty_scene
from suites.models.objects import TOUCH
from suites.models.switch import Switch
from tests.suites.scenes import PHYSICS_DT, check_reset, scene, touches, worlds

RIGHT, LEFT = (0.0, 0.2, 0.65), (0.0, -0.2, 0.65)  # m
GEOMETRIES = ["original", "reachable"]
STOPS = {"original": (0.0, 0.5585054), "reachable": (-0.8, 0.0)}  # rad, pressed and released
SUMS = {
    "original": (1.3834, 1.4046),
    "reachable": (1.3329, 1.4046),
}  # m, heights of two handles: pressed, released


def pair(geometry: Any) -> list[Switch]:
    return [Switch("switch_right", RIGHT, geometry), Switch("switch_left", LEFT, geometry)]


def heights(data: mujoco.MjData) -> float:
    """Sum of the heights of both handles, m."""
    return float(data.site("switch_right_handle").xpos[2] + data.site("switch_left_handle").xpos[2])


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_masses_and_joints(geometry: str) -> None:
    model, data = scene(*pair(geometry))
    assert [model.joint(i).name for i in range(model.njnt)] == ["switch_right_rocker", "switch_left_rocker"]
    np.testing.assert_allclose(model.jnt_range, [STOPS[geometry]] * 2)
    for name in ("switch_right_rocker", "switch_left_rocker"):
        assert model.body(name).mass[0] == pytest.approx(0.04170528)
        np.testing.assert_allclose(
            np.sort(model.body(name).inertia), (1.36608e-5, 2.293114e-5, 3.407227e-5), rtol=1e-4
        )
        np.testing.assert_allclose(data.joint(name).xaxis, (0, -1, 0), atol=1e-9)
    np.testing.assert_allclose(model.dof_damping, 0.002)
    np.testing.assert_allclose(model.dof_armature, 0.0001)
    assert not model.dof_frictionloss.any()
    np.testing.assert_allclose(data.joint("switch_right_rocker").xanchor[:2], (0.0108, 0.2502), atol=2e-4)
    away = data.body("switch_right_rocker").xipos - data.joint("switch_right_rocker").xanchor
    assert away[0] == pytest.approx(-0.021, abs=5e-4)  # on the far side of the hinge


def test_the_point_to_press_in_the_original_is_as_high_as_the_facts_say() -> None:
    model, data = scene(*pair("original"))
    np.testing.assert_allclose(data.site("switch_right_handle").xpos, (0.0308, 0.2002, 0.6917), atol=1e-4)
    np.testing.assert_allclose(data.site("switch_left_handle").xpos, (0.0308, -0.1998, 0.6917), atol=1e-4)
    for angle in np.linspace(0.0, 0.5585, 5):
        data.qpos[:] = angle
        mujoco.mj_kinematics(model, data)
        np.testing.assert_allclose(
            data.site("switch_right_handle").xpos[2], 0.6917 + 0.02 * np.sin(angle), atol=1e-4
        )


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_heights_at_the_stops(geometry: str) -> None:
    model, data = scene(*pair(geometry))
    found = []
    for angle in STOPS[geometry]:
        data.qpos[:] = angle
        mujoco.mj_kinematics(model, data)
        found.append(heights(data))
    assert found == pytest.approx(SUMS[geometry], abs=2e-4)
    assert (found[0] < 1.35) == (geometry == "reachable")  # what success needs


def test_one_reachable_switch_alone_is_not_enough_and_both_need_three_quarters() -> None:
    model, data = scene(*pair("reachable"))
    for right, left, done in (
        (-0.8, 0.0, False),
        (-0.8, -0.8, True),
        (-0.56, -0.56, False),
        (-0.59, -0.59, True),
    ):
        data.qpos[:] = right, left
        mujoco.mj_kinematics(model, data)
        assert (heights(data) < 1.35) == done


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_reset_releases_and_read_tells_where_to_press(geometry: str) -> None:
    pressed, released = STOPS[geometry]
    switch = Switch("switch_left", LEFT, geometry)  # type: ignore[arg-type]
    state = switch.read(check_reset(switch))
    assert list(state) == ["switch_left_handle_pos", "switch_left_handle_rot"]
    assert {value.dtype for value in state.values()} == {torch.float32}
    assert state["switch_left_handle_pos"][0, 2].item() == pytest.approx(0.7023, abs=1e-4)
    sim = worlds(2, switch)
    sim.joint("switch_left_rocker").qpos = torch.tensor([[pressed], [released]])
    sim.forward()
    state, lever = switch.read(sim), 0.02 if geometry == "original" else 0.05
    turned = quat_apply(state["switch_left_handle_rot"], torch.tensor([[-0.05, -lever, 0.0]] * 2))
    hinge = sim.body("switch_left_rocker").xpos.float()
    torch.testing.assert_close(state["switch_left_handle_pos"], hinge + turned)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_an_untouched_rocker_comes_back_within_a_third_of_a_second(geometry: str) -> None:
    model, data = scene(*pair(geometry))
    pressed, released = STOPS[geometry]
    data.qpos[:] = pressed
    mujoco.mj_forward(model, data)
    push = data.qfrc_passive + data.qfrc_gravcomp - data.qfrc_bias
    assert (push > 0.007).all()  # N m
    assert (push < 0.012).all()
    mujoco.mj_step(model, data, round(0.35 / PHYSICS_DT))
    np.testing.assert_allclose(data.qpos, released, atol=0.02)
    mujoco.mj_step(model, data, 240)
    np.testing.assert_allclose(data.qpos, released, atol=0.002)
    assert data.ncon == 0


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_a_fingertip_presses_it_to_its_stop_and_hardly_beyond(geometry: str) -> None:
    """A finger that comes down on the point to press, with 3 N and then with 30 N."""
    pressed, released = STOPS[geometry]
    spec = empty_scene()
    spec.option.timestep = PHYSICS_DT
    Switch("switch", RIGHT, geometry).add_to(spec)  # type: ignore[arg-type]
    finger = spec.worldbody.add_body(name="finger", pos=(0.03 if geometry == "original" else 0.05, 0.2, 0.75))
    finger.add_joint(name="finger", type=mujoco.mjtJoint.mjJNT_SLIDE, axis=(0, 0, 1), damping=20.0)
    finger.add_geom(name="finger", type=CAPSULE, size=[0.00705, 0.012, 0.0], mass=0.1, **TOUCH, **ROBOT)
    model = spec.compile()
    data = mujoco.MjData(model)
    data.joint("switch_rocker").qpos[0] = released
    for force in (3.0, 30.0):
        data.joint("finger").qfrc_applied[0] = -force
        mujoco.mj_step(model, data, 360)
        assert data.joint("switch_rocker").qpos[0] == pytest.approx(pressed, abs=0.03)
        touching = {model.geom(int(geom)).name for contact in data.contact for geom in contact.geom}
        assert touching == {"finger", "switch_near"}


def test_its_friction_is_the_usual_one() -> None:
    assert touches(Switch("switch", RIGHT), "switch_near")["switch_near"].friction == 1.0
