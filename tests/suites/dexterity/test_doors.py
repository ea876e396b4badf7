"""The four door tasks: how they start, where the leaves open and close them, and that two hands can do it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch

from harness.registry import load_task
from harness.rotations import quat_mul
from suites.dexterity.doors import DoorTask
from suites.models.two_hands import SIDES
from tests.suites.dexterity.operator import FINGERS, Operator
from tests.suites.dexterity_facts import FACTS, values
from tests.suites.hands import Table

TASKS = OPEN_INWARD, OPEN_OUTWARD, CLOSE_INWARD, CLOSE_OUTWARD = (
    "door_open_inward",
    "door_open_outward",
    "door_close_inward",
    "door_close_outward",
)
HINGES = ["door_right", "door_left"]


def door(name: str, options: dict[str, str] | None = None) -> DoorTask:
    task = load_task(name, options)
    assert isinstance(task, DoorTask)
    return task


def table(name: str, count: int = 1, options: dict[str, str] | None = None) -> Table:
    return Table(door(name, options), count)


def numbers(name: str, state: Any) -> dict[str, Any]:
    """The rules of a task on a state."""
    return values(name, {key: getattr(state, key).double().numpy() for key in FACTS[name]["state"]})


def turn_leaves(run: Table, angles: Sequence[tuple[float, float]]) -> Any:
    """The state with both leaves (right, left) at these angles, rad, in one world each."""
    run.sim.joints(HINGES).qpos = torch.tensor(angles, dtype=torch.float64)
    run.sim.forward()
    return run.state()


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("fidelity", ["fixed", "original"])
def test_starts_are_the_originals(name: str, fidelity: str) -> None:
    state, facts = table(name, 2, {"fidelity": fidelity}).state(), FACTS[name]
    for point, place in facts["start"]["state"].items():
        np.testing.assert_allclose(getattr(state, point), [place] * 2, atol=1e-4, err_msg=point)
    found = numbers(name, state)
    for rule, value in facts["start"]["values"].items():
        np.testing.assert_allclose(found[rule], value, atol=1e-3, err_msg=rule)
    frame, goal = facts["objects"]["door"], facts["goal"]
    np.testing.assert_allclose(state.object_pose, [[*frame["pos"], *frame["quat"]]] * 2, atol=1e-5)
    np.testing.assert_allclose(state.goal_pose, [[*goal["pos"], *goal["quat"]]] * 2, atol=1e-5)
    assert state.object_linvel.abs().max() == state.object_angvel.abs().max() == 0.0


@pytest.mark.parametrize("name", TASKS)
def test_nothing_moves_unless_it_is_pushed(name: str) -> None:
    run = table(name)
    before, leaves = run.state(), run.sim.joints(HINGES).qpos.clone()
    for _ in range(20):
        state, _ = run.step(run.idle())
    assert (run.sim.joints(HINGES).qpos - leaves).abs().max() < 1e-6
    assert run.sim.joints(HINGES).qvel.abs().max() < 1e-4
    torch.testing.assert_close(state.fingertip_state, before.fingertip_state, atol=1e-4, rtol=0.0)
    assert run.task.score(state).item() == 0.0


@pytest.mark.parametrize("name", TASKS)
def test_both_leaves_pass_the_gap_where_the_original_says(name: str) -> None:
    """One leaf alone is enough to close a door, not to open one."""
    gaps, closes = FACTS[name]["gaps"], "close" in name
    limit, wide = gaps["threshold"], 1.5708
    both = [(limit - 0.005,) * 2, (limit + 0.005,) * 2]
    state = turn_leaves(table(name, 4), [*both, (0.0, wide), (wide, 0.0)])
    assert load_task(name).score(state).tolist() == [closes, not closes, closes, closes]
    np.testing.assert_allclose(numbers(name, state)["gap"][2:], gaps["one_leaf"], atol=2e-3)
    angles = gaps["angles"]
    state = turn_leaves(table(name, len(angles)), [(angle, angle) for angle in angles])
    np.testing.assert_allclose(numbers(name, state)["gap"], gaps["gap"], atol=2e-4)
    sides = [gap < 0.5 for gap in gaps["gap"]]
    assert load_task(name).score(state).tolist() == [float(closed == closes) for closed in sides]


@pytest.mark.parametrize("name", TASKS)
def test_an_episode_ends_when_either_hand_is_far_from_its_handle(name: str) -> None:
    run = table(name, 3)
    lost = 3.0 if name == CLOSE_OUTWARD else 1.5
    start = numbers(name, run.state())
    for world, side in enumerate(SIDES):
        run.sim.joint(f"{side}_base_x").qpos[world] += 1.0
    run.sim.forward()
    state = run.state()
    found = numbers(name, state)
    assert run.task.terminated(state).tolist() == [True, True, False]
    assert found["right"][0] > lost > start["right"][0]
    assert found["left"][1] > lost > start["left"][1]


def test_the_spring_pulls_the_leaves_to_where_they_start() -> None:
    for name, away in ((OPEN_OUTWARD, 0.5), (CLOSE_OUTWARD, 1.0)):
        start = FACTS[name]["objects"]["door"]["angles"][0]
        for spring, moves in (("off", False), ("on", True)):
            run = table(name, 1, {"spring": spring})
            turn_leaves(run, [(away, away)])
            for _ in range(20):
                run.step(run.idle())
            closer = abs(away - start) - (run.sim.joints(HINGES).qpos - start).abs()
            assert (closer > 0.1).all() == moves
            assert moves or closer.abs().max() < 1e-6


@pytest.mark.parametrize("name", [CLOSE_INWARD, CLOSE_OUTWARD])
def test_open_leaves_are_at_rest_or_run_against_their_stops(name: str) -> None:
    for options, speed in (({}, 0.0), ({"fidelity": "original"}, 1.57)):
        run = table(name, 2, options)
        torch.testing.assert_close(run.sim.joints(HINGES).qvel, torch.full((2, 2), speed).double())
        run.step(run.draw())
        run.reset(torch.tensor([True, False]))
        torch.testing.assert_close(run.sim.joints(HINGES).qvel[0], torch.full((2,), speed).double())
        for _ in range(60):
            run.step(run.idle())
        assert run.sim.joints(HINGES).qpos.max() < 1.59


class Pair(Operator):
    """Two hands that do the same on either side of the middle of the door."""

    def __init__(self, task: DoorTask) -> None:
        super().__init__(task)
        self.first = dict(self.turn)

    def both(self, x: float, y: float, z: float, *, yaw: float = 0.0) -> None:
        """Move both by this much (m) from their starts, and turn them about the vertical (rad), the right one so."""
        self.move("right", x, y, z)
        self.move("left", x, -y, z)
        for side, angle in (("right", yaw), ("left", -yaw)):
            about_z = torch.tensor([[0.0, 0.0, math.sin(0.5 * angle), math.cos(0.5 * angle)]])
            self.turn[side] = quat_mul(about_z.to(self.first[side]), self.first[side])

    def hook(self, angle: float) -> None:
        """Bend the fingers in the middle, rad."""
        for side in SIDES:
            self.bend(side, FINGERS, j1=angle)


def pull_open(hands: Pair) -> None:
    """Hook the fingers behind the pulls from the side, and go along their arcs."""
    hands.hook(0.8)
    for place, steps in (((0.05, -0.04, 0.1), 25), ((-0.065, -0.045, 0.1), 35), ((-0.065, -0.11, 0.1), 25)):
        hands.both(*place)
        hands.run(steps)
    for step in range(1, 46):
        angle = 0.024 * step  # rad, of the leaves, or more
        hands.hook(min(0.8 + angle, 1.1))
        x, y = 0.42 * math.sin(angle) - 0.065, 0.55 * (1.0 - math.cos(angle)) - 0.11  # m
        hands.both(x, y, 0.1, yaw=0.3 * angle)
        hands.run(2)


def push_open(hands: Pair) -> None:
    """Go on through the doorway."""
    hands.both(-0.75, 0.1, 0.0)
    hands.run(100)


def push_shut(hands: Pair) -> None:
    """Get round the pulls on the outer sides, then push them inwards and back."""
    hands.both(-0.07, 0.08, 0.08)
    hands.run(25)
    hands.both(-0.3, -0.35, 0.08)
    hands.run(80)


def pull_shut(hands: Pair) -> None:
    """Through the doorway, put the fingers between pulls and leaves, then pull the pulls inwards."""
    hands.both(-0.3, -0.02, 0.05, yaw=-0.3)
    hands.run(60)
    hands.both(-0.53, 0.05, 0.05, yaw=-0.3)
    hands.run(70)
    hands.hook(1.571)
    hands.both(-0.45, -0.2, 0.05, yaw=-0.3)
    hands.run(50)


@pytest.mark.parametrize(
    ("name", "script"),
    [
        (OPEN_INWARD, pull_open),
        (OPEN_OUTWARD, push_open),
        (CLOSE_INWARD, push_shut),
        (CLOSE_OUTWARD, pull_shut),
    ],
)
def test_two_hands_can_do_it(name: str, script: Callable[[Pair], None]) -> None:
    hands = Pair(door(name))
    script(hands)
    assert hands.best.item() == 1.0
    assert not hands.ended.any()
