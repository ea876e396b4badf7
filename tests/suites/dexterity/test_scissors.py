"""Scissors: they lie closed, and a hand that drags a grip along the table opens them."""

from __future__ import annotations

import math

import pytest
import torch

from harness.context import context_of
from harness.registry import load_task
from harness.rewards.language.names import offered
from tests.suites.dexterity.judged import check_rest, check_start, judged, shift_hand, table
from tests.suites.dexterity.operator import FINGERS, Operator

BODIES = ["scissors", "scissors_right"]


@pytest.mark.parametrize("start", ["settled", "original"])
def test_the_start_is_that_of_the_facts(start: str) -> None:
    run = table("scissors", start_height=start)
    check_start("scissors", run, "rest_start" if start == "settled" else "start")
    run.sim.joint("scissors_right").qpos[:] = 0.0
    run.reset(torch.ones(1, dtype=torch.bool))
    assert run.state()._object_dof_pos.item() == pytest.approx(-0.59)


def test_they_lie_still() -> None:
    check_rest(table("scissors"), BODIES)


def test_scissors_that_start_in_their_table_come_out_of_it() -> None:
    run = table("scissors", start_height="original")
    for _ in range(20):
        state, unstable = run.step(run.idle())
        assert not unstable.any()
    assert state.object_pos[0, 2].item() == pytest.approx(0.6065, abs=2e-3)
    assert state.object_linvel.norm() < 0.02


def test_the_angle_of_the_pivot_decides_and_far_hands_end_the_episode() -> None:
    run = table("scissors", 6)
    run.sim.joint("scissors_right").qpos[:, 0] = torch.tensor(
        [-0.59, -0.301, -0.299, 0.3, -0.59, -0.59], dtype=torch.float64
    )
    shift_hand(run, 4, "right", 0.0, 0.1, 0.0)
    shift_hand(run, 5, "left", 0.0, -0.2, 0.0)
    scores, ends = judged("scissors", run)
    assert scores == [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]
    assert ends == [False, False, False, False, True, True]


def test_the_angle_is_hidden_unless_it_is_asked_for() -> None:
    hidden, shown = load_task("scissors"), load_task("scissors", {"pivot_angle": "shown"})
    assert "dof_pos: Tensor" not in context_of(hidden)
    assert "object_dof_pos: Tensor  # (N, 1)" in context_of(shown)
    assert set(offered(shown)) - set(offered(hidden)) == {"object_dof_pos"}
    run = table("scissors", 2, pivot_angle="shown")
    run.step(run.draw())
    state = run.state()
    assert state.object_dof_pos.shape == (2, 1)
    assert torch.equal(state.object_dof_pos, state._object_dof_pos)
    assert not hasattr(table("scissors").state(), "object_dof_pos")


def test_a_hand_that_drags_the_right_grip_opens_them() -> None:
    operator = Operator(load_task("scissors"))  # type: ignore[arg-type]
    operator.bend("right", FINGERS, j2=0.7, THJ4=1.0, THJ3=1.2)
    operator.move("right", 0.05, -0.26, -0.05)
    operator.run(55)
    operator.move("right", 0.05, -0.26, -0.175)
    operator.run(25)
    for y in (-0.15, -0.1, -0.05, 0.0):
        operator.move("right", 0.05, y, -0.175)
        state = operator.run(15)
    assert operator.steps <= operator.task.timing.episode_steps
    assert operator.best.item() == 1.0
    assert not operator.ended.any()
    assert math.degrees(state._object_dof_pos.item()) > -13.0
