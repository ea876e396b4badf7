"""Rewards that the original method found and published: what they compute, and that the harness trains on them.

The programs are written anew from the formulas. The bonus that the hand tasks add unseen is no part of them.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch

from harness.environment import Environment
from harness.registry import load_task
from harness.rewards import check, compile_reward, extract
from harness.task import Budget
from harness.training.record import Recorder
from harness.training.trainer import train

FOLDER = Path(__file__).parent / "published"
TASKS = (
    "cartpole",
    "ball_balance",
    "quadcopter",
    "franka_cabinet",
    "ant",
    "humanoid",
    "anymal",
    "allegro_hand",
    "shadow_hand",
)
BUDGET = Budget(worlds=16, epochs=2, horizon=8, minibatch=64)


def source_of(name: str) -> str:
    return (FOLDER / f"{name}.py").read_text()


def row(**values: float) -> list[float]:
    """A root state (13 numbers) that is zero but for the given numbers, by name."""
    names = ("x", "y", "z", "qx", "qy", "qz", "qw", "vx", "vy", "vz", "wx", "wy", "wz")
    return [values.get(name, 0.0) for name in names]


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


HALF = math.sqrt(0.5)
ANYMAL = [2 * 1.1, 2 * -0.3, 9.0, 9.0, 9.0, 0.25 * 0.6, *[9.0] * 42]
# task, what a world is like, the published reward worked out by hand
STATES: list[tuple[str, dict[str, Any], float]] = [
    ("cartpole", {"dof_pos": [2.4, 0.2094]}, math.exp(-1.0)),
    ("cartpole", {"dof_pos": [0.0, 1.5]}, 0.01),
    (
        "ball_balance",
        {
            "ball_positions": [9.0, 9.0, 0.7],
            "ball_linvels": [3.0, 0.0, -4.0],
            "sensor_forces": [[0.0, 0.0, 30.0], [40.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
            "sensor_torques": [[0.0, 5.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, -12.0]],
        },
        math.exp(-0.05 - 0.005 - 0.0013),
    ),
    (
        "ball_balance",
        {
            "ball_positions": [0.0, 0.0, -0.01],
            "ball_linvels": [0.0] * 3,
            "sensor_forces": [[0.0] * 3] * 3,
            "sensor_torques": [[0.0] * 3] * 3,
        },
        0.0,
    ),
    (
        "quadcopter",
        {
            "root_positions": [0.0, 0.06, 0.95],
            "root_linvels": [0.3, 0.4, 0.0],
            "root_angvels": [0.0, -0.5, 0.0],
        },
        15.0 + math.exp(-0.0061) + 0.0 + math.exp(-0.0025) - 1.0,
    ),
    (
        "quadcopter",
        {
            "root_positions": [2.0, 0.0, 2.0],
            "root_linvels": [0.0, 0.0, 2.5],
            "root_angvels": [10.5, 0.0, 0.0],
        },
        math.exp(-5.0) + math.exp(-0.15) - 1.0 + math.exp(-0.0525) - math.exp(0.5),
    ),
    (
        "franka_cabinet",
        {
            "franka_grasp_pos": [0.4, 0.1, 0.7],
            "drawer_grasp_pos": [0.4, 0.06, 0.67],
            "cabinet_dof_pos": [9.0, 9.0, 9.0, 0.4],
            "cabinet_dof_vel": [9.0, 9.0, 9.0, -0.5],
        },
        math.exp(-0.5) + sigmoid(-5.0) + sigmoid(-2.0) - math.exp(-1.0),
    ),
    (
        "ant",
        {"potentials": -600.0, "prev_potentials": -600.25, "root_states": row(x=7.0, z=0.55, vx=0.3, vy=9.0)},
        math.exp(2.5 + 0.3 - 1.5),
    ),
    (
        "humanoid",
        {"root_states": row(z=1.3, vx=3.0, vy=1.0, vz=9.0), "heading_vec": [0.6, 0.8, 0.0]},
        10.0 * math.exp(1.3) - 0.0166 * math.exp(1.66),
    ),
    (
        "anymal",
        {"obs_buf": ANYMAL, "commands": [1.0, -0.5, 0.5]},
        math.exp(-2.0 * (1.0 - math.exp(-0.6) - math.exp(-0.8))),
    ),
    (
        "allegro_hand",  # 0.2 rad from the goal, on the other side of the double cover
        {
            "object_rot": [-math.sin(0.1), 0.0, 0.0, -math.cos(0.1)],
            "goal_rot": [0.0, 0.0, 0.0, 1.0],
            "object_angvel": [0.1, 0.2, -0.2],
        },
        5.0 * math.exp(-0.8) - 3.0 * math.exp(-0.54),
    ),
    (
        "shadow_hand",
        {
            "object_rot": [HALF, 0.0, 0.0, HALF],
            "goal_rot": [1.0, 0.0, 0.0, 0.0],
            "object_angvel": [0.0, 2.5, 0.0],
            "object_pos": [0.0, -0.4, 0.6],
            "fingertip_pos": [[0.0, -0.4, 0.8], [0.0, -0.32, 0.54], [1.0] * 3, [2.0] * 3, [3.0] * 3],
        },
        math.exp(-10.0 * (1.0 - HALF)) - math.exp(-1.0) + math.exp(-1.0),
    ),
    (
        "shadow_hand",
        {
            "object_rot": [0.0, 0.6, 0.8, 0.0],
            "goal_rot": [0.0, -0.6, -0.8, 0.0],
            "object_angvel": [0.0, 1.9, 0.0],
            "object_pos": [0.0] * 3,
            "fingertip_pos": [[0.0] * 3] * 5,
        },
        math.exp(-20.0) + 1.0,
    ),
]


def test_every_task_with_a_published_reward_is_here() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.py")) == sorted(TASKS)
    assert {name for name, _, _ in STATES} == set(TASKS)


@pytest.mark.parametrize(
    ("name", "world", "expected"), STATES, ids=[f"{name}-{i}" for i, (name, _, _) in enumerate(STATES)]
)
def test_the_formula(name: str, world: dict[str, Any], expected: float) -> None:
    """In the graph that the harness trains on, for three worlds that are alike."""
    source = source_of(name)
    task = load_task(name)
    graph = compile_reward(source, task, worlds=3)
    assert set(graph.inputs) == set(world)
    named = {key: torch.tensor([value] * 3, dtype=torch.float32) for key, value in world.items()}
    reward, components = graph(named)
    assert reward.tolist() == pytest.approx([expected] * 3, rel=2e-5, abs=2e-6)
    assert reward.dtype == torch.float32
    assert components


@pytest.mark.parametrize("name", TASKS)
def test_an_answer_with_the_program_is_understood(name: str) -> None:
    source = source_of(name)
    answer = f"The reward has a few terms.\n\n```python\n{source}```\n\nIt can be tuned."
    assert extract(answer) == source
    check(source, load_task(name))


@pytest.mark.parametrize("name", TASKS)
def test_policies_train_on_it(name: str) -> None:
    task = load_task(name)
    graph = compile_reward(source_of(name), task, BUDGET.worlds)
    environment = Environment(task, BUDGET.worlds, seed=0)
    recorder = Recorder(environment, graph, None, task.goal_bonus)
    train(environment, recorder, task.ppo, BUDGET, 0, {})
    assert len(recorder.rows) == BUDGET.epochs
    assert recorder.nonfinite == {}
    for entry in recorder.rows:
        assert all(f"reward/{part}" in entry for part in graph.components)
        assert math.isfinite(entry["reward"])
    assert recorder.rows[0]["reward"] != recorder.rows[1]["reward"]
