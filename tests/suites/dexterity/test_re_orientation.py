"""Re Orientation: starts, goals and when they are renewed, what counts, and how F is remembered."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from harness.environment import Environment
from harness.registry import load_task
from harness.rotations import quat_mul, xyzw_to_wxyz
from harness.task import Fitness, MemoryForm
from harness.training.record import Recorder
from suites.dexterity.re_orientation import ReOrientation
from suites.models.draws import turn
from tests.suites.dexterity_facts import FACTS, Floats, values
from tests.suites.hands import Table

NAME = "re_orientation"
CUBES = {"right": ("object", "goal"), "left": ("object_another", "goal_another")}


def table(count: int = 4, options: dict[str, str] | None = None) -> Table:
    task = load_task(NAME, options)
    assert isinstance(task, ReOrientation)
    return Table(task, count)


def known(state: Any) -> dict[str, Floats]:
    """A state by the names of the facts."""
    fields = dataclasses.fields(state)
    return {field.name.lstrip("_"): getattr(state, field.name).double().numpy() for field in fields}


def place(run: Table, side: str, angles: list[float]) -> None:
    """Turn the cubes of one side so that they are at these angles (rad) from their goals."""
    cube, goal = CUBES[side]
    away = turn(torch.tensor(angles, dtype=torch.float64), 2)
    rotation = quat_mul(away, getattr(run.state(), f"{goal}_rot").double())
    run.sim.joint(cube).qpos[:, 3:] = xyzw_to_wxyz(rotation)
    run.sim.forward()


def test_cubes_and_goals_start_alike_over_both_hands() -> None:
    run, facts = table(500), FACTS[NAME]
    state = known(run.state())
    shift = state["object_pos"] - facts["objects"]["right"]["pos"]
    np.testing.assert_allclose(
        state["object_another_pos"] - facts["objects"]["left"]["pos"], shift, atol=1e-6
    )
    np.testing.assert_allclose(np.abs(shift).max(axis=0), 0.01, atol=3e-4)
    np.testing.assert_allclose(state["goal_pos"], np.tile(facts["goal"]["pos"], (500, 1)), atol=1e-6)
    np.testing.assert_allclose(
        state["goal_another_pos"], np.tile(facts["goal"]["another"], (500, 1)), atol=1e-6
    )
    np.testing.assert_array_equal(state["object_rot"], state["object_another_rot"])
    np.testing.assert_array_equal(state["goal_rot"], state["goal_another_rot"])
    rules = values(NAME, state)
    assert rules["right"].mean() == pytest.approx(facts["start"]["values"]["right"], abs=2e-3)
    assert rules["right_angle"].min() < 0.5
    assert rules["right_angle"].max() > 3.0
    assert not np.any(rules["ends"])
    np.testing.assert_array_equal(run.task.score(run.state()).numpy(), rules["success"])


@pytest.mark.parametrize(
    ("scoring", "rule", "expected"),
    [
        ("as_run", "success", [0, 1, 1, 0, 0]),
        ("either", "success_either", [1, 1, 1, 0, 1]),
        ("both", "success_both", [0, 0, 1, 0, 0]),
    ],
)
def test_whose_goal_counts_is_a_choice(scoring: str, rule: str, expected: list[int]) -> None:
    run = table(5, {"scoring": scoring})
    place(run, "right", [0.099, 0.101, 0.05, 3.0, 0.0])
    place(run, "left", [0.101, 0.099, 0.05, 3.0, 0.5])
    assert run.task.score(run.state()).tolist() == expected
    np.testing.assert_array_equal(values(NAME, known(run.state()))[rule], expected)


def test_a_reached_goal_is_counted_and_replaced_before_the_next_step() -> None:
    run = table(4)
    run.step(run.idle())
    place(run, "left", [0.0, 3.0, 0.0, 3.0])
    place(run, "right", [3.0, 0.0, 0.0, 3.0])
    before = run.state()
    cubes = run.sim.joint("object").qpos.clone(), run.sim.joint("right_FFJ2").qpos.clone()
    run.task.act(run.sim, run.carried, run.idle().flatten(1), run.rng)
    after = run.state()
    assert torch.equal(run.sim.joint("object").qpos, cubes[0])
    assert torch.equal(run.sim.joint("right_FFJ2").qpos, cubes[1])
    renewed = (after.goal_rot != before.goal_rot).any(dim=-1)
    assert renewed.tolist() == [True, False, True, False]
    assert torch.equal(after.goal_rot, after.goal_another_rot)
    assert torch.equal(after.goal_pos, before.goal_pos)
    assert after._succeeded.tolist() == [1.0, 0.0, 1.0, 0.0]
    for count in (2.0, 3.0):
        place(run, "left", [0.0, 3.0, 3.0, 3.0])
        state, _ = run.step(run.idle())
        assert state._succeeded.tolist() == [count, 0.0, 1.0, 0.0]
    run.reset(torch.tensor([True, False, False, False]))
    assert run.state()._succeeded.tolist() == [0.0, 0.0, 1.0, 0.0]


def test_a_start_that_meets_its_goal_stands() -> None:
    run = table(2)
    place(run, "left", [0.0, 0.0])
    goal = run.state().goal_rot
    run.task.act(run.sim, run.carried, run.idle().flatten(1), run.rng)
    assert torch.equal(run.state().goal_rot, goal)
    assert run.state()._succeeded.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("cube", ["object", "object_another"])
def test_either_cube_that_falls_ends_the_episode(cube: str) -> None:
    run = table(2)
    run.sim.joint(cube).qpos[:, 2] = torch.tensor([0.201, 0.199])
    run.sim.forward()
    assert run.task.terminated(run.state()).tolist() == [False, True]
    assert np.any(values(NAME, known(run.state()))["ends"], axis=0).tolist() == [False, True]


def test_cubes_come_to_rest_on_straight_hands() -> None:
    run = table(8)
    for _ in range(90):
        state, unstable = run.step(run.idle())
        assert not unstable.any()
    for cube in ("object", "object_another"):
        lies = getattr(state, f"{cube}_linvel").norm(dim=-1) < 5e-3
        assert (lies & (getattr(state, f"{cube}_pos")[:, 2] > 0.5)).sum() >= 3


def test_fitness_counts_goals_and_the_log_remembers_them_slowly() -> None:
    task = load_task(NAME)
    assert (task.fitness, task.memory_form) == (Fitness.COUNT, MemoryForm.EMA_OF_COUNTS)
    assert (task.memory_weight, task.timing.episode_steps) == (0.01, 600)
    environment = Environment(task, 2, seed=0)
    recorder = Recorder(environment, lambda named: (torch.zeros(2), {}), None)
    environment.sim.joint("object_another").qpos[0, 3:] = environment.sim.body("goal_another").mocap_quat[0]
    recorder.take(environment.step(torch.zeros(2, 40)))
    environment.progress.fill_(599)
    recorder.take(environment.step(torch.zeros(2, 40)))
    assert recorder.meter.last_value.tolist() == [1.0, 0.0]
    assert recorder.meter.legacy_fitness() == pytest.approx(0.01 * 0.5)
