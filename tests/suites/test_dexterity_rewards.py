"""Human and sparse rewards of the Dexterity tasks against the rules of tests/data/dexterity.yaml, on drawn states."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import baselines
from harness.rewards import check
from harness.rewards.graph.behaviour import Behaviour
from harness.rewards.graph.compile import compare, trace_program
from harness.task import Task, tensor
from tests.rewards.toy_task import Toy
from tests.suites.dexterity_facts import FACTS, Floats, evaluated, start_state, values
from tests.suites.drawn_states import drawn_state, turns

KINDS = ("human", "sparse")
EXACT = [name for name in FACTS if isinstance(FACTS[name]["start"]["values"].get("human"), float)]
"""Tasks whose start is not drawn."""


def program(kind: str, name: str) -> Any:
    return importlib.import_module(f"baselines.{kind}_rewards.dexterity.{name}").compute_reward


def source(kind: str, name: str) -> str:
    folder = Path(baselines.__file__).parent / f"{kind}_rewards" / "dexterity"
    return (folder / f"{name}.py").read_text(encoding="utf-8")


def rewards(kind: str, name: str, state: dict[str, Floats]) -> tuple[Floats, dict[str, Floats]]:
    """What a program pays on a state, in double precision."""
    compute = program(kind, name)
    arguments = {key: torch.from_numpy(state[key]) for key in inspect.signature(compute).parameters}
    reward, components = compute(**arguments)
    return reward.numpy(), {key: value.numpy() for key, value in components.items()}


def gates(expression: str) -> list[str]:
    """The comparisons in an expression."""
    nodes = ast.walk(ast.parse(expression, mode="eval"))
    return [ast.unparse(node) for node in nodes if isinstance(node, ast.Compare)]


@pytest.mark.parametrize("name", FACTS)
def test_the_drawn_states_lie_on_both_sides_of_every_gate(name: str) -> None:
    state = drawn_state(name)
    known = {**state, **values(name, state)}
    for rule in ("human", "success"):
        for gate in gates(FACTS[name]["rules"][rule]):
            share = evaluated(gate, known).mean()
            assert 0.02 < share < 0.98, gate
    if len(gates(FACTS[name]["rules"]["human"])) > 1:
        opened = [evaluated(gate, known) for gate in gates(FACTS[name]["rules"]["human"])]
        assert np.all(opened, axis=0).sum() > 20
        assert np.any(opened[0] != opened[1])


@pytest.mark.parametrize("name", FACTS)
def test_the_human_reward_is_its_formula(name: str) -> None:
    state = drawn_state(name)
    expected = values(name, state)["human"]
    reward, components = rewards("human", name, state)
    assert np.std(expected) > 0
    np.testing.assert_allclose(reward, expected, rtol=1e-9, atol=1e-9)
    offset = reward - np.sum(list(components.values()), axis=0)
    np.testing.assert_allclose(offset, offset[0], rtol=0, atol=1e-9)  # nothing but a constant is left over


@pytest.mark.parametrize("name", FACTS)
def test_the_sparse_reward_is_the_success_of_the_step(name: str) -> None:
    state = drawn_state(name)
    expected = values(name, state)["success"]
    reward, components = rewards("sparse", name, state)
    assert set(np.unique(reward)) == ({0.0, 0.5, 1.0} if name == "push_block" else {0.0, 1.0})
    np.testing.assert_array_equal(reward, expected.astype(float))
    assert len(components) == 1


@pytest.mark.parametrize("name", EXACT)
def test_the_human_reward_at_reset_is_that_of_the_original(name: str) -> None:
    state = start_state(name)
    state |= {
        key: np.array([[0.0, 0.0, 0.0, 1.0]])
        for key in FACTS[name]["state"]
        if key not in state and "rot" in key
    }
    if name == "scissors":
        state["scissors_right_handle_rot"] = turns(np.array([[0.0, 1.0, 0.0]]), state["object_dof_pos"][:, 0])
    reward, _ = rewards("human", name, state)
    assert reward.item() == pytest.approx(FACTS[name]["start"]["values"]["human"], abs=2e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FACTS)
def test_programs_read_what_their_task_offers(name: str, kind: str) -> None:
    facts = FACTS[name]
    offered = {*facts["state"], *facts["constants"], *facts["bound"], *facts["added"]}
    arguments = set(inspect.signature(program(kind, name)).parameters)
    assert arguments <= offered
    assert "obs_buf" not in arguments
    hidden = {"actions"} if (kind, name) == ("human", "re_orientation") else set()
    assert arguments - set(facts["state"]) == hidden


def task_of(name: str) -> Task:
    """A task that declares the state of another; of a reward's checks it is asked for no more."""
    task = Toy()
    shapes = FACTS[name]["state"].items()
    fields = [(key, Tensor, tensor("scalar", "", "", tuple(shape))) for key, shape in shapes]
    task.State = dataclasses.make_dataclass("State", fields, bases=(Task.State,))
    task.num_actions = FACTS[name]["sizes"]["actions"]
    return task


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FACTS)
def test_programs_pass_the_same_door_as_any_other(name: str, kind: str) -> None:
    behaviour = Behaviour(check(source(kind, name), task_of(name)), task_of(name), 32, torch.device("cpu"))
    states = [drawn_state(name, 32, seed) for seed in (1, 2)]
    states.append({key: np.zeros_like(value) for key, value in states[0].items()})
    named = [{key: torch.from_numpy(value).float() for key, value in state.items()} for state in states]
    graph = trace_program(behaviour, named[0])
    for state in named:
        outcome = behaviour.run(state)
        compare(graph, behaviour, outcome)
        assert all(result.isfinite().all() for result in outcome.results)
        assert outcome.results[0].dtype == torch.float32
    assert not behaviour.program.flags
