"""Human and sparse rewards against their formulas, worked out in plain Python for single states."""

from __future__ import annotations

import importlib
import itertools
import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from harness.environment import Environment
from harness.registry import expert_reward, load_task
from harness.rewards import compile_reward
from tests.suites.worlds import Worlds

LEG, ARM = [45.0, 45.0, 135.0, 90.0, 22.5, 22.5], [67.5, 67.5, 45.0]
EFFORTS = [67.5, 67.5, 67.5, *LEG, *LEG, *ARM, *ARM]


def program(kind: str, task: str) -> Any:
    return importlib.import_module(f"baselines.{kind}_rewards.isaac.{task}").compute_reward


def row(*values: float) -> Tensor:
    return torch.tensor([values])


def test_ball_balance() -> None:
    ball, speed = (0.1, -0.2, 0.65), (0.3, 0.4, -1.2)
    reward, parts = program("human", "ball_balance")(row(*ball), row(*speed))
    distance = math.sqrt(0.01 + 0.04 + 0.0025)
    assert parts["pos"].item() == pytest.approx(1 / (1 + distance), rel=1e-5)
    assert parts["speed"].item() == pytest.approx(1 / (1 + 1.3), rel=1e-5)
    assert reward.item() == pytest.approx(1 / (1 + distance) / 2.3, rel=1e-5)


