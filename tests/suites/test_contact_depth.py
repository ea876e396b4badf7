"""How deep things sink into the ground, or into the tray, while the motors do whatever they like."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest

from tests.suites.worlds import Worlds

WORLDS, STEPS = 64, 150


def depths(name: str, surface: str) -> np.ndarray:
    """Depth of the deepest contact with geom `surface` after each control step and in each world, m; 0 for none."""
    worlds = Worlds(name, WORLDS)
    on, found = worlds.sim.model.geom(surface).id, []
    data = mujoco.MjData(worlds.sim.model)
    for _ in range(STEPS):
        state, unstable = worlds.step(worlds.draw())
        for world in range(WORLDS):
            contact = worlds.sim.data(world, data).contact
            below = contact.dist[(contact.geom == on).any(axis=1)]
            found.append(max(0.0, -below.min(initial=0.0)))
        assert not unstable.any()
        ended = worlds.task.terminated(state)
        worlds.reset(ended)
    return np.array(found)


@pytest.mark.parametrize(
    ("name", "surface", "radius"),
    [
        ("anymal", "ground", 0.03),
        ("ant", "ground", 0.08),
        ("humanoid", "ground", 0.027),
        ("ball_balance", "tray", 0.02),
    ],
)
def test_a_hundredth_of_random_steps_at_most_ends_deeper_than_a_third_of_a_foot(
    name: str, surface: str, radius: float
) -> None:
    """`radius` of a foot, for ball_balance of the legs under the tray, m."""
    found = depths(name, surface)
    assert found.max() > 0.0
    assert np.quantile(found, 0.99) < radius / 3


@pytest.mark.parametrize(("name", "low", "high"), [("anymal", 0.0, 0.003), ("ant", 0.007, 0.01)])
def test_standing_feet_are_on_the_ground(name: str, low: float, high: float) -> None:
    """Height of the lowest point of a robot that has come to rest, m: the margins of the contacts keep it up."""
    worlds = Worlds(name, 4)
    if name == "ant":
        worlds.sim.qpos[:, 7:] = sum(worlds.task.limits(worlds.sim.qpos)) / 2
        worlds.sim.forward()
    for _ in range(150):
        worlds.step(worlds.still())
    on = worlds.sim.model.geom("ground").id
    for world in range(4):
        contact = worlds.sim.data(world).contact
        lowest = contact.dist[(contact.geom == on).any(axis=1)].min()
        assert low <= lowest <= high
