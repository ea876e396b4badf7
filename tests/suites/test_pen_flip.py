"""The pen tasks of the original's human rewards, against formulas in rotation matrices and plain Python."""

from __future__ import annotations

import argparse
import io
import math
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console
from torch import Tensor

from harness.commands import tasks
from harness.context import context_of
from harness.registry import expert_reward, load_task
from harness.rewards import compile_reward
from tests.suites.test_conformance import FACTS
from tests.suites.worlds import Worlds

Matrix = np.ndarray[Any, np.dtype[np.float64]]

SPIN, SPIN_FLIP = "shadow_hand_spin", "shadow_hand_spin_flip"
DOWN, DOWN_FLIP = "shadow_hand_upside_down", "shadow_hand_upside_down_flip"
SEQUENCES = (SPIN, SPIN_FLIP, DOWN_FLIP)
FIRST = np.array([-0.8, 0.0, 0.0, 1.0])
LENGTH = math.sqrt(1.64)


def matrix(quat: Any) -> Matrix:
    """The rotation matrix of a quaternion xyzw of any length."""
    x, y, z, w = np.asarray(quat, dtype=float) / np.linalg.norm(quat)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def error(pen: Any, goal: Any, either_end: bool) -> float:
    """The original's angle (rad), from the true one: 2 asin(|goal| sin(angle / 2)), at most pi."""
    goals = [matrix(goal)]
    if either_end:
        goals.append(goals[0] @ np.diag([-1.0, 1.0, -1.0]))  # columns: its own axes; x and z change sides
    angles = [math.acos(np.clip((np.trace(matrix(pen).T @ aim) - 1) / 2, -1, 1)) for aim in goals]
    length = float(np.linalg.norm(goal))
    return min(2 * math.asin(min(1.0, length * math.sin(angle / 2))) for angle in angles)


def pens_and_goals(either_end: bool) -> tuple[Tensor, Tensor]:
    """Pens (N, 4) at random rotations and close to their goals (N, 4), from both ends; none on the border."""
    draw = np.random.default_rng(3)
    pens, goals = [], []
    for number in range(400):
        goal = draw.normal(size=4)
        goal *= LENGTH / np.linalg.norm(goal)
        x, y, z, w = goal / LENGTH
        near = draw.normal(size=4) if number % 4 == 3 else np.array([x, y, z, w])
        if number % 4 in (1, 2):  # turned by 180 degrees: about its own y axis, or about its own z axis
            near = np.array([-z, w, x, -y] if number % 4 == 1 else [y, -x, w, -z])
        pen = near / np.linalg.norm(near) + draw.uniform(0, 0.12) * np.append(draw.normal(size=3), 0.0)
        pen *= draw.choice([-1, 1]) / np.linalg.norm(pen)
        if abs(error(pen, goal, either_end) - 0.2) > 1e-3:
            pens.append(pen)
            goals.append(goal)
    return torch.tensor(np.array(pens)).float(), torch.tensor(np.array(goals)).float()


@pytest.mark.parametrize("name", SEQUENCES)
def test_goals_advance_by_the_step_of_the_facts_about_the_first_goals_y_axis(name: str) -> None:
    facts = FACTS[name]
    worlds = Worlds(name, 2)
    step = math.radians(facts["goal_step"])
    start = matrix(FIRST)
    rounds = round(2 * math.pi / step)
    for number in range(1, rounds + 1):
        angle = number * step
        about_y = np.array(
            [[math.cos(angle), 0, math.sin(angle)], [0, 1, 0], [-math.sin(angle), 0, math.cos(angle)]]
        )
        goals = worlds.carried.goal_rot.numpy()
        np.testing.assert_allclose(np.linalg.norm(goals, axis=1), LENGTH)
        for goal in goals:
            np.testing.assert_allclose(matrix(goal), start @ about_y, atol=1e-9)
        worlds.reset(worlds.all)
    assert rounds == {30: 12, 10: 36}[facts["goal_step"]]


@pytest.mark.parametrize("name", SEQUENCES)
def test_the_smaller_of_two_errors_counts_where_the_facts_say_so(name: str) -> None:
    task, facts = load_task(name), FACTS[name]
    pens, goals = pens_and_goals(facts["either_end"])
    pairs = list(zip(pens.tolist(), goals.tolist(), strict=True))
    expected = [error(pen, goal, facts["either_end"]) <= facts["tolerance"] for pen, goal in pairs]
    assert task.reached(pens, goals).tolist() == expected
    one_way = sum(error(pen, goal, False) <= facts["tolerance"] for pen, goal in pairs)
    assert 20 < one_way < 200
    assert (sum(expected) > one_way + 20) is facts["either_end"]


