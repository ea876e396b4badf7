"""Bottle Cap: a bottle that rolls off an idle palm, stays in a closed hand, and whose cap a finger takes off."""

from __future__ import annotations

import torch

from harness.registry import load_task
from harness.task import MemoryForm, state_fields
from tests.suites.dexterity.judged import check_start, judged, shift_hand, table
from tests.suites.dexterity.operator import FINGERS, Operator

BENT = {"THJ4": -1.04, "THJ3": 1.2, "THJ0": -1.57}


def holding() -> Operator:
    """An operator whose left hand closes around the bottle."""
    operator = Operator(load_task("bottle_cap"))  # type: ignore[arg-type]
    operator.bend("left", FINGERS, j1=0.8, j2=1.5)
    return operator


def test_the_start_is_that_of_the_facts() -> None:
    run = table("bottle_cap")
    check_start("bottle_cap", run, "start")
    run.sim.joints(["bottle_slider", "bottle_cap"]).qpos[:] = 0.05
    run.reset(torch.ones(1, dtype=torch.bool))
    check_start("bottle_cap", run, "start")
    for side in ("right", "left"):
        for joint, angle in BENT.items():
            assert run.sim.joint(f"{side}_{joint}").qpos.item() == angle
            assert run.sim.actuator(f"{side}_{joint}").ctrl.item() == angle
    assert run.task.memory_form is MemoryForm.PER_WORLD_LAST
    assert not [name for name in state_fields(run.task) if name.startswith("left_hand_ff")]


def test_the_way_of_the_cap_decides_and_a_lost_bottle_ends_the_episode() -> None:
    run = table("bottle_cap", 7)
    run.sim.joint("bottle_slider").qpos[:3, 0] = torch.tensor([0.0280, 0.0284, 0.06], dtype=torch.float64)
    run.sim.joint("bottle").qpos[3, 2] -= 0.1148  # the mouth is lower than 0.5 m
    run.sim.joint("bottle").qpos[4, 2] -= 0.1146
    shift_hand(run, 5, "right", 0.0, -0.5, 0.0)
    shift_hand(run, 6, "left", 0.0, 0.25, 0.0)
    run.sim.joint("bottle_cap").qpos[0] = 2.0  # a turn of the cap does not count
    scores, ends = judged("bottle_cap", run)
    assert scores == [0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    assert ends == [False, False, False, True, False, True, True]


def test_the_policy_sees_the_bottle_and_where_its_cap_is() -> None:
    run = table("bottle_cap")
    run.sim.joint("bottle_slider").qpos[:] = 0.04
    run.sim.forward()
    state = run.state()
    seen = run.task.observe(state, run.idle().flatten(1))
    assert seen.shape == (1, 420)
    expected = torch.cat([state.bottle_pos, state.bottle_cap_pos, state.bottle_cap_up], dim=-1)
    torch.testing.assert_close(seen[:, 411:], expected)
    assert (state.bottle_cap_up - state.bottle_pos).norm() > 0.04
    start = table("bottle_cap").state()
    torch.testing.assert_close(state.bottle_cap_pos, start.bottle_cap_pos)  # it stays on the bottle


def test_a_bottle_rolls_off_an_idle_palm_but_stays_in_a_closed_hand() -> None:
    """It starts 9 mm inside the palm, is pushed out gently, and lies on a ridge."""
    idle = Operator(load_task("bottle_cap"))  # type: ignore[arg-type]
    before = idle.table.state().bottle_pos
    state = idle.run(20)
    assert (state.bottle_pos - before).norm() < 0.05
    assert state.object_linvel.norm() < 0.25
    idle.run(50)
    assert idle.ended.item()
    operator = holding()
    state = operator.run(125)
    assert not operator.ended.any()
    assert (state.bottle_pos - state.left_hand_pos).norm() < 0.06
    assert operator.best.item() == 0.0


def test_a_finger_takes_the_cap_off_a_bottle_that_the_other_hand_holds() -> None:
    operator = holding()
    operator.bend("right", THJ4=-1.04, THJ3=0.0, THJ0=0.0)
    operator.move("right", -0.055, 0.01, -0.055)
    operator.run(60)
    operator.bend("right", ("FF",), j1=0.3, j2=1.57)
    operator.bend("right", ("MF",), j2=1.57)
    operator.run(12)
    operator.move("right", -0.095, 0.0, -0.015)
    operator.run(45)
    assert operator.steps <= operator.task.timing.episode_steps
    assert operator.best.item() == 1.0
    assert not operator.ended.any()