@pytest.mark.parametrize(("task", "length"), [("cartpole", 55), ("ball_balance", 130)])
def test_the_sparse_reward_of_survival_pays_the_length_of_an_episode_when_it_ends(
    task: str, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over episodes that fail and episodes cut at the time limit, which is made short for it."""
    environment = Environment(load_task(task), worlds=16, seed=5)
    timing = replace(environment.task.timing, episode_steps=length)
    monkeypatch.setattr(environment.task, "timing", timing)
    source = str(expert_reward("sparse", task))
    sparse = compile_reward(source, environment.task, worlds=16)
    paid, lengths, cut = [], [], 0
    for _ in range(3 * length):
        before = environment.progress + 1
        step = environment.step(torch.zeros(16, environment.task.num_actions))
        reward, _ = sparse({key: step.named(environment.task)[key] for key in sparse.inputs})
        assert (reward[~step.done] == 0.0).all()
        paid += reward[step.done].tolist()
        lengths += before[step.done].tolist()
        cut += int(step.time_out.sum())
    assert paid == lengths
    assert 0 < cut < len(paid)


def test_quadcopter() -> None:
    position, half_roll, half_pitch = (0.3, -0.4, 1.2), 0.2, 0.1
    quat = (  # Ry(0.2) Rx(0.4)
        math.sin(half_roll) * math.cos(half_pitch),
        math.cos(half_roll) * math.sin(half_pitch),
        -math.sin(half_roll) * math.sin(half_pitch),
        math.cos(half_roll) * math.cos(half_pitch),
    )
    reward, parts = program("human", "quadcopter")(row(*position), row(*quat), row(5.0, 6.0, -0.7))
    square = 0.09 + 0.16 + 0.04
    pos = 1 / (1 + square)
    up_z = math.cos(0.4) * math.cos(0.2)
    up, spin = pos / (1 + (1 - up_z) ** 2), pos / (1 + 0.49)
    assert parts["pos"].item() == pytest.approx(pos, rel=1e-5)
    assert parts["up"].item() == pytest.approx(up, rel=1e-5)
    assert parts["spin"].item() == pytest.approx(spin, rel=1e-5)
    assert reward.item() == pytest.approx(pos + up + spin, rel=1e-5)
    sparse, _ = program("sparse", "quadcopter")(row(*position))
    assert sparse.item() == pytest.approx(-math.sqrt(square), rel=1e-5)


def running_observation(task: str, height: float, up: float, heading: float) -> tuple[Tensor, Tensor]:
    """Observations and actions of one world with every part of the reward in play."""
    size, actions, angles, speeds = (60, 8, 12, 20) if task == "ant" else (108, 21, 12, 33)
    obs = torch.full((1, size), 0.123)
    obs[0, 0], obs[0, 10], obs[0, 11] = height, up, heading
    obs[0, angles : angles + actions] = torch.linspace(-1.01, 1.01, actions)
    obs[0, speeds : speeds + actions] = torch.linspace(0.5, -1.5, actions)
    return obs, torch.linspace(-1.0, 0.8, actions)[None]


@pytest.mark.parametrize(
    ("task", "height", "up", "heading", "died"),
    [
        ("ant", 0.5, 0.95, 0.9, False),
        ("ant", 0.32, 0.92, 0.4, False),
        ("ant", 0.30, 0.95, 0.9, True),
        ("humanoid", 1.2, 0.95, 0.9, False),
        ("humanoid", 0.81, 0.5, -0.4, False),
        ("humanoid", 0.79, 0.95, 0.9, True),
    ],
)
def test_running(task: str, height: float, up: float, heading: float, died: bool) -> None:
    obs, actions = running_observation(task, height, up, heading)
    now, before = torch.tensor([-60239.9], dtype=torch.float64), torch.tensor([-60241.2], dtype=torch.float64)
    reward, parts = program("human", task)(obs, actions, now, before)
    n = actions.shape[1]
    a = actions[0].tolist()
    angles, speeds = obs[0, 12 : 12 + n].tolist(), obs[0, 12 + n : 12 + 2 * n].tolist()
    expected = {
        "progress": 1.3,
        "up": 0.1 if up > 0.93 else 0.0,
        "heading": 0.5 if heading > 0.8 else 0.5 * heading / 0.8,
    }
    if task == "ant":
        expected["alive"] = 0.5
        expected["effort"] = -0.005 * sum(x * x for x in a)
        expected["energy"] = -0.05 * sum(abs(x * v) for x, v in zip(a, speeds, strict=True))
        expected["at_limit"] = -0.1 * sum(q > 0.99 for q in angles)
        death = -2.0
    else:
        share = [effort / 135.0 for effort in EFFORTS]
        expected["alive"] = 2.0
        expected["effort"] = -0.01 * sum(x * x for x in a)
        expected["energy"] = -0.05 * sum(abs(x * v) * e for x, v, e in zip(a, speeds, share, strict=True))
        expected["at_limit"] = -0.25 * sum(
            (abs(q) - 0.98) / 0.02 * e for q, e in zip(angles, share, strict=True) if abs(q) > 0.98
        )
        death = -1.0
    assert expected["at_limit"] < 0.0
    assert set(parts) == set(expected)
    for part, value in expected.items():
        assert parts[part].item() == pytest.approx(value, abs=2e-5), part
    assert reward.item() == pytest.approx(death if died else sum(expected.values()), abs=1e-4)
    sparse, _ = program("sparse", task)(now, before)
    assert sparse.item() == pytest.approx(1.3, abs=1e-6)
    assert reward.dtype == sparse.dtype == torch.float32


@pytest.mark.parametrize(
    ("kind", "name"),
    [("human", "ball_balance"), *itertools.product(["human", "sparse"], ["quadcopter", "ant", "humanoid"])],
)
def test_programs_pass_the_same_door_as_any_other(name: str, kind: str) -> None:
    task = load_task(name)
    source = expert_reward(kind, name)
    assert source is not None
    graph = compile_reward(source, task, worlds=16)
    worlds = Worlds(name, 16)
    for _ in range(10):
        actions = worlds.draw()
        state, _ = worlds.step(actions)
    named = {**vars(state), "obs_buf": task.observe(state, actions), "actions": actions}
    reward, _ = graph({key: named[key] for key in graph.inputs})
    direct, _ = program(kind, name)(**{key: named[key] for key in graph.inputs})
    torch.testing.assert_close(reward, direct)
    if kind == "sparse":
        torch.testing.assert_close(reward, task.score(state))
