"""Small scenes around one model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import mujoco
import numpy as np
import torch

from harness.sim.cpu import CpuSimulation
from suites.models.common import ROBOT, SPHERE, Vector, add_ground, empty_scene
from suites.models.objects import TOUCH
from suites.models.table import add_table

PHYSICS_DT = 0.01667 / 2  # s


def scene(*models: Any, table: tuple[Vector, Vector] | None = None) -> tuple[mujoco.MjModel, mujoco.MjData]:
    """Models on the ground, and a table of some size (m, full edges) at some place if there is one."""
    spec = empty_scene()
    spec.option.timestep = PHYSICS_DT
    add_ground(spec)
    if table is not None:
        add_table(spec, *table)
    for model in models:
        assert model.add_to(spec) is spec
    compiled = spec.compile()
    data = mujoco.MjData(compiled)
    mujoco.mj_forward(compiled, data)
    return compiled, data


def worlds(count: int, *models: Any) -> CpuSimulation:
    """`count` worlds of a scene."""
    sim = CpuSimulation(scene(*models)[0], count)
    sim.forward()
    return sim


class Touch(NamedTuple):
    """A contact: its coefficient of friction and its dimension."""

    friction: float
    dim: int


def touches(model_of: Any, place: str | Sequence[float]) -> dict[str, Touch]:
    """The geoms of a model that touch a fingertip of 20 mm in the middle of one of them, or at a point (m)."""
    spec = empty_scene()
    model_of.add_to(spec)
    finger = spec.worldbody.add_body(name="finger", mocap=True)
    finger.add_geom(name="finger", type=SPHERE, size=[0.01, 0.0, 0.0], **TOUCH, **ROBOT)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    data.mocap_pos[0] = data.geom(place).xpos if isinstance(place, str) else place
    mujoco.mj_forward(model, data)
    found = {}
    for contact in data.contact:
        (geom,) = {model.geom(int(g)).name for g in contact.geom} - {"finger"}
        found[geom] = Touch(float(contact.friction[0]), int(contact.dim))
    return found


def rest(
    model: mujoco.MjModel, data: mujoco.MjData, body: str, seconds: float = 2.0
) -> tuple[float, float, float]:
    """After a second to come to rest: deepest contact (m), drift (m) and turn (rad) of a body in `seconds` more."""
    mujoco.mj_step(model, data, round(1.0 / PHYSICS_DT))
    place, turn = data.body(body).xpos.copy(), data.body(body).xquat.copy()
    deepest = 0.0
    for _ in range(round(seconds / PHYSICS_DT)):
        mujoco.mj_step(model, data)
        deepest = max(deepest, -data.contact.dist.min(initial=0.0))
    difference = np.zeros(3)
    mujoco.mju_subQuat(difference, data.body(body).xquat, turn)
    drift = float(np.linalg.norm(data.body(body).xpos - place))
    return deepest, drift, float(np.linalg.norm(difference))


def check_reset(model: Any) -> CpuSimulation:
    """Reset some of four worlds whose state is scrambled: those only, whole, and the same whatever was before."""
    sim = worlds(4, model)
    torch.manual_seed(0)
    sim.qpos[:] += 0.1 * torch.rand_like(sim.qpos)
    sim.qvel[:] = torch.rand_like(sim.qvel)
    before = sim.qpos.clone(), sim.qvel.clone()
    mask = torch.tensor([True, False, True, False])
    model.reset(sim, mask)
    assert torch.equal(sim.qpos[~mask], before[0][~mask])
    assert torch.equal(sim.qvel[~mask], before[1][~mask])
    assert (sim.qvel[mask] == 0.0).all()
    assert torch.equal(sim.qpos[0], sim.qpos[2])
    sim.forward()
    return sim
