"""Switch: two rockers that start released, that both have to be pressed, and that can be."""

from __future__ import annotations

import pytest
import torch

from harness.registry import load_task
from harness.task import MemoryForm
from tests.suites.dexterity.judged import as_numbers, check_rest, check_start, judged, table
from tests.suites.dexterity.operator import Operator
from tests.suites.dexterity_facts import values
from tests.suites.hands import Table

ROCKERS = ["switch_right_rocker", "switch_left_rocker"]


def turned(angles: list[tuple[float, float]], **options: str) -> Table:
    """A world per pair of angles (rad) of the right and the left rocker."""
    run = table("switch", len(angles), **options)
    run.sim.joints(ROCKERS).qpos = torch.tensor(angles, dtype=torch.float64)
    return run


def test_pressed_rockers_of_the_original_are_where_the_facts_have_them() -> None:
    run = turned([(0.0, 0.0)], geometry="original")
    run.sim.forward()
    check_start("switch", run, "start")


@pytest.mark.parametrize(("geometry", "human"), [("original", 0.413), ("reachable", 0.523)])
def test_rockers_start_released_and_rest(geometry: str, human: float) -> None:
    run = turned([(0.3, -0.3)], geometry=geometry)
    run.reset(torch.ones(1, dtype=torch.bool))
    found = values("switch", as_numbers("switch", run.state()))
    assert found["height"][0] == pytest.approx(1.4046, abs=2e-4)
    assert found["human"][0] == pytest.approx(human, abs=5e-3)
    check_rest(run, ROCKERS, drift=1e-9)
    assert values("switch", as_numbers("switch", run.state()))["height"][0] == pytest.approx(1.4046, abs=4e-4)


def test_both_rockers_have_to_be_three_quarters_down() -> None:
    run = turned([(0.0, 0.0), (-0.8, 0.0), (-0.56, -0.56), (-0.60, -0.56), (-0.8, -0.45)])
    scores, ends = judged("switch", run)
    assert scores == [0.0, 0.0, 0.0, 1.0, 1.0]
    assert not any(ends)


def test_the_original_cannot_be_solved() -> None:
    scores, _ = judged("switch", turned([(0.0, 0.0), (-0.5, -0.5)], fidelity="original"))
    assert scores == [0.0, 0.0]
    assert load_task("switch").memory_form is MemoryForm.SCALAR_EMA


def test_the_policy_sees_both_points_to_press() -> None:
    run = turned([(-0.2, -0.4)])
    run.sim.forward()
    state = run.state()
    seen = run.task.observe(state, run.idle().flatten(1))
    assert seen.shape == (1, 417)
    torch.testing.assert_close(seen[:, 411:414], state.switch_right_handle_pos)
    torch.testing.assert_close(seen[:, 414:], state.switch_left_handle_pos)
    torch.testing.assert_close(state.object_pos[0], torch.tensor([0.0, 0.2, 0.65]))


def test_hands_that_come_down_press_both_rockers() -> None:
    operator = Operator(table("switch").task)
    for side in ("right", "left"):
        operator.move(side, 0.0, 0.0, -0.17)
    operator.run(55)
    assert operator.best.item() == 1.0
    lone = Operator(operator.task)
    lone.move("right", 0.0, 0.0, -0.17)
    lone.run(55)
    assert lone.best.item() == 0.0