@pytest.mark.parametrize(("name", "scale"), [(SPIN_FLIP, 0.1), (DOWN_FLIP, -10.0)])
def test_human_and_sparse_rewards(name: str, scale: float) -> None:
    task = load_task(name)
    pens, goals = pens_and_goals(either_end=True)
    count = len(pens)
    named = {
        "object_rot": pens,
        "goal_rot": goals,
        "object_pos": torch.tensor([0.0, -0.3, 0.5]).expand(count, 3),
        "goal_pos": torch.tensor([0.0, -0.39, 0.62]).expand(count, 3),
        "actions": torch.linspace(-1.0, 1.0, 20 * count).view(count, 20),
    }
    human, sparse = (
        compile_reward(str(expert_reward(kind, name)), task, worlds=count) for kind in ("human", "sparse")
    )
    reward, parts = human({key: named[key] for key in human.inputs})
    reached, _ = sparse({key: named[key] for key in sparse.inputs})
    for world in range(count):
        angle = error(pens[world].tolist(), goals[world].tolist(), either_end=True)
        expected = {
            "dist": scale * 0.15,
            "rot": 1.0 / (angle + 0.1),
            "action_penalty": -0.0002 * sum(a * a for a in named["actions"][world].tolist()),
            "goal_bonus": 250.0 if angle <= 0.2 else 0.0,
        }
        for part, value in expected.items():
            assert parts[part][world].item() == pytest.approx(value, rel=5e-3, abs=1e-6), part
        assert reward[world].item() == pytest.approx(sum(expected.values()), rel=1e-3, abs=1e-3)
        assert reached[world].item() == float(angle <= 0.2)
    assert torch.equal(reached, task.reached(pens, goals).float())


@pytest.mark.parametrize("name", [SPIN_FLIP, DOWN_FLIP])
def test_a_pen_at_the_goal_by_its_other_end_scores_and_gets_the_next_goal(name: str) -> None:
    worlds = Worlds(name, 2)
    worlds.step(worlds.still())
    before = worlds.carried.goal_rot.clone()
    x, y, z, w = (before[0] / LENGTH).tolist()
    worlds.sim.qpos[0, -4:] = torch.tensor([-y, -z, w, x])  # wxyz of the goal with its x and z axes turned
    worlds.sim.qpos[1, -4:] = torch.tensor([-z, y, -x, w])  # turned about z: the same ends, another roll
    worlds.sim.qvel[:] = 0.0
    worlds.sim.forward()
    assert worlds.task.score(worlds.state()).tolist() == [1.0, 0.0]
    worlds.step(worlds.still())
    after = worlds.carried.goal_rot
    assert torch.equal(after[1], before[1])
    cosine = float((before[0] * after[0]).sum()) / LENGTH**2
    assert 2 * math.acos(cosine) == pytest.approx(math.radians(10))


@pytest.mark.parametrize(("name", "base"), [(SPIN_FLIP, SPIN), (DOWN_FLIP, DOWN)])
def test_all_else_is_the_default_task(name: str, base: str) -> None:
    variant, default = load_task(name), load_task(base)
    first, second = Worlds(name, 8, seed=4), Worlds(base, 8, seed=4)
    assert torch.equal(first.sim.qpos, second.sim.qpos)
    assert torch.equal(first.sim.ctrl, second.sim.ctrl)
    for attribute in ("timing", "ppo", "quick", "constants", "bound", "goal_position", "camera", "tolerance"):
        assert getattr(variant, attribute) == getattr(default, attribute), attribute
    assert variant.mount == default.mount  # type: ignore[attr-defined]
    assert variant.description != default.description
    shown, shown_by_default = (
        {line for line in context_of(task).splitlines() if not line.startswith("class ")}
        for task in (variant, default)
    )
    assert shown == shown_by_default


@pytest.mark.parametrize(
    ("name", "other"), [(SPIN, SPIN_FLIP), (SPIN_FLIP, SPIN), (DOWN, DOWN_FLIP), (DOWN_FLIP, DOWN)]
)
def test_a_user_is_told_of_the_other_version_and_which_is_the_default_but_no_designer_is(
    name: str, other: str
) -> None:
    page = io.StringIO()
    parser = argparse.ArgumentParser()
    tasks.add_arguments(parser)
    tasks.execute(parser.parse_args([name]), Console(file=page, width=200))
    before, after = page.getvalue().split("\nwhat a designer is shown\n")
    assert f"`{other}`" in before
    assert "default" in before
    assert "human reward belongs to" in before or "with its human reward" in before
    assert "flip" not in after.replace("ShadowHandSpinFlip", "").replace("ShadowHandUpsideDownFlip", "")
