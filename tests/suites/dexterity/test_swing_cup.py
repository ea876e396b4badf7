"""Swing Cup: how it starts, which rotations count, and that two hands can turn the cup."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from harness.registry import load_task
from suites.dexterity.swing_cup import SwingCup
from tests.suites.dexterity.operator import FINGERS, Operator
from tests.suites.dexterity_facts import FACTS, values
from tests.suites.hands import Table

FACT = FACTS["swing_cup"]


def cup(options: dict[str, str] | None = None) -> SwingCup:
    task = load_task("swing_cup", options)
    assert isinstance(task, SwingCup)
    return task


def table(count: int = 1, options: dict[str, str] | None = None) -> Table:
    return Table(cup(options), count)


@pytest.mark.parametrize(
    ("options", "start"),
    [({}, "rest_start"), ({"start": "original"}, "start"), ({"fidelity": "original"}, "start")],
)
def test_it_starts_on_the_table_or_as_in_the_original(options: dict[str, str], start: str) -> None:
    run = table(2, options)
    state = run.state()
    for point, place in FACT[start]["state"].items():
        np.testing.assert_allclose(getattr(state, point), [place] * 2, atol=1e-3, err_msg=point)
    found = values("swing_cup", {key: getattr(state, key).double().numpy() for key in FACT["state"]})
    for rule, value in FACT[start]["values"].items():
        np.testing.assert_allclose(found[rule], value, atol=2e-3, err_msg=rule)
    np.testing.assert_allclose(state.object_rot, [FACT["objects"]["cup"]["quat"]] * 2, atol=1e-5)
    np.testing.assert_allclose(
        state.goal_pose, [[*FACT["goal"]["pos"], *FACT["goal"]["quat"]]] * 2, atol=1e-6
    )
    geom = run.sim.model.geom("table")
    np.testing.assert_allclose(2 * geom.size, FACT["table"]["size"])
    np.testing.assert_allclose(geom.pos, FACT["table"]["center"])


def test_the_cup_stands_still_or_comes_up_to_where_it_would_stand() -> None:
    for options, rise, atol in (({}, 0.0, 2e-4), ({"start": "original"}, 0.0843, 2e-3)):
        run = table(1, options)
        before = run.state()
        for _ in range(20 if not options else 60):
            state, unstable = run.step(run.idle())
            assert not unstable.any()
            assert state.object_pos[0, 2] < 0.69
        moved = state.object_pos - before.object_pos
        torch.testing.assert_close(moved, torch.tensor([[0.0, 0.0, rise]]), atol=atol, rtol=0.0)
        torch.testing.assert_close(state.object_rot, before.object_rot, atol=1e-3, rtol=0.0)
        assert state.object_linvel.norm() < 1e-3
        assert run.sim.joint("cup_lid").qpos.abs().max() < 1e-3


def test_a_turn_either_way_counts_from_135_degrees_on_and_a_fall_ends_it() -> None:
    run = table(6)
    pose = run.sim.joint("cup").qpos
    for world, degrees in enumerate((133.0, 137.0, -133.0, -137.0, 180.0)):
        half = 0.5 * (1.57 + math.radians(degrees))
        pose[world, 3:] = torch.tensor([math.cos(half), 0.0, 0.0, math.sin(half)], dtype=torch.float64)
    pose[4, :3], pose[5, 2] = torch.tensor([0.4, 0.3, 0.301], dtype=torch.float64), 0.299
    run.sim.forward()
    state = run.state()
    assert run.task.score(state).tolist() == [0.0, 1.0, 0.0, 1.0, 1.0, 0.0]
    assert run.task.terminated(state).tolist() == [False] * 5 + [True]


def test_two_hands_can_turn_it() -> None:
    """The right one hooks its handle, pulls it forwards and then across; the left one pushes its own back."""
    hands = Operator(cup())
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
