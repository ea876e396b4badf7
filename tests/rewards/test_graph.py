"""The graph as data: written, read back, and refused when anything in it is not allowed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
import torch

from harness.registry import load_task
from harness.rewards import Graph, RewardError, compile_reward
from harness.rewards.allowed import OPERATORS
from harness.rewards.graph.compile import compile_program
from harness.rewards.graph.operators import OWN, in_torch, written
from harness.rewards.graph.verify import operator_of

from .fixtures import GOOD, TOY, WORLDS, bind, body, reference_of, states

SOURCE = body(
    """
reward = torch.where(dof_pos[:, 0] > 0.0, -dof_pos[:, 1].abs(), torch.tensor(0.5))
table = torch.tensor([1.0, float("inf"), 2.0]).clamp(max=3.0)
spread = torch.stack([reward, dof_vel[:, 0]], dim=-1).std(dim=-1)
return reward + table.sum(), {"spread": spread, "höchste Güte": reward}
"""
)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return compile_program(bind(SOURCE), states("cartpole"))


def test_a_graph_survives_its_json(graph: Graph) -> None:
    text = graph.to_json()
    again = Graph.from_json(text)
    assert again.to_json() == text
    assert Graph.from_json(text.encode()).hash == again.hash == graph.hash
    assert (again.inputs, again.components) == (("dof_pos", "dof_vel"), ("spread", "höchste Güte"))
    assert again.worlds == WORLDS
    for state in states("cartpole").real:
        (reward, parts), (reward_again, parts_again) = graph(state), again(state)
        assert torch.equal(reward, reward_again)
        assert all(torch.equal(parts[name], parts_again[name]) for name in parts)


def test_reformatted_json_is_the_same_graph(graph: Graph) -> None:
    assert Graph.from_json(json.dumps(json.loads(graph.to_json()), indent=1)).hash == graph.hash


def test_other_programs_have_other_hashes_and_equal_ones_the_same(graph: Graph) -> None:
    other = compile_program(bind(SOURCE.replace("0.5", "0.25")), states("cartpole"))
    same = compile_program(bind(SOURCE + "# a remark\n"), states("cartpole"))
    assert other.hash != graph.hash == same.hash


def test_a_graph_names_only_the_inputs_that_it_reads() -> None:
    source = body("unused = potentials * 2\nreturn ball_pos @ goal, {}", "potentials, ball_pos, goal, dt")
    traced = compile_program(bind(source, TOY), states(TOY))
    assert traced.inputs == ("ball_pos",)
    state = states(TOY).real[0]
    torch.testing.assert_close(
        traced({"ball_pos": state["ball_pos"]})[0], state["ball_pos"] @ torch.tensor([0, 0.5, 1])
    )
    with pytest.raises(KeyError, match="ball_pos"):
        traced({})


def test_a_graph_moves_to_a_device_with_its_constants_and_new_tensors(graph: Graph) -> None:
    moved = graph.to("meta")
    reward, parts = moved({name: value.to("meta") for name, value in states("cartpole").real[0].items()})
    assert {reward.device.type, *(part.device.type for part in parts.values())} == {"meta"}
    assert moved.hash == graph.hash


def test_calling_a_graph_leaves_nothing_behind(graph: Graph) -> None:
    a, b = states("cartpole").real[:2]
    first = graph(a)[0].clone()
    graph(b)
    assert torch.equal(graph(a)[0], first)


Change = Callable[[dict[str, Any]], Any]


def call(op: str, *args: Any, **kwargs: Any) -> Change:
    """A graph whose reward is one more call."""

    def change(data: dict[str, Any]) -> None:
        data["nodes"].append({"op": op, "args": list(args), "kwargs": kwargs})
        data["reward"] = len(data["inputs"]) + len(data["constants"]) + len(data["nodes"]) - 1

    return change


def put(*path: Any) -> Change:
    """A graph with the last element of `path` put at the place that the others name."""
    *places, last, value = path

    def change(data: dict[str, Any]) -> None:
        inner: Any = data
        for place in places:
            inner = inner[place]
        inner[last] = value

    return change


X = {"ref": 0}
TAMPERED: dict[str, Change] = {
    "unknown operator": call("aten.frobnicate.default", X),
    "known but not allowed": call("aten.from_file.default", "x"),
    "random": call("aten.rand.default", [32]),
    "random like": call("aten.rand_like.default", X),
    "random in an allowed family": call("aten.normal_functional.default", X),
    "dropout": call("aten.dropout.default", X, 0.5, True),
    "in place": call("aten.add_.Tensor", X, 1.0),
    "out variant": call("aten.add.out", X, X, out=X),
    "other namespace": call("prims.add.default", X, X),
    "python": call("os.system.default", "x"),
    "dotted": call("aten.add.Tensor.__class__", X, X),
    "dunder overload": call("aten.add.__class__", X, X),
    "overload that does not exist": call("aten.add.Nothing", X, X),
    "too many arguments": call("aten.abs.default", X, X),
    "unknown keyword": call("aten.abs.default", X, frobnicate=1),
    "reference in a keyword": call("aten.add.Tensor", X, X, alpha={"ref": 0}),
    "device of its own": call("aten.zeros.default", [32], device={"device": "cuda:1"}),
    "dtype that does not exist": call("aten.zeros.default", [32], dtype={"dtype": "load"}),
    "unknown tag": call("aten.add.Tensor", X, {"exec": "1"}),
    "long text": call("aten.div.Tensor_mode", X, X, rounding_mode="__import__('os')"),
    "deep list": call("aten.abs.default", [[[1]]]),
    "huge number": call("aten.add.Scalar", X, 1 << 70),
    "forward reference": call("aten.abs.default", {"ref": 10_000}),
    "reference to itself": lambda data: call("aten.abs.default", {"ref": _size(data)})(data),
    "negative reference": call("aten.abs.default", {"ref": -1}),
    "reference that is no number": call("aten.abs.default", {"ref": "0"}),
    "reference that is true": call("aten.abs.default", {"ref": True}),
    "list of a reference and a number": call("aten.cat.default", [X, 1]),
    "getitem of no reference": call("getitem", {"dtype": "float32"}, 0),
    "getitem by name": call("getitem", X, "__class__"),
    "constant call that fails": lambda data: [
        call("aten.full.default", [-5], 1.0)(data),
        call("aten.add.Tensor", {"ref": _size(data) - 1}, X)(data),
    ],
    "getattr": call("getattr", X, "__class__"),
    "input that is no identifier": put("inputs", 0, "name", "dof pos; import os"),
    "dunder input": put("inputs", 0, "name", "__builtins__"),
    "long input": put("inputs", 0, "name", "a" * 100),
    "same input twice": put("inputs", 0, "name", "dof_vel"),
    "input dtype": put("inputs", 0, "dtype", "Tensor"),
    "input shape": put("inputs", 0, "shape", [-1]),
    "constant of the wrong size": put("constants", 0, "data", [1.0, 2.0, 3.0, 4.0]),
    "constant of text": put("constants", 0, "data", ["x"]),
    "constant out of range": lambda data: data["constants"].append(
        {"dtype": "int8", "shape": [1], "data": [1 << 40]}
    ),
    "huge constant": lambda data: data["constants"].append(
        {"dtype": "float32", "shape": [9999], "data": [0.0] * 9999}
    ),
    "many dimensions": lambda data: data["constants"].append(
        {"dtype": "float32", "shape": [1] * 9, "data": [0.0]}
    ),
    "too many nodes": lambda data: data["nodes"].extend(
        [{"op": "aten.abs.default", "args": [X], "kwargs": {}}] * 3000
    ),
    "reward out of range": put("reward", 10_000),
    "component out of range": put("components", 0, "value", -1),
    "component of bytes": put("components", 0, "name", "a\nb"),
    "component twice": put("components", 0, "name", "höchste Güte"),
    "too many components": put("components", [{"name": str(i), "value": 0} for i in range(65)]),
    "more fields": put("code", "import os"),
    "node with more fields": put("nodes", 0, "code", "import os"),
    "no nodes": lambda data: data.pop("nodes"),
    "nodes that are no list": put("nodes", {}),
    "other schema": put("schema", 2),
    "no worlds": put("worlds", 0),
    "worlds as text": put("worlds", "32"),
}


def _size(data: dict[str, Any]) -> int:
    return len(data["inputs"]) + len(data["constants"]) + len(data["nodes"])


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampered_graph_is_refused(graph: Graph, name: str) -> None:
    data = copy.deepcopy(json.loads(graph.to_json()))
    TAMPERED[name](data)
    with pytest.raises(RewardError, match="graph refused") as caught:
        Graph.from_json(json.dumps(data))
    assert caught.value.kind == "forbidden"
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "1",
        "{",
        '{"schema": NaN}',
        "[" * 100_000,
        '"' + "a" * 5_000_000 + '"',
        b"\xff\xfe{}",
        '{"a": 1e999}',
    ],
)
def test_what_is_no_graph_at_all_is_refused(text: str | bytes) -> None:
    with pytest.raises(RewardError, match="graph refused"):
        Graph.from_json(text)


def test_numbers_that_are_not_finite_cannot_hide_in_json(graph: Graph) -> None:
    text = graph.to_json().replace('"args":[{"ref":0}', '"args":[1e999', 1)
    assert text != graph.to_json()
    with pytest.raises(RewardError, match="not finite"):
        Graph.from_json(text)


def test_no_allowed_operator_is_random_or_changes_its_arguments() -> None:
    for name in sorted(OPERATORS):
        packet = getattr(torch.ops.aten, name)
        for overload in packet.overloads():
            operator = getattr(packet, overload)
            if operator._schema.is_mutable or torch.Tag.nondeterministic_seeded in operator.tags:
                with pytest.raises(RewardError, match="graph refused"):
                    operator_of(f"aten.{name}.{overload}")
        pure = [o for o in packet.overloads() if not getattr(packet, o)._schema.is_mutable]
        assert pure, f"{name} has no pure form"


@pytest.mark.parametrize("program", GOOD, ids=lambda path: path.stem)
def test_graphs_of_real_programs_are_small(program: Any) -> None:
    reference = reference_of(program)
    traced = compile_program(bind(program.read_text(), reference), states(reference))
    assert len(traced.to_json()) < 20_000


PRIVATE = """
def compute_reward(dof_pos):
    spread = torch.softmax(dof_pos, -1)[:, 0] + torch.log_softmax(dof_pos, -1)[:, 1]
    return spread + (dof_pos[:, 0] > 0).to(torch.float64).float(), {}
"""


def test_a_graph_names_no_operator_that_is_torchs_private_business() -> None:
    compiled = compile_reward(PRIVATE, load_task("cartpole"), 32)
    data = json.loads(compiled.to_json())
    assert data["operators"] == 1
    names = {node["op"] for node in data["nodes"]}
    assert {"own.softmax.default", "own.log_softmax.default", "own.to.default"} <= names
    assert not any(name.split(".")[1].startswith("_") for name in names)
    named = {"dof_pos": torch.randn(32, 2)}
    older = copy.deepcopy(data)  # as graphs were before operators had a version
    del older["operators"]
    for node in older["nodes"]:
        node["op"] = in_torch(node["op"])
    assert torch.equal(Graph.from_json(json.dumps(older))(named)[0], compiled(named)[0])
    with pytest.raises(RewardError, match="operators are of version 2, expected 1"):
        Graph.from_json(json.dumps({**data, "operators": 2}))


def test_every_private_operator_that_is_allowed_has_an_own_name() -> None:
    assert {name for name in OPERATORS if name.startswith("_")} == set(OWN.values())
    for name in OWN.values():
        assert in_torch(written(f"aten.{name}.default")) == f"aten.{name}.default"
    assert written("aten.add.Tensor") == "aten.add.Tensor"
