"""Every body of every model: its mass lies where its shapes are, and could be that of a solid thing."""

from __future__ import annotations

import functools

import mujoco
import numpy as np
import pytest

from harness.registry import TASKS, load_task
from harness.sim import compile_scene

SLACK = 0.002  # m, by which a centre of mass may lie outside its body's shapes: these only stand for the real ones
FOREARMS = {"right_forearm", "left_forearm"}
"""In the original too the mass of a forearm lies 2 cm beyond its end, where palm and fingers are."""

POT = {"pot", "pot_lid"}
"""Its masses and moments of inertia are stated by the original: about the pot's origin, and several times too large."""


@functools.cache
def scene(task: str) -> tuple[mujoco.MjModel, mujoco.MjData]:
    model = compile_scene(load_task(task))
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    return model, data


def moving(model: mujoco.MjModel) -> list[int]:
    """Bodies that can move against the world and have mass and shapes."""
    able = (model.body_weldid != 0) & (model.body_mass > 0) & (model.body_geomnum > 0)
    return [int(body) for body in np.flatnonzero(able)]


def bounds(model: mujoco.MjModel, data: mujoco.MjData, body: int) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper corner (3,) of the box around a body's shapes, in its frame, m."""
    turn, corners = data.xmat[body].reshape(3, 3), []
    for geom in np.flatnonzero(model.geom_bodyid == body):
        local = turn.T @ data.geom_xmat[geom].reshape(3, 3)
        middle = turn.T @ (data.geom_xpos[geom] - data.xpos[body]) + local @ model.geom_aabb[geom, :3]
        reach = np.abs(local) @ model.geom_aabb[geom, 3:]
        corners.append((middle - reach, middle + reach))
    return np.min([low for low, _ in corners], 0), np.max([high for _, high in corners], 0)


@pytest.fixture(params=TASKS)
def task(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_body_that_states_its_inertia_states_its_centre_of_mass(task: str) -> None:
    """Left out, it is not the origin of the body: MuJoCo then takes the body's place in its parent."""
    stated = [body for body in load_task(task).scene().bodies if body.explicitinertial]
    assert [body.name for body in stated if not np.isfinite(body.ipos).all()] == []


def test_centres_of_mass_lie_within_the_shapes_of_their_bodies(task: str) -> None:
    model, data = scene(task)
    outside = {}
    for body in moving(model):
        low, high = bounds(model, data, body)
        centre = model.body_ipos[body]
        excess = np.maximum(low - centre, centre - high).max()
        if excess > SLACK and model.body(body).name not in FOREARMS | POT:
            outside[model.body(body).name] = excess
    assert outside == {}


def test_inertias_are_those_of_a_solid_thing(task: str) -> None:
    """Positive, and the largest principal moment no more than the sum of the others; markers weigh nothing."""
    model, _ = scene(task)
    for body in range(1, model.nbody):
        if model.body_mocapid[body] >= 0 and model.body_mass[body] == 0:
            continue
        small, middle, large = np.sort(model.body_inertia[body])
        assert small > 0, model.body(body).name
        assert large <= (small + middle) * (1 + 1e-6), model.body(body).name


def test_inertias_have_the_size_of_their_bodies(task: str) -> None:
    """Largest radius of gyration over the distance from the centre of mass to the farthest corner of the shapes.

    A solid thing has less than 1; identified inertias and those of the Shadow Hand's asset are rounded up.
    """
    model, data = scene(task)
    odd = {}
    for body in moving(model):
        reach = max(np.linalg.norm(corner - model.body_ipos[body]) for corner in bounds(model, data, body))
        gyration = np.sqrt(model.body_inertia[body].max() / model.body_mass[body])
        if not 0.1 < gyration / reach < 2.0 and model.body(body).name not in POT:
            odd[model.body(body).name] = gyration / reach
    assert odd == {}
