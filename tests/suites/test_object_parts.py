"""Pot, cup, pen with cap and bucket: masses, joints, points to reach for, how they stand, and what they hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import mujoco
import numpy as np
import pytest

from suites.models import bucket, cup, pen, pot
from suites.models.common import add_ground, empty_scene
from suites.models.objects import DROP, add_ball, add_block
from suites.models.table import add_table

STEP = 0.01667 / 4  # s
TABLE = 0.6  # m, its height
LYING = (0.5003982, 0.4999998, 0.4999998, -0.4996018)
QUARTER = (0.7073883, 0.0, 0.0, 0.7068252)
STRAIGHT = (1.0, 0.0, 0.0, 0.0)
LINK = np.array([[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
"""A quarter turn about x, then one back about z."""


class Case(NamedTuple):
    add: Callable[..., Any]
    rest: float
    """Height of the origin over the table, m."""
    quat: tuple[float, float, float, float]
    """How it stands on it at the start (wxyz)."""
    wall: float
    """Its thinnest, m."""
    axis: int
    """The one of least inertia."""


CASES = {
    "pot": Case(pot.add_pot, pot.REST, STRAIGHT, 0.0046, 0),
    "cup": Case(cup.add_cup, cup.REST, QUARTER, 0.0103, 2),
    "pen": Case(pen.add_pen_with_cap, pen.REST, LYING, 0.0042, 2),
    "bucket": Case(bucket.add_bucket, bucket.REST, STRAIGHT, 0.005, 0),
}


@pytest.fixture(params=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def at(
    case: Case, pos: tuple[float, float, float], quat: tuple[float, ...] | None = None
) -> tuple[mujoco.MjModel, mujoco.MjData]:
    """The thing by itself at `pos`, as it stands on a table if not told otherwise, before any step."""
    spec = empty_scene()
    spec.option.timestep = STEP
    case.add(spec, "object", pos, quat or case.quat)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    return model, data


def on_table(case: Case) -> mujoco.MjSpec:
    spec = empty_scene()
    spec.option.timestep = STEP
    add_ground(spec)
    add_table(spec, (0.5, 1.0, TABLE), (0.0, 0.0, 0.5 * TABLE))
    case.add(spec, "object", (0.0, 0.0, TABLE + case.rest), case.quat)
    return spec


@pytest.mark.parametrize(
    ("name", "body", "mass", "com", "moments"),
    [
        ("pot", "object", 3.0, (0.0, 0.0, 0.0), (0.4, 0.4, 0.2)),
        ("pot", "object_lid", 1.0, (0.0, 0.0, 0.0), (0.4, 0.4, 0.2)),
        ("cup", "object", 1.077215, (0.00562, -0.00226, -0.00164), (0.0026067, 0.0022658, 0.0014739)),
        ("cup", "object_lid", 0.0479733, (-0.0001, -0.00313, 0.06869), (5.7e-5, 2.9449e-5, 2.812e-5)),
        ("pen", "object", 0.0504125, (0.00122, 0.00026, 0.02692), (4.19216e-4, 4.19139e-4, 2.41967e-6)),
        ("pen", "object_cap", 0.0274762, (-0.00006, 0.00026, -0.10248), (3.5118e-5, 3.4413e-5, 2.3543e-6)),
        ("bucket", "object", 0.09, (0.0017, 0.001, 0.0054), (1.9e-4, 1.6e-4, 1.6e-4)),
    ],
)
def test_masses_and_inertias(
    name: str, body: str, mass: float, com: tuple[float, ...], moments: tuple[float, ...]
) -> None:
    model, data = at(CASES[name], (0.0, 0.0, 0.0), STRAIGHT)
    found = model.body(body)
    assert found.mass[0] == pytest.approx(mass, rel=1e-5)
    np.testing.assert_allclose(data.body(body).xipos - data.body(body).xpos, com, atol=1e-5)
    np.testing.assert_allclose(np.sort(found.inertia)[::-1], moments, rtol=1e-3)


@pytest.mark.parametrize(
    ("name", "body", "tensor"),
    [
        ("pot", "object", np.diag([0.2, 0.4, 0.4])),
        ("pen", "object", np.diag([4.192e-4, 4.191e-4, 2.42e-6])),
        ("cup", "object", [[2.280e-3, 6.9e-5, 3e-6], [6.9e-5, 2.592e-3, -1e-6], [3e-6, -1e-6, 1.474e-3]]),
        ("bucket", "object", np.diag([1.6e-4, 1.6e-4, 1.9e-4])),
    ],
)
def test_the_axes_of_inertia_are_those_of_the_thing(name: str, body: str, tensor: Any) -> None:
    model, data = at(CASES[name], (0.0, 0.0, 0.0), STRAIGHT)
    turn = data.body(body).ximat.reshape(3, 3)
    np.testing.assert_allclose(turn @ np.diag(model.body(body).inertia) @ turn.T, tensor, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "joint", "axis", "travel", "damping"),
    [
        ("pot", "object_lid", (0.0, 0.0, 1.0), 0.06, 1.0),
        ("cup", "object_lid", (0.0, 0.0, 1.0), 0.108, 1.0),
        ("pen", "object_cap", (0.0, 0.0, -1.0), 0.492, 0.5),
    ],
)
def test_a_lid_or_cap_slides_from_closed_to_its_stop(
    name: str, joint: str, axis: tuple[float, ...], travel: float, damping: float
) -> None:
    model, data = at(CASES[name], (0.0, 0.0, 0.0), STRAIGHT)
    model.opt.gravity[:] = 0.0
    slide = model.joint(joint)
    np.testing.assert_allclose(data.joint(joint).xaxis, axis)
    assert (slide.damping[0], slide.armature[0]) == (damping, 0.001)
    for push, end in ((-0.5, 0.0), (0.5, travel)):
        data.joint(joint).qfrc_applied[0] = push
        mujoco.mj_step(model, data, round(6.0 / STEP))
        assert data.joint(joint).qpos[0] == pytest.approx(end, abs=1e-3)
        assert not data.ncon
    assert model.nv == 7


@pytest.mark.parametrize(
    ("name", "pos", "sites"),
    [
        (
            "pot",
            (0.0, -0.6, 0.45),
            {"right_handle": (0.0, -0.45, 0.51), "left_handle": (0.0, -0.75, 0.51)},
        ),
        (
            "cup",
            (0.0, 0.0, 0.6),
            {"right_handle": (0.0, 0.062, 0.6), "left_handle": (0.0, -0.06, 0.6)},
        ),
        (
            "pen",
            (0.0, 0.0, 0.6),
            {"right_handle": (-0.0001, 0.1, 0.6), "left_handle": (0.0001, -0.07, 0.6)},
        ),
        ("bucket", (0.0, -0.3, 0.5), {"handle": (0.0, -0.3, 0.4), "target": (0.0, -0.3, 0.5)}),
    ],
)
def test_points_to_reach_for_at_the_start_of_the_original_episodes(
    name: str, pos: tuple[float, float, float], sites: dict[str, tuple[float, ...]]
) -> None:
    _, data = at(CASES[name], pos)
    for site, expected in sites.items():
        np.testing.assert_allclose(data.site(f"object_{site}").xpos, expected, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "site", "link"),
    [
        ("cup", "right_handle", False),
        ("cup", "left_handle", True),
        ("pen", "right_handle", True),
        ("pen", "left_handle", True),
        ("bucket", "handle", False),
        ("bucket", "target", True),
    ],
)
def test_points_are_turned_like_the_links_they_stand_for(name: str, site: str, link: bool) -> None:
    _, data = at(CASES[name], (0.0, 0.0, 0.0), LYING)
    turn = data.body("object").xmat.reshape(3, 3) @ (LINK if link else np.eye(3))
    np.testing.assert_allclose(data.site(f"object_{site}").xmat.reshape(3, 3), turn, atol=1e-6)


def test_the_point_on_the_cap_goes_with_it() -> None:
    model, data = at(CASES["pen"], (0.0, 0.0, 0.6))
    data.joint("object_cap").qpos = 0.13
    mujoco.mj_forward(model, data)
    apart = data.site("object_right_handle").xpos - data.site("object_left_handle").xpos
    assert np.linalg.norm(apart) == pytest.approx(0.17 + 0.13)
    assert apart[1] > 0


def test_it_stands_where_it_is_put_and_does_not_sink(case: Case) -> None:
    model = on_table(case).compile()
    data = mujoco.MjData(model)
    deepest, places = 0.0, []
    for _ in range(round(4.0 / STEP)):
        mujoco.mj_step(model, data)
        deepest = min(deepest, data.contact.dist.min(initial=0.0))
        places.append(data.qpos.copy())
    start = [0.0, 0.0, TABLE + case.rest]
    assert 0.0 < -deepest < case.wall / 3
    np.testing.assert_allclose(places[-1][:3], start, atol=5e-4)
    assert abs(np.dot(places[-1][3:7], model.qpos0[3:7])) > np.cos(0.005 / 2)
    np.testing.assert_allclose(places[-1], places[len(places) // 2], atol=2e-4)
    others = {model.geom(int(g)).name for g in data.contact.geom.ravel()} - {"table"}
    assert others
    assert all(name.startswith("object") for name in others)


@pytest.mark.parametrize(
    ("name", "height"), [("pot", 0.4652), ("cup", 0.6843), ("pen", 0.6115), ("bucket", 0.6529)]
)
def test_heights_at_rest_are_those_of_the_originals(name: str, height: float) -> None:
    """m, on tables of 0.4 or 0.6 m. The pen's is that of its axis, 1.2 mm below its origin."""
    table, below = 0.4 if name == "pot" else 0.6, 0.0012 if name == "pen" else 0.0
    assert table + CASES[name].rest - below == pytest.approx(height, abs=4e-4)


