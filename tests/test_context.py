"""A designer sees the state, the constants and how they are read; nothing of how it is judged."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from harness.context import class_constants, context_of, shared_names, visible_fields
from harness.registry import TASKS, expert_reward, load_task
from harness.rewards import check, compile_reward
from harness.rewards.graph.states import record_states
from harness.rewards.language.names import fixed_values, offered
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
    "floor",
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
    return names - set(offered(task))


@pytest.fixture(params=TASKS)
def task(request: pytest.FixtureRequest) -> Task:
    return load_task(request.param)


def test_nothing_of_the_score_or_of_the_expert_reward_leaks(
    task: Task, request: pytest.FixtureRequest
) -> None:
    context = context_of(task)
    assert not defined(context) & HIDDEN
    assert not re.search(r"\b(score|terminat\w*|fitness)\b", context)
    expert = expert_reward("human", request.node.callspec.params["task"])
    if expert is not None:
        assert private_names(expert, task)
        assert not identifiers(context) & private_names(expert, task)


def test_every_name_shown_can_be_read_from_a_live_state(task: Task) -> None:
    sim = make_simulation(task, 3)
    carried = task.carry(3, torch.device("cpu"))
    task.reset(sim, carried, torch.ones(3, dtype=torch.bool), torch.Generator().manual_seed(0))
    sim.forward()
    state = task.read(sim, carried)
    for name, about in state_fields(task).items():
        assert getattr(state, name).shape == (3, *about["shape"])
        assert re.search(rf"^        {name}: Tensor  # \(N", context_of(task), re.MULTILINE)
    shown = {line.split(":")[0].split(" =")[0].strip() for line in context_of(task).splitlines()}
    assert set(offered(task)) <= shown


def test_the_context_is_python_and_short(task: Task) -> None:
    context = context_of(task)
    ast.parse(context)
    assert len(context) < 10_000
    assert {"read", "observe"} <= identifiers(context)
    for name in REWARD_HELPERS:
        assert re.search(rf"^# {name}[(:]", context, re.MULTILINE)


def test_no_word_on_what_the_task_was_modelled_on(task: Task) -> None:
    assert "original" not in context_of(task).lower()


def test_what_the_context_shows_for_use_can_be_used(task: Task) -> None:
    context = context_of(task)
    usable = context.partition("class ")[0].partition("# for the code below only")[0]
    names = shared_names(task)
    assert {name for name in defined(usable) if name in names} == set(names)
    for name, value in names.items():
        assert callable(value) or f"{name} = " in usable
        assert not isinstance(value, list)
    source = f"def compute_reward({next(iter(state_fields(task)))}):\n    return [{', '.join(names)}], 1\n"
    assert names.items() <= check(source, task).imports.items()
    for name in class_constants(task):
        assert re.search(rf"^    {name} = .*  # as an argument: a Tensor", context, re.MULTILINE)
        assert isinstance(fixed_values(task, 3, torch.device("cpu"))[name], torch.Tensor)


def test_only_functions_of_tensors_and_numbers_are_for_rewards() -> None:
    hand = load_task("shadow_hand")
    assert shared_names(hand).keys() >= {"contact_wrench", "TIPS", "ROWS", "VEL_SCALE"}
    assert "body_states" not in shared_names(hand)
    assert "# for the code below only\ndef body_states(sim, names):" in context_of(hand)
    assert class_constants(hand)["goal_position"] == (0.0, -0.39, 0.56)
    assert fixed_values(hand, 3, torch.device("cpu"))["goal_position"].dtype == torch.float32


def test_franka_says_which_drawer_counts_and_where_its_bodies_are() -> None:
    task = load_task("franka_cabinet")
    assert "the cabinet is open when the top drawer is" in context_of(task)
    handles = {name: value for name, value in task.constants.items() if name.endswith("_handle")}
    assert handles == {"hand_handle": 7, "lfinger_handle": 8, "rfinger_handle": 9, "drawer_handle": 14}
    states = record_states(task, 4).real[1]
    bodies = states["rigid_body_states"]
    assert torch.equal(bodies[:, handles["lfinger_handle"], :3], states["franka_lfinger_pos"])
    assert torch.equal(bodies[:, handles["rfinger_handle"], :3], states["franka_rfinger_pos"])


PRINT = """
from harness.importing import defer
defer()
from harness.prompts import initial_messages
from harness.registry import ISAAC, load_task
print([initial_messages(load_task(name)) for name in (*ISAAC, "kettle")])
"""


def test_a_python_without_docstrings_shows_the_same() -> None:
    shown = [
        subprocess.run(
            [sys.executable, *flags, "-c", PRINT], capture_output=True, text=True, check=True
        ).stdout
        for flags in ([], ["-OO"])
    ]
    assert shown[0] == shown[1]
    assert "Hamilton product" in shown[0]


def test_actions_are_a_field_where_the_harness_binds_them() -> None:
    assert "actions" not in visible_fields(load_task("cartpole"))
    assert visible_fields(load_task("ant"))["actions"]["shape"] == (8,)
    assert visible_fields(load_task("ant"))["actions"]["kind"] == "effort"


SOURCE = '''
from dataclasses import dataclass

import torch
from torch import Tensor

from harness.sim import Simulation
from harness.task import Task, tensor
from suites.isaac.cartpole import Cartpole
from suites.models.ball_balance import BALL_RADIUS

GAIN = 2.0  # of the rail
OFFSET = 1.5
SECRET_SCALE = 7.0


def shifted(x: Tensor) -> Tensor:
    """x, a little to the side."""
    return x + OFFSET


def measured(sim: Simulation, x: Tensor) -> Tensor:
    return x


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
        return self.State(measured(sim, shifted(sim.qpos.float())), sim.qvel.float(), first)

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
    task = load_task(f"{file}:Member")
    context = context_of(task)
    ast.parse(context)
    shared = shared_names(task)
    assert shared.keys() == {"GAIN", "OFFSET", "BALL_RADIUS", "shifted"}
    assert class_constants(task) == {"wide": 3.0}
    program = (
        "def compute_reward(extra, wide, GAIN):\n    return shifted(extra) * wide * BALL_RADIUS + GAIN, {}\n"
    )
    graph = compile_reward(program, task, worlds=4)
    assert torch.allclose(graph({"extra": torch.ones(4)})[0], torch.full((4,), 2.5 * 3.0 * 0.1 + 2.0))
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
