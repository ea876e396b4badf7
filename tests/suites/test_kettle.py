"""The kettle against its facts."""

from __future__ import annotations

import math

import mujoco
import numpy as np
import pytest
import torch

from harness.rotations import wxyz_to_xyzw
from suites.models.common import OBJECT, SPHERE, add_ground, empty_scene
from suites.models.kettle import DROP, Kettle
from suites.models.objects import TOUCH
from tests.suites.scenes import PHYSICS_DT, check_reset, rest, scene, touches

TABLE = ((0.5, 1.0, 0.4), (0.0, 0.0, 0.2))  # m


def test_masses_and_joints() -> None:
    model, data = scene(Kettle())
    assert [model.joint(i).name for i in range(model.njnt)] == ["kettle", "kettle_lid"]
    assert model.body("kettle").mass[0] == 1.0
    np.testing.assert_allclose(model.body("kettle").ipos, (-0.0023, -0.0027, -0.003))
    np.testing.assert_allclose(np.sort(model.body("kettle").inertia), (0.0065, 0.0065, 0.0075))
    assert model.body("kettle_lid").mass[0] == pytest.approx(0.1599209)
    np.testing.assert_allclose(model.body("kettle_lid").ipos, (-0.00124, -0.00266, 0.07619))
    np.testing.assert_allclose(
        np.sort(model.body("kettle_lid").inertia), (1.544e-4, 1.544e-4, 2.775e-4), rtol=1e-3
    )
    np.testing.assert_allclose(data.joint("kettle_lid").xaxis, (0, 0, 1), atol=1e-9)
    np.testing.assert_allclose(model.joint("kettle_lid").range, (0.0, 0.032))
    np.testing.assert_allclose(model.dof_damping, [0.5 * 0.0065] * 6 + [1.0])
    assert model.dof_armature[6] == 0.001
    assert not model.dof_frictionloss.any()


@pytest.mark.parametrize(
    ("kettle", "handle", "spout"),
    [
        (Kettle(), (0.0001, 0.15, 0.4738), (-0.0002, -0.2, 0.5438)),
        (Kettle(pos=DROP), (0.0001, 0.15, 0.5), (-0.0002, -0.2, 0.57)),
    ],
    ids=["settled", "original"],
)
def test_handle_and_spout_at_the_start(
    kettle: Kettle, handle: tuple[float, ...], spout: tuple[float, ...]
) -> None:
    sim = check_reset(kettle)
    state = kettle.read(sim)
    assert list(state) == [
        f"kettle_{point}_{part}" for point in ("handle", "spout") for part in ("pos", "rot")
    ]
    assert {value.dtype for value in state.values()} == {torch.float32}
    assert state["kettle_handle_pos"][0].tolist() == pytest.approx(handle, abs=1e-4)
    assert state["kettle_spout_pos"][0].tolist() == pytest.approx(spout, abs=1e-4)
    rotation = wxyz_to_xyzw(sim.body("kettle").xquat.float())
    assert torch.equal(state["kettle_handle_rot"], rotation)
    assert torch.equal(state["kettle_spout_rot"], rotation)


@pytest.mark.parametrize("pos", [Kettle().pos, DROP], ids=["settled", "original"])
def test_it_rests_on_its_table_with_its_lid_closed(pos: tuple[float, float, float]) -> None:
    model, data = scene(Kettle(pos=pos), table=TABLE)
    deepest, drift, turn = rest(model, data, "kettle")
    assert data.body("kettle").xpos[2] == pytest.approx(0.4738, abs=5e-4)
    assert 0.0 < deepest < 1e-3
    assert drift < 1e-4
    assert turn < 1e-3
    assert data.joint("kettle_lid").qpos[0] == pytest.approx(0.0, abs=1e-3)


def test_a_lifted_lid_falls_shut_and_stays_on() -> None:
    model, data = scene(Kettle(), table=TABLE)
    data.qfrc_applied[6] = 3.0  # N; the lid weighs half of this
    mujoco.mj_step(model, data, 120)
    assert data.joint("kettle_lid").qpos[0] == pytest.approx(0.032, abs=2e-3)
    data.qfrc_applied[6] = 0.0
    mujoco.mj_step(model, data, 120)
    assert data.joint("kettle_lid").qpos[0] == pytest.approx(0.0, abs=1e-3)


def test_fingers_fit_through_the_handle() -> None:
    assert touches(Kettle(quat=(1.0, 0.0, 0.0, 0.0)), (0.125, 0.0, 0.4738 + 0.015)) == {}


def test_a_hollow_kettle_has_room_and_keeps_what_is_in_it() -> None:
    spec = empty_scene()
    spec.option.timestep = PHYSICS_DT
    add_ground(spec)
    Kettle(pos=(0.0, 0.0, 0.0741), hollow=True).add_to(spec)
    for n in range(5):
        ball = spec.worldbody.add_body(
            name=f"ball{n}", pos=(0.05 * math.cos(n), 0.05 * math.sin(n), 0.04 + 0.01 * n)
        )
        ball.add_freejoint()
        ball.add_geom(type=SPHERE, size=[0.005, 0.0, 0.0], density=1000, **TOUCH, **OBJECT)
    model = spec.compile()
    assert model.body("kettle").mass[0] == 1.0
    data = mujoco.MjData(model)
    mujoco.mj_step(model, data, 240)
    for n in range(5):
        away = data.body(f"ball{n}").xpos - data.body("kettle").xpos
        assert np.hypot(away[0], away[1]) < 0.1
        assert -0.06 < away[2] < 0.06
    assert data.body("kettle").xpos[2] == pytest.approx(0.0738, abs=1e-3)


@pytest.mark.parametrize("hollow", [False, True])
@pytest.mark.parametrize(
    ("z", "radius"), [(-0.05, 0.104), (-0.016, 0.1132), (0.02, 0.104), (0.042, 0.092), (0.065, 0.083)]
)
def test_its_outline(hollow: bool, z: float, radius: float) -> None:
    """A fingertip (its radius is 10 mm) that comes from the side touches as early as it should."""
    kettle = Kettle(pos=(0.0, 0.0, 0.5), quat=(1.0, 0.0, 0.0, 0.0), hollow=hollow)
    y, ahead = -0.0027 + radius, 0.001
    assert touches(kettle, (-0.0012, y + 0.01 - ahead, 0.5 + z))
    assert not touches(kettle, (-0.0012, y + 0.01 + ahead, 0.5 + z))


def test_its_friction_is_the_usual_one() -> None:
    assert touches(Kettle(), "kettle_handle_middle")["kettle_handle_middle"].friction == 1.0
