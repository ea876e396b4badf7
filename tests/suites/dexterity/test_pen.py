"""Pen: it lies still, and a finger behind the clip draws the cap off."""

from __future__ import annotations

import pytest
import torch

from harness.registry import load_task
from harness.task import MemoryForm
from tests.suites.dexterity.judged import check_rest, check_start, judged, shift_hand, table
from tests.suites.dexterity.operator import Operator

BODIES = ["pen", "pen_cap"]


@pytest.mark.parametrize("start", ["settled", "original"])
def test_the_start_is_that_of_the_facts(start: str) -> None:
    run = table("pen", start_height=start)
    check_start("pen", run, "rest_start" if start == "settled" else "start")
    run.sim.joint("pen_cap").qpos[:] = 0.1
    run.reset(torch.ones(1, dtype=torch.bool))
    check_start("pen", run, "rest_start" if start == "settled" else "start")
    assert run.task.memory_form is MemoryForm.PER_WORLD_LAST


def test_it_lies_still() -> None:
    check_rest(table("pen"), BODIES, drift=1e-3)


def test_a_pen_that_starts_in_its_table_comes_out_of_it() -> None:
    run = table("pen", start_height="original")
    for _ in range(20):
        state, unstable = run.step(run.idle())
        assert not unstable.any()
    assert state.object_pos[0, 2].item() == pytest.approx(0.6124, abs=1e-3)
    assert state.object_linvel.norm() < 0.02


def test_the_distance_of_the_handles_decides_and_far_hands_end_the_episode() -> None:
    run = table("pen", 5)
    run.sim.joint("pen_cap").qpos[:3, 0] = torch.tensor([0.129, 0.131, 0.2], dtype=torch.float64)
    shift_hand(run, 3, "right", 0.2, 0.0, 0.0)
    shift_hand(run, 4, "left", 0.0, 0.0, 0.06)
    scores, ends = judged("pen", run)
    assert scores == [0.0, 1.0, 1.0, 0.0, 0.0]
    assert ends == [False, False, False, True, True]


def test_a_finger_behind_the_clip_draws_the_cap_off_a_barrel_that_the_other_hand_holds_down() -> None:
    operator = Operator(load_task("pen"))  # type: ignore[arg-type]
    places = {"right": -0.16, "left": 0.04}  # m, along the pen
    for side, y in places.items():
        operator.bend(side, ("MF",), j2=0.8)
        operator.move(side, -0.098, y, -0.05)
    operator.run(40)
    for side, y in places.items():
        operator.move(side, -0.098, y, -0.14)
    operator.run(16)
    for centimetres in range(4, 29, 4):
        operator.move("right", -0.098, places["right"] + 0.01 * centimetres, -0.14)
        operator.run(9)
    assert operator.steps <= operator.task.timing.episode_steps
    assert operator.best.item() == 1.0
    assert not operator.ended.any()
