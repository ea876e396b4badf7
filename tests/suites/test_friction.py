"""Friction of a thing with a hand, with a table and with its like, as the engine finds it in the contacts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mujoco
import numpy as np
import pytest

from suites.models.bucket import add_bucket
from suites.models.common import empty_scene
from suites.models.cup import add_cup
from suites.models.friction import add_pair_friction, mean_friction
from suites.models.objects import TOUCH, add_block
from suites.models.pen import add_pen_with_cap
from suites.models.pot import add_pot
from suites.models.shadow_hand import add_shadow_hand
from suites.models.table import add_table

PALM = (0.0, -0.37, 0.0)  # m, middle of the palm when the mount is at the origin


def frictions(model: mujoco.MjModel, data: mujoco.MjData, one: str, other: str = "") -> set[float]:
    """Coefficients of the contacts of geom `one` with geoms whose names begin with `other`."""
    found = set()
    for contact in data.contact:
        names = [model.geom(int(g)).name for g in contact.geom]
        if one in names and any(n.startswith(other) for n in names if n != one):
            found.add(round(float(contact.friction[0]), 6))
            assert contact.dim == 3
            np.testing.assert_allclose(contact.solref, TOUCH["solref"])
            np.testing.assert_allclose(contact.solimp, TOUCH["solimp"])
    return found


def in_palm(add: Callable[..., Any], geom: str, **properties: Any) -> set[float]:
    """Friction of `geom` of a thing with a hand, put into its palm."""
    spec = empty_scene()
    add_shadow_hand(spec, pos=(0.0, 0.0, 0.0))
    add(spec, "object", **properties)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    data.joint("object").qpos[:3] = PALM - data.geom(geom).xpos
    mujoco.mj_forward(model, data)
    return frictions(model, data, geom, "C_palm")


@pytest.mark.parametrize(
    ("add", "geom", "friction"),
    [
        (add_pot, "object_wall", 2.0),
        (add_pot, "object_right_bar", 1.0),
        (add_cup, "object_wall", 0.75),
        (add_cup, "object_left_grip", 1.0),
        (add_pen_with_cap, "object_barrel", 1.0),
        (add_bucket, "object_wall3", 1.0),
        (add_block, "object", 1.0),
    ],
)
def test_friction_with_a_hand(add: Callable[..., Any], geom: str, friction: float) -> None:
    assert in_palm(add, geom) == {friction}


def test_friction_with_a_hand_is_the_mean() -> None:
    assert in_palm(add_block, "object", **mean_friction(0.25, hand=0.5)) == {0.375}


def stack(**table: Any) -> mujoco.MjSpec:
    """A slippery block on another on a slippery table."""
    spec = empty_scene()
    add_table(spec, (0.5, 1.0, 0.6), (0.0, 0.0, 0.3), **table)
    for name, height in (("low", 0.6245), ("high", 0.674)):
        add_block(spec, name, (0.0, 0.0, height), **mean_friction(0.25, hand=0.5))
    return spec


def test_what_is_no_hand_may_have_a_friction_of_its_own() -> None:
    spec = stack(**mean_friction(0.2, hand=0.5))
    add_pair_friction(spec, "low", "high", 0.25)
    add_pair_friction(spec, "low", "table", 0.225)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    assert frictions(model, data, "low", "high") == {0.25}
    assert frictions(model, data, "low", "table") == {0.225}
    assert len(data.contact) == 8  # four corners each, none counted twice


def test_a_block_slides_down_a_slope_steeper_than_its_friction() -> None:
    """Gravity that leans by 0.2 and by 0.3 against a coefficient of 0.225 and 0.25."""
    for lean, slides in ((0.2, False), (0.3, True)):
        spec = stack(**mean_friction(0.2, hand=0.5))
        add_pair_friction(spec, "low", "high", 0.25)
        add_pair_friction(spec, "low", "table", 0.225)
        spec.option.gravity = [9.81 * lean, 0.0, -9.81]
        model = spec.compile()
        data = mujoco.MjData(model)
        mujoco.mj_step(model, data, 250)
        assert (data.body("low").xpos[0] > 0.02) == slides


def test_tables_of_the_tasks() -> None:
    """A pushed block has 0.75 on its table, a cup as much on its own, and a pot 3."""
    for add, rest, geom, own, friction in (
        (add_block, 0.0249, "object", 0.5, 0.75),
        (add_cup, 0.0842, "object_foot", 1.0, 0.75),
        (add_pot, 0.0651, "object_wall", 3.0, 3.0),
    ):
        spec = empty_scene()
        add_table(spec, (0.3, 0.3, 0.4), (0.0, -0.6, 0.2), **(mean_friction(own) if own != 1.0 else {}))
        add(spec, "object", (0.0, -0.6, 0.4 + rest))
        if own == 3.0:
            add_pair_friction(spec, "object_wall", "table", own)
        model = spec.compile()
        data = mujoco.MjData(model)
        mujoco.mj_forward(model, data)
        assert frictions(model, data, geom, "table") == {friction}


def test_a_table_is_as_large_as_it_says_and_stops_what_falls() -> None:
    spec = empty_scene()
    table = add_table(spec, (0.3, 0.5, 0.4), (0.0, -0.6, 0.2))
    add_block(spec, "on", (0.149, -0.36, 0.45))
    add_block(spec, "beside", (0.18, -0.6, 0.45))
    assert table.name == "table"
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_step(model, data, 100)
    assert model.geom_bodyid[model.geom("table").id] == 0
    assert data.body("beside").xpos[2] < 0.4
    assert data.body("on").xpos[2] > 0.41
