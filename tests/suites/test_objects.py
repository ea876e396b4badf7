"""Block, pen, egg and ball: their masses, their faces, and what a goal marker is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mujoco
import numpy as np
import pytest

from suites.models.common import add_ground, empty_scene
from suites.models.objects import DROP, FACES, THROWN_EGG_DENSITY, add_ball, add_block, add_egg, add_pen

ADD: dict[str, Callable[..., Any]] = {"block": add_block, "pen": add_pen, "egg": add_egg, "ball": add_ball}


def world(add: Callable[..., Any], **properties: Any) -> tuple[mujoco.MjModel, mujoco.MjData]:
    """An object above the ground, and a goal marker half sunk into it."""
    spec = empty_scene()
    spec.option.timestep = 0.01667 / 2
    add_ground(spec)
    add(spec, "object", (0.0, 0.0, 0.2), **properties)
    add(spec, "goal", (0.0, 0.0, 0.0), goal=True)
    model = spec.compile()
    return model, mujoco.MjData(model)


@pytest.mark.parametrize(
    ("name", "mass", "inertia"),
    [
        ("block", 0.070875, (2.9531e-5, 2.9531e-5, 2.9531e-5)),
        ("pen", 0.042357, (1.5747e-4, 1.5747e-4, 1.3417e-6)),
        ("egg", 0.150796, (7.5398e-5, 7.5398e-5, 5.4287e-5)),
        ("ball", 0.075266, (3.2786e-5, 3.2786e-5, 3.2786e-5)),
    ],
)
def test_mass_and_inertia(name: str, mass: float, inertia: tuple[float, ...]) -> None:
    model, _ = world(ADD[name])
    body = model.body("object")
    assert body.mass[0] == pytest.approx(mass, rel=1e-4)
    np.testing.assert_allclose(body.inertia, inertia, rtol=1e-3)


def test_size_density_and_friction_may_be_chosen() -> None:
    model, _ = world(add_block, edge=0.065, density=400.0, friction=[0.25, 0.005, 0.0001])
    assert model.body("object").mass[0] == pytest.approx(0.10985, rel=1e-4)
    np.testing.assert_allclose(model.geom("object").size, 0.0325)
    assert model.geom("object").friction[0] == 0.25


def test_eggs_to_throw_and_drops_of_water() -> None:
    model, _ = world(add_egg, density=THROWN_EGG_DENSITY)
    assert model.body("object").mass[0] == pytest.approx(0.07539822, rel=1e-6)
    model, _ = world(add_ball, **DROP)
    assert model.body("object").mass[0] == pytest.approx(0.00052, rel=0.01)
    assert model.geom("object").size[0] == 0.005
    np.testing.assert_allclose(model.geom("object").rgba, DROP["rgba"])
    assert model.geom("object").matid[0] == -1


def test_an_object_may_be_turned() -> None:
    turn = (0.5003982, 0.4999998, 0.4999998, -0.4996018)
    for add in ADD.values():
        model, data = world(add, quat=turn)
        mujoco.mj_forward(model, data)
        np.testing.assert_allclose(data.body("object").xquat, turn, atol=1e-6)
        np.testing.assert_allclose(data.joint("object").qpos[3:], turn, atol=1e-6)


@pytest.mark.parametrize("name", list(ADD))
def test_an_object_falls_and_rests_on_the_ground_and_a_marker_does_neither(name: str) -> None:
    model, data = world(ADD[name])
    mujoco.mj_step(model, data, 480)
    assert 0.007 < data.body("object").xpos[2] < 0.2
    assert np.abs(data.qvel).max() < 0.01
    assert all(
        {model.geom(int(g)).name for g in contact.geom} == {"object", "ground"} for contact in data.contact
    )
    assert data.body("goal").xpos.tolist() == [0.0, 0.0, 0.0]
    assert model.nq == 7


@pytest.mark.parametrize("name", ["block", "ball"])
def test_spin_decays_as_in_the_originals_and_falling_does_not(name: str) -> None:
    spec = empty_scene()
    ADD[name](spec, "object", (0.0, 0.0, 10.0))
    model = spec.compile()
    data = mujoco.MjData(model)
    data.qvel[3] = 10.0
    mujoco.mj_step(model, data, round(1.0 / model.opt.timestep))
    assert data.qvel[3] == pytest.approx(10.0 * np.exp(-0.5), rel=1e-2)
    assert data.qvel[2] == pytest.approx(-9.81, rel=1e-3)


def test_six_different_faces_in_one_material_for_all() -> None:
    spec = empty_scene()
    for name, add in ADD.items():
        add(spec, name)
        add(spec, f"{name}_goal", goal=True)
    model = spec.compile()
    assert model.ntex == 2  # of objects, and of their goals, which are tinted
    assert [int(material) for material in model.geom_matid] == [0, 1] * len(ADD)
    faces, goals = model.tex_data.reshape(2, 6, -1, 3)
    assert (goals == goals[:, :1]).all()
    assert not (goals[:, 0] == faces[:, 0]).all()
    assert (faces == faces[:, :1]).all()
    assert [tuple(face) for face in faces[:, 0].tolist()] == list(FACES)
    assert len(set(FACES)) == 6