def test_spin_decays_as_in_the_originals(case: Case) -> None:
    model, data = at(case, (0.0, 0.0, 0.0), STRAIGHT)
    model.opt.gravity[:] = 0.0
    data.qvel[3 + case.axis] = 1.0
    mujoco.mj_step(model, data, round(1.0 / STEP))
    assert data.qvel[3 + case.axis] == pytest.approx(np.exp(-0.5), rel=0.03)


def test_balls_that_fall_into_the_bucket_stay_in_it() -> None:
    case = CASES["bucket"]
    spec = on_table(case)
    for number in range(30):
        layer, x, y = number // 4, number % 2, number // 2 % 2
        place = (0.015 * x - 0.006, 0.015 * y - 0.006, TABLE + 0.15 + 0.012 * layer)
        add_ball(spec, f"ball{number}", place, **DROP)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_step(model, data, round(2.0 / STEP))
    balls = np.array([data.body(f"ball{n}").xpos for n in range(30)]) - data.body("object").xpos
    assert model.body("ball0").mass[0] == pytest.approx(0.000524, rel=1e-3)
    assert np.hypot(balls[:, 0], balls[:, 1]).max() < 0.035
    assert balls[:, 2].min() > -0.0469 + 0.5 * DROP["radius"]
    assert balls[:, 2].max() < -0.02
    assert np.linalg.norm(data.body("object").xpos[:2]) < 1e-3


