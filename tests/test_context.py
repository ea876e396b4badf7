"""A designer sees the state, the constants and how they are read; nothing of how it is judged."""

import ast
import re
from pathlib import Path

import pytest
import torch

from harness.context import context_of, visible_fields, visible_names
from harness.registry import TASKS, expert_reward, load_task
from harness.rewards.names import offered
from harness.rotations import REWARD_HELPERS
from harness.sim import make_simulation
from harness.task import Task, state_fields

HIDDEN = {
    "scene",
    "reset",
    "act",
    "carry",
    "terminated",
    "score",
    "ppo",
    "quick",
    "camera",
    "fitness",
    "worlds",
}


def identifiers(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name():
                found.add(node.id)
            case ast.Attribute():
                found.add(node.attr)
            case ast.FunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.arg():
                found.add(node.arg)
    return found


def defined(source: str) -> set[str]:
    """Functions and assigned names anywhere in a source."""
    nodes = list(ast.walk(ast.parse(source)))
    functions = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    assigned = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return functions | assigned


def private_names(reward: str, task: Task) -> set[str]:
    """Scales (names for numbers) and components of a reward that the task does not itself offer."""
    names = set()
    for node in ast.walk(ast.parse(reward)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.UnaryOp):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.Dict):
            names |= {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
    return names - set(visible_names(task))


@pytest.fixture(params=TASKS)
def task(request: pytest.FixtureRequest) -> Task:
    return load_task(request.param)


def test_nothing_of_the_score_or_of_the_expert_reward_leaks(
    task: Task, request: pytest.FixtureRequest
) -> None:
    context = context_of(task)
    assert not defined(context) & HIDDEN
    assert not re.search(r"\b(score|terminat\w*|fitness)\b", context)
    expert = expert_reward("human", request.node.callspec.params["task"], task)
    if expert is not None:
        assert private_names(expert, task)
        assert not identifiers(context) & private_names(expert, task)


def test_every_name_shown_can_be_read_from_a_live_state(task: Task) -> None:
    sim = make_simulation(task, 3)
    carried = task.carry(3, torch.device("cpu"))
    task.reset(sim, carried, torch.arange(3), torch.Generator().manual_seed(0))
    sim.forward()
    state = task.read(sim, carried)
    for name, about in state_fields(task).items():
        assert getattr(state, name).shape == (3, *about["shape"])
        assert re.search(rf"^        {name}: Tensor  # \(N", context_of(task), re.MULTILINE)
    shown = {line.split(":")[0].split(" =")[0].strip() for line in context_of(task).splitlines()}
    assert set(visible_names(task)) <= shown
    assert set(visible_names(task)) == set(offered(task))


def test_the_context_is_python_and_short(task: Task) -> None:
    context = context_of(task)
    ast.parse(context)
    assert len(context) < 10_000
    assert {"read", "observe"} <= identifiers(context)
    for name in REWARD_HELPERS:
        assert re.search(rf"^# {name}[(:]", context, re.MULTILINE)


def test_actions_are_a_field_where_the_harness_binds_them() -> None:
    assert "actions" not in visible_fields(load_task("cartpole"))
    assert visible_fields(load_task("ant"))["actions"]["shape"] == (8,)
    assert visible_fields(load_task("ant"))["actions"]["kind"] == "effort"


SOURCE = '''
from dataclasses import dataclass

import torch
from torch import Tensor

from harness.task import Task, tensor
from suites.isaac.cartpole import Cartpole
from suites.models.ball_balance import BALL_RADIUS

GAIN = 2.0  # of the rail
OFFSET = 1.5
SECRET_SCALE = 7.0


def shifted(x: Tensor) -> Tensor:
    """x, a little to the side."""
    return x + OFFSET


def secret(x: Tensor) -> Tensor:
    return SECRET_SCALE * x


class Family(Cartpole):
    wide = 3.0

    def observe(self, state, actions):
        """Of the family."""
        return self.enlarged(state.dof_pos) * BALL_RADIUS

    def enlarged(self, x):
        return self.wide * GAIN * x

    def hidden_helper(self, x):
        return secret(x)

    def overridden(self, x):
        return secret(x)


class Member(Family):
    constants = {"reset_dist": 3.0, "table": ((1.0, 2.0), (3.0, 1 / 3))}

    @dataclass
    class State(Cartpole.State):
        extra: Tensor = tensor("scalar", "1", "one more")

    def read(self, sim, carried):
        first = self.overridden(self.overridden(sim.qpos[:, 0].float()))
        return self.State(shifted(sim.qpos.float()), sim.qvel.float(), first)

    def overridden(self, x):
        return x

    def observe(self, state, actions):
        return super().observe(state, actions)

    def score(self, state):
        return self.hidden_helper(state.extra)
'''


def test_a_task_of_a_family_shows_what_it_inherits_and_calls(tmp_path: Path) -> None:
    file = tmp_path / "member_task.py"
    file.write_text(SOURCE)
    context = context_of(load_task(f"{file}:Member"))
    ast.parse(context)
    order = ["GAIN = 2.0  # of the rail", "OFFSET = 1.5", "def shifted(", "class Family(", "class Member("]
    places = [context.index(part) for part in order]
    assert places == sorted(places)
    for shown in (
        "BALL_RADIUS = 0.1",
        "Of the family.",
        "def enlarged",
        "wide = 3.0",
        "a little to the side",
    ):
        assert shown in context
    assert "table = [[1.0, 2.0], [3.0, 0.333333]]  # a Tensor (2, 2)" in context
    assert "extra: Tensor  # (N,), 1, scalar: one more" in context
    assert context.count("def overridden") == 1
    for hidden in ("SECRET", "secret", "hidden_helper", "def score", "def act"):
        assert hidden not in context
