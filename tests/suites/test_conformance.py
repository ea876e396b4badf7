"""The tasks are the original ones: names, shapes, sizes, timing and settings against tests/data/isaac.yaml."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from harness.registry import load_task
from harness.task import Task, state_fields
from harness.training.environment import Environment, Step

FACTS: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "isaac.yaml").read_text()
)["tasks"]
DOUBLE = {"potentials", "prev_potentials"}
"""The original rounds them to 0.004 m/s; here they keep their digits."""
WORLDS = 2


@pytest.fixture(params=list(FACTS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@functools.cache
def played(name: str) -> tuple[Environment, Step]:
    """Two worlds of a task, and their first step."""
    environment = Environment(load_task(name), WORLDS, seed=0)
    return environment, environment.step(torch.zeros(WORLDS, environment.task.num_actions))


def names_of(task: Task) -> set[str]:
    """What a task offers to rewards by name."""
    return {*state_fields(task), *task.constants, *task.bound}


def test_a_designer_sees_the_names_of_the_original(name: str) -> None:
    task, facts = load_task(name), FACTS[name]
    original = {*facts["state"], *facts["constants"], *facts["bound"], *facts["left_out"]}
    offered = names_of(task)
    assert offered.isdisjoint(facts["left_out"])
    assert set(facts["added"]) <= offered
    assert original.isdisjoint(facts["added"])
    assert original == (offered - set(facts["added"])) | set(facts["left_out"])
    assert set(state_fields(task)) - set(facts["added"]) == set(facts["state"])
    assert set(task.bound) - set(facts["added"]) == set(facts["bound"])


def test_state_tensors_have_the_shapes_of_the_original_and_of_their_declaration(name: str) -> None:
    task, facts = load_task(name), FACTS[name]
    _, step = played(name)
    declared = {field: list(meta["shape"]) for field, meta in state_fields(task).items()}
    assert {field: declared[field] for field in facts["state"]} == facts["state"]
    for field, shape in declared.items():
        value = getattr(step.state, field)
        assert list(value.shape) == [WORLDS, *shape], field
        assert value.dtype == (torch.float64 if field in DOUBLE else torch.float32), field
        assert value.isfinite().all(), field


def test_constants_are_those_of_the_original(name: str) -> None:
    constants = load_task(name).constants
    for constant, expected in FACTS[name]["constants"].items():
        if isinstance(expected, list):
            assert list(torch.tensor(constants[constant]).shape) == expected, constant
        else:
            assert constants[constant] == pytest.approx(expected), constant


def test_sizes_and_timing(name: str) -> None:
    task, sizes = load_task(name), FACTS[name]["sizes"]
    environment, step = played(name)
    assert {
        "observations": step.obs_buf.shape[1],
        "actions": task.num_actions,
        "worlds": task.worlds,
        "control_dt": pytest.approx(task.timing.control_dt, rel=1e-6),
        "episode_steps": task.timing.episode_steps,
        "clip": task.clip_observations,
    } == sizes
    assert step.obs_buf.shape == environment.observations.shape == (WORLDS, sizes["observations"])
    assert step.obs_buf.dtype == torch.float32
    assert environment.observations.abs().max() <= sizes["clip"]
    assert environment.sim.model.opt.timestep * task.timing.physics_steps == pytest.approx(
        sizes["control_dt"], rel=1e-6
    )


def test_goal_and_fitness(name: str) -> None:
    task, facts = load_task(name), FACTS[name]
    assert task.fitness.name.lower() == facts["fitness"]
    assert task.goal_bonus == facts.get("goal_bonus", 0)
    assert task.fitness_unit
    assert len(task.description.split()) >= 4
    assert task.description == task.description.strip()
    assert "\n" not in task.description


def test_ppo_settings(name: str) -> None:
    found = dataclasses.asdict(load_task(name).ppo)
    assert found | {"units": list(found["units"])} == FACTS[name]["ppo"]


def test_a_task_is_called_like_its_class(name: str) -> None:
    assert type(load_task(name)).__name__ == name.replace("_", " ").title().replace(" ", "")
