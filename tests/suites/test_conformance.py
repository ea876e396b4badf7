"""The tasks are the original ones: names, shapes, sizes, timing and settings against tests/data/isaac.yaml."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from harness.environment import Environment, Step
from harness.registry import load_task
from harness.task import Fitness
from tests.suites.conformance import check_constants, check_names, check_ppo, check_shapes, check_sizes

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


def test_a_designer_sees_the_names_of_the_original(name: str) -> None:
    check_names(load_task(name), FACTS[name])


def test_state_tensors_have_the_shapes_of_the_original_and_of_their_declaration(name: str) -> None:
    check_shapes(load_task(name), played(name)[1], FACTS[name], DOUBLE)


def test_constants_are_those_of_the_original(name: str) -> None:
    check_constants(load_task(name), FACTS[name])


def test_sizes_and_timing(name: str) -> None:
    check_sizes(*played(name), FACTS[name]["sizes"])


def test_goal_and_fitness(name: str) -> None:
    task, facts = load_task(name), FACTS[name]
    assert task.fitness.name.lower() == facts["fitness"]
    assert task.goal_bonus == facts.get("goal_bonus", 0)
    assert task.fitness_unit
    assert len(task.description.split()) >= 4
    assert task.description == task.description.strip()
    assert "\n" not in task.description


def test_the_floor_of_a_rate_is_about_what_random_actions_score(name: str) -> None:
    task, worlds, steps = load_task(name), 16, 300
    if task.fitness is not Fitness.RATE:
        assert task.fitness_floor is None
        return
    assert task.fitness_floor is not None
    environment, rng = Environment(task, worlds, seed=1), torch.Generator().manual_seed(1)
    draws = (2.0 * torch.rand(worlds, task.num_actions, generator=rng) - 1.0 for _ in range(steps))
    rates = torch.stack([environment.step(draw).score for draw in draws]).mean(dim=0)
    noise = 3.0 * float(rates.std()) / worlds**0.5
    assert task.fitness_floor - noise < float(rates.mean()) < task.fitness_floor + noise + 0.2


def test_ppo_settings(name: str) -> None:
    check_ppo(load_task(name), FACTS[name])


def test_a_task_is_called_like_its_class(name: str) -> None:
    assert type(load_task(name)).__name__ == name.replace("_", " ").title().replace(" ", "")
