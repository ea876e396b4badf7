"""Swing Cup: how it starts, which rotations count, and that two hands can turn the cup."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from harness.registry import load_task
from tests.suites.dexterity.judged import check_rest, check_start, judged, table
from tests.suites.dexterity.operator import FINGERS, Operator
from tests.suites.dexterity_facts import FACTS

NAME = "swing_cup"
FACT = FACTS[NAME]


@pytest.mark.parametrize(
    ("options", "start"),
    [({}, "rest_start"), ({"start_height": "original"}, "start"), ({"fidelity": "original"}, "start")],
)
def test_it_starts_on_the_table_or_as_in_the_original(options: dict[str, str], start: str) -> None:
    run = table(NAME, **options)
    check_start(NAME, run, start, place=1e-3, value=2e-3)
    np.testing.assert_allclose(run.state().object_rot, [FACT["objects"]["cup"]["quat"]], atol=1e-5)
    geom = run.sim.model.geom("table")
    np.testing.assert_allclose(2 * geom.size, FACT["table"]["size"])
    np.testing.assert_allclose(geom.pos, FACT["table"]["center"])
    run.sim.qpos[:] += 0.1
    run.reset(torch.ones(1, dtype=torch.bool))
    check_start(NAME, run, start, place=1e-3, value=2e-3)
    assert run.sim.joint("cup_lid").qpos.item() == 0.0


def test_the_cup_stands_still() -> None:
    check_rest(table(NAME), ["cup", "cup_lid"], drift=3e-4)


def test_a_cup_that_starts_in_its_table_comes_up_to_where_it_would_stand() -> None:
    run = table(NAME, start_height="original")
    for _ in range(40):
        state, unstable = run.step(run.idle())
        assert not unstable.any()
        assert state.object_pos[0, 2] < 0.69
    assert state.object_pos[0].tolist() == pytest.approx([0.0, 0.0, FACT["objects"]["cup"]["rest"]], abs=1e-3)
    assert state.object_linvel.norm() < 1e-2


def test_a_turn_either_way_counts_from_135_degrees_on_and_a_fall_ends_it() -> None:
    run = table(NAME, 6)
    pose = run.sim.joint("cup").qpos
    for world, degrees in enumerate((133.0, 137.0, -133.0, -137.0, 180.0)):
        half = 0.5 * (1.57 + math.radians(degrees))
        pose[world, 3:] = torch.tensor([math.cos(half), 0.0, 0.0, math.sin(half)], dtype=torch.float64)
    pose[4, :3], pose[5, 2] = torch.tensor([0.4, 0.3, 0.301], dtype=torch.float64), 0.299
    scores, ends = judged(NAME, run)
    assert scores == [0.0, 1.0, 0.0, 1.0, 1.0, 0.0]
    assert ends == [False] * 5 + [True]


def test_two_hands_can_turn_it() -> None:
    """The right one hooks its handle, pulls it forwards and then across; the left one pushes its own back."""
    hands = Operator(load_task(NAME))  # type: ignore[arg-type]
    hands.bend("right", FINGERS, j1=0.8)
    hands.move("right", 0.03, -0.025, -0.12)
    hands.move("left", 0.17, 0.105, -0.07)
    hands.run(25)
    hands.move("right", 0.03, -0.105, -0.12)
    hands.move("left", 0.17, 0.12, -0.07)
    hands.run(20)
    for step in range(1, 91):
        time = step / 30
        forwards = 0.03 + 0.135 * min(time, 1.0) + 0.02 * max(time - 1.0, 0.0)  # m
        hands.move("right", forwards, -0.105 - 0.13 * max(time - 0.85, 0.0), -0.12)
        hands.move("left", 0.17 - 0.11 * min(time, 1.3), 0.12 - 0.15 * max(time - 1.3, 0.0), -0.07)
        hands.run(1)
    assert hands.best.item() == 1.0
    assert not hands.ended.any()
