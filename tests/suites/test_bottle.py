"""The bottle against its facts: masses, the way of its cap, and where it says that the cap is."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest
import torch

from harness.rotations import quat_apply, wxyz_to_xyzw
from suites.models.bottle import Bottle
from tests.suites.scenes import check_reset, rest, scene, touches, worlds

TABLE = ((0.3, 0.3, 0.1), (0.0, -0.6, 0.05))  # m
STANDING = Bottle(pos=(0.0, -0.6, 0.1 + 0.1257), quat=(1.0, 0.0, 0.0, 0.0))
LYING = Bottle(pos=(0.0, -0.6, 0.1 + 0.041), quat=(0.7071068, 0.7071068, 0.0, 0.0))


def test_masses_and_joints() -> None:
    model, data = scene(Bottle())
    assert [model.joint(i).name for i in range(model.njnt)] == ["bottle", "bottle_slider", "bottle_cap"]
    assert model.body("bottle").mass[0] == pytest.approx(0.5165103)
    np.testing.assert_allclose(model.body("bottle").ipos, (-0.0011, -0.0011, -0.00683))
    np.testing.assert_allclose(model.body("bottle").inertia, (0.002826067, 0.002826067, 0.0003474181))
    np.testing.assert_allclose(model.body("bottle").iquat, (1, 0, 0, 0))
    assert model.body("bottle_slider").mass[0] + model.body("bottle_cap").mass[0] == pytest.approx(0.0036423)
    upright = data.body("bottle").xmat.reshape(3, 3)[:, 2]
    for name in ("bottle_slider", "bottle_cap"):
        np.testing.assert_allclose(data.joint(name).xaxis, upright, atol=1e-9)
    np.testing.assert_allclose(model.joint("bottle_slider").range, (0.0, 0.064))
    assert not model.jnt_limited[model.joint("bottle_cap").id]
    np.testing.assert_allclose(model.dof_damping[:6], 0.5 * 0.0003474181)
    np.testing.assert_allclose(model.dof_damping[6:], (0.5, 0.0005))
    np.testing.assert_allclose(model.dof_armature[6:], (0.001, 1e-5))
    assert not model.dof_frictionloss.any()


def test_the_start() -> None:
    """Where the task's own description has these points, in the left palm."""
    bottle = Bottle()
    state = bottle.read(check_reset(bottle))
    assert list(state) == ["bottle_pos", "bottle_cap_up", "bottle_cap_pos"]
    expected = [(0.0, -0.6, 0.5), (-0.0058, -0.607, 0.4951), (-0.0966, -0.6, 0.6147)]
    for (name, place), point in zip(state.items(), expected, strict=True):
        assert place.dtype == torch.float32
        assert place[0].tolist() == pytest.approx(point, abs=1e-4), name


def test_the_cap_counts_as_lifted_after_28_mm_however_it_turns() -> None:
    bottle = Bottle()
    sim = worlds(4, bottle)
    slide = torch.tensor([0.0, 0.02817, 0.02819, 0.064])
    sim.joint("bottle_slider").qpos = slide[:, None]
    sim.joint("bottle_cap").qpos = torch.tensor([[2.0], [0.0], [-1.0], [3.0]])
    sim.forward()
    state = bottle.read(sim)
    offset = torch.stack([torch.tensor([-0.007542, -0.007006, float(s)]) for s in slide])
    turned = quat_apply(wxyz_to_xyzw(sim.body("bottle").xquat.float()), offset)
    torch.testing.assert_close(state["bottle_cap_up"], state["bottle_pos"] + turned)
    lifted = (state["bottle_cap_up"] - state["bottle_pos"]).norm(dim=-1)
    assert (lifted > 0.03).tolist() == [False, False, True, True]
    assert lifted[[0, 3]].tolist() == pytest.approx([0.0103, 0.0648], abs=1e-4)
    assert torch.equal(state["bottle_cap_pos"][0], state["bottle_cap_pos"][3])


def test_the_cap_turns_about_its_own_centre_and_sits_on_the_neck() -> None:
    model, data = scene(STANDING)
    places = []
    for angle in (0.0, 1.5, 3.0):
        data.joint("bottle_cap").qpos[0] = angle
        mujoco.mj_kinematics(model, data)
        places.append(data.geom("bottle_cap_disc").xpos - data.body("bottle").xpos)
    np.testing.assert_allclose(places, [(-0.0011, -0.0011, 0.14445)] * 3, atol=1e-4)
    data.joint("bottle_slider").qpos[0] = -0.002
    mujoco.mj_forward(model, data)
    assert data.ncon == 0


@pytest.mark.parametrize("bottle", [STANDING, LYING], ids=["standing", "lying"])
def test_it_rests_on_its_table(bottle: Bottle) -> None:
    model, data = scene(bottle, table=TABLE)
    deepest, drift, turn = rest(model, data, "bottle")
    assert data.body("bottle").xpos[2] > 0.1 + 0.03
    assert 0.0 < deepest < 0.00515 / 3  # half the height of the cap
    if bottle is STANDING:  # lying, it rolls, and its cap is free
        assert drift < 1e-4
        assert turn < 2e-3
        assert data.joint("bottle_slider").qpos[0] == pytest.approx(0.0, abs=1e-3)


def test_the_cap_goes_no_further_than_its_travel_when_the_bottle_hangs_on_it() -> None:
    model, data = scene(STANDING)
    data.joint("bottle_slider").qpos[0] = 0.064
    data.joint("bottle_slider").qfrc_applied[0] = 5.2  # N, the weight of the bottle
    mujoco.mj_step(model, data, 60)
    assert 0.064 < data.joint("bottle_slider").qpos[0] < 0.067


@pytest.mark.parametrize("geom", ["bottle_cap_disc", "bottle_waist"])
def test_what_touches_it_sticks(geom: str) -> None:
    contact = touches(Bottle(), geom)[geom]
    assert contact.friction == 2.0
    assert contact.dim == 4
