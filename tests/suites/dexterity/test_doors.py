"""The four door tasks: how they start, where the leaves open and close them, and that two hands can do it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch

from harness.registry import load_task
from harness.rotations import quat_mul
from suites.models.two_hands import SIDES
from tests.suites.dexterity.judged import as_numbers, check_rest, check_start, judged, shift_hand, table
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


def with_leaves_at(name: str, angles: Sequence[tuple[float, float]]) -> Table:
    """Worlds with both leaves (right, left) at these angles, rad."""
    run = table(name, len(angles))
    run.sim.joints(HINGES).qpos = torch.tensor(angles, dtype=torch.float64)
    return run


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("fidelity", ["fixed", "original"])
def test_starts_are_the_originals(name: str, fidelity: str) -> None:
    run = table(name, fidelity=fidelity)
    check_start(name, run, "start", place=1e-4, value=1e-3)
    for _ in range(5):
        run.step(run.draw())
    run.sim.joints(HINGES).qpos = 0.7
    run.reset(torch.ones(1, dtype=torch.bool))
    check_start(name, run, "start", place=1e-4, value=1e-3)
    frame = FACTS[name]["objects"]["door"]
    np.testing.assert_allclose(run.state().object_pose, [[*frame["pos"], *frame["quat"]]], atol=1e-5)


@pytest.mark.parametrize("name", TASKS)
def test_nothing_moves_unless_it_is_pushed(name: str) -> None:
    bodies = [*HINGES, *(f"{side}_{body}" for side in SIDES for body in ("forearm", "palm", "thdistal"))]
    run = table(name)
    leaves = run.sim.joints(HINGES).qpos.clone()
    check_rest(run, bodies, drift=1e-4)
    torch.testing.assert_close(run.sim.joints(HINGES).qpos, leaves, atol=1e-6, rtol=0.0)


@pytest.mark.parametrize("name", TASKS)
def test_the_gap_between_the_handles_decides(name: str) -> None:
    """One leaf alone is enough to close a door, not to open one."""
    gaps, closes = FACTS[name]["gaps"], float("close" in name)
    limit, wide = gaps["threshold"], 1.5708
    run = with_leaves_at(name, [(limit - 0.005,) * 2, (limit + 0.005,) * 2, (0.0, wide), (wide, 0.0)])
    assert judged(name, run)[0] == [closes, 1.0 - closes, closes, closes]
    found = values(name, as_numbers(name, run.state()))["gap"]
    np.testing.assert_allclose(found[2:], gaps["one_leaf"], atol=2e-3)
    run = with_leaves_at(name, [(angle, angle) for angle in gaps["angles"]])
    scores, _ = judged(name, run)
    assert [score == closes for score in scores] == [gap < 0.5 for gap in gaps["gap"]]
    found = values(name, as_numbers(name, run.state()))["gap"]
    np.testing.assert_allclose(found, gaps["gap"], atol=2e-4)


@pytest.mark.parametrize(
    ("name", "near", "far"),
    [
        (OPEN_INWARD, 0.06, 0.2),
        (OPEN_OUTWARD, 0.06, 0.2),
        (CLOSE_INWARD, 0.1, 0.3),
        (CLOSE_OUTWARD, 0.05, 0.09),
    ],
)
def test_a_hand_that_backs_off_too_far_ends_the_episode(name: str, near: float, far: float) -> None:
    """By so much, m."""
    run = table(name, 4)
    for world, (side, back) in enumerate([(side, back) for side in SIDES for back in (near, far)]):
        shift_hand(run, world, side, back, 0.0, 0.0)
    assert judged(name, run)[1] == [False, True, False, True]


def test_the_spring_pulls_the_leaves_to_where_they_start() -> None:
    for name, away in ((OPEN_OUTWARD, 0.5), (CLOSE_OUTWARD, 1.0)):
        start = FACTS[name]["objects"]["door"]["angles"][0]
        for spring, moves in (("off", False), ("on", True)):
            run = table(name, spring=spring)
            run.sim.joints(HINGES).qpos = away
            for _ in range(20):
                run.step(run.idle())
            closer = abs(away - start) - (run.sim.joints(HINGES).qpos - start).abs()
            assert (closer > 0.1).all() == moves
            assert moves or closer.abs().max() < 1e-6


@pytest.mark.parametrize("name", [CLOSE_INWARD, CLOSE_OUTWARD])
@pytest.mark.parametrize(
    ("options", "speed"), [({}, 0.0), ({"hinges": "moving"}, 1.57), ({"fidelity": "original"}, 1.57)]
)
def test_open_leaves_are_at_rest_or_run_against_their_stops(
    name: str, options: dict[str, str], speed: float
) -> None:
    run = table(name, 2, **options)
    expected = torch.full((2,), speed, dtype=torch.float64)
    torch.testing.assert_close(run.sim.joints(HINGES).qvel[1], expected)
    run.step(run.draw())
    run.reset(torch.tensor([True, False]))
    torch.testing.assert_close(run.sim.joints(HINGES).qvel[0], expected)
    assert (run.sim.joints(HINGES).qvel[1] != expected).all() == (speed > 0.0)
    for _ in range(20):
        run.step(run.idle())
        assert run.sim.joints(HINGES).qpos.max() < 1.6


class Pair(Operator):
    """Two hands that do the same on either side of the middle of the door."""

    def __init__(self, name: str) -> None:
        super().__init__(load_task(name))  # type: ignore[arg-type]
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
    hands = Pair(name)
    script(hands)
    assert hands.best.item() == 1.0
    assert not hands.ended.any()
