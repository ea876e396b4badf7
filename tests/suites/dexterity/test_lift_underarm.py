"""Lift Underarm: its start, its ends, friction of pot and table, and a pot that two fists lift."""

from __future__ import annotations

import pytest
import torch

from harness.registry import load_task
from suites.dexterity.lift_underarm import LiftUnderarm
from tests.suites.dexterity.steering import Steered
from tests.suites.dexterity_facts import FACTS, values
from tests.suites.hands import Table

FISTS = {f"{finger}J{joint}": 1.571 for finger in ("FF", "MF", "RF", "LF") for joint in (1, 2)}
"""rad"""


def task(**options: str) -> LiftUnderarm:
    found = load_task("lift_underarm", options)
    assert isinstance(found, LiftUnderarm)
    return found


@pytest.mark.parametrize(("height", "start"), [("settled", "rest_start"), ("original", "start")])
def test_it_starts_as_the_original_does(height: str, start: str) -> None:
    state = Table(task(start_height=height)).state()
    facts = FACTS["lift_underarm"][start]
    for name, place in facts["state"].items():
        assert getattr(state, name)[0].tolist() == pytest.approx(place, abs=1e-3), name
    found = values("lift_underarm", {name: value.numpy() for name, value in vars(state).items()})
    for name, value in facts["values"].items():
        assert found[name][0] == pytest.approx(value, abs=2e-3), name
    assert state.goal_pos[0].tolist() == pytest.approx([0.0, -0.6, 0.85])
    assert state.goal_rot[0].tolist() == [0.0, 0.0, 0.0, 1.0]


@pytest.mark.parametrize(("height", "rise"), [("settled", 0.0), ("original", 0.0145)])
def test_a_settled_pot_stays_and_one_in_the_table_comes_out_of_it(height: str, rise: float) -> None:
    table = Table(task(start_height=height))
    start = table.state()
    for _ in range(40):
        state, _ = table.step(table.idle())
        assert state.object_linvel.norm() < (0.05 if height == "settled" else 0.2)
    moved = (state.object_pos - start.object_pos)[0]
    assert moved.tolist() == pytest.approx([0.0, 0.0, rise], abs=1.2e-3)
    assert table.sim.joint("pot_lid").qpos.abs().max() < 1e-3
    assert not table.task.terminated(state).any()


def test_a_pot_at_its_goal_scores_and_ends_are_those_of_the_original() -> None:
    table = Table(task(), 5)
    pot, right, left = (table.sim.joint(name).qpos for name in ("pot", "right_base_z", "left_base_z"))
    pot[0, 2], pot[1, 2] = 0.85 - 0.049, 0.85 - 0.051
    right[2] -= 0.09  # m, along the fingers, from a handle that is 0.145 m away
    left[3] -= 0.09
    pot[4, 2] = 0.299
    table.sim.forward()
    state = table.state()
    assert table.task.score(state).tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]
    found = values("lift_underarm", {name: value.numpy() for name, value in vars(state).items()})
    assert [list(map(bool, reason)) for reason in found["ends"]] == [
        [False, False, False, False, True],
        [True, True, True, False, False],
        [True, True, False, True, False],
    ]
    for world in range(5):
        ends = any(reason[world] for reason in found["ends"])
        assert bool(table.task.terminated(state)[world]) == ends
    near = state.right_hand_pos - state.pot_right_handle_pos
    assert near[2].norm() > 0.2 > near[3].norm()


def test_the_pot_sticks_to_its_table() -> None:
    table = Table(task())
    for _ in range(5):
        table.step(table.idle())
    data, model = table.sim.data(0), table.sim.model
    found = {
        frozenset(model.geom(int(geom)).name for geom in contact.geom): round(float(contact.friction[0]), 6)
        for contact in data.contact
    }
    assert found == {frozenset({"pot_wall", "table"}): 3.0}


def test_two_fists_below_the_handles_lift_the_pot_to_its_goal() -> None:
    """Knuckles under the bars, where the pot weighs on the bones of the hands more than on their servos."""
    hands = Steered(task())
    for step in range(330):
        inwards, up = 0.1, min(max(step - 40, 0) * 0.0016, 0.5)  # m
        state = hands.steer((0.0, -inwards, up), (0.0, inwards, up), FISTS)
        assert not hands.task.terminated(state).any()
        if step == 280:
            assert state.object_pos[0, 2] > 0.7
            assert (state.pot_right_handle_pos - state.right_hand_pos).norm() < 0.08
        if hands.task.score(state).any():
            break
    assert hands.task.score(state).tolist() == [1.0]
    assert step > 250
    assert torch.linalg.vector_norm(state.object_rot[0, :3]) < 0.15  # upright