@pytest.mark.parametrize(
    ("height", "radius"),
    [(-0.0334, 0.029), (-0.014, 0.035), (0.0055, 0.0406), (0.025, 0.0465), (0.044, 0.0525)],
)
def test_the_bucket_is_open_and_closed_all_around(height: float, radius: float) -> None:
    """Seen from its axis: `radius` is that of the original's inner side, m."""
    model, data = at(CASES["bucket"], (0.0, 0.0, 0.0))
    hit, middle = np.zeros(1, np.int32), np.array([0.0017, 0.0011, height])

    def distance(*direction: float) -> float:
        return float(mujoco.mj_ray(model, data, middle, np.array(direction), None, 1, -1, hit))

    for azimuth in np.radians(np.arange(360)):
        assert distance(np.cos(azimuth), np.sin(azimuth), 0.0) == pytest.approx(radius, abs=0.0035)
    assert distance(0.0, 0.0, 1.0) == -1
    assert distance(0.0, 0.0, -1.0) == pytest.approx(height + 0.0469)


def test_a_block_goes_into_the_bucket() -> None:
    spec = on_table(CASES["bucket"])
    add_block(spec, "block", (0.002, 0.001, TABLE + 0.15))
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_step(model, data, round(2.0 / STEP))
    block = data.body("block").xpos - data.body("object").xpos
    assert np.hypot(*block[:2]) < 0.02
    assert -0.0469 + 0.025 < block[2] < bucket.RIM - 0.04


def test_a_scene_may_hold_two(case: Case) -> None:
    spec = on_table(case)
    case.add(spec, "object_another", (0.0, 0.3, 1.0))
    model = spec.compile()
    named = [
        {model.geom(g).name for g in range(model.ngeom)},
        {model.joint(j).name for j in range(model.njnt)},
        {model.body(b).name for b in range(model.nbody)},
        {model.site(s).name for s in range(model.nsite)},
    ]
    for names in named:
        mine = {name for name in names if name.startswith("object") and "another" not in name}
        assert mine
        assert {name.replace("object", "object_another", 1) for name in mine} <= names
    assert model.joint("object_another").type[0] == mujoco.mjtJoint.mjJNT_FREE


def test_the_marker_of_a_pot_is_see_through_intangible_and_weightless() -> None:
    spec = empty_scene()
    pot.add_pot(spec, "object")
    pot.add_pot(spec, "goal", (0.0, 0.0, 0.02), goal=True)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_step(model, data)
    assert model.nv == 7
    assert not data.ncon
    assert model.body("goal").mass[0] == 0.0
    assert model.body("goal").mocapid[0] == 0
    geoms = {model.geom(g).name: g for g in range(model.ngeom)}
    marker = {name: g for name, g in geoms.items() if name.startswith("goal")}
    assert {name.replace("goal", "object") for name in marker} == set(geoms) - set(marker)
    assert (model.geom_rgba[list(marker.values()), 3] < 0.6).all()
