"""Programs are run on recorded states and traced: what comes out, and what is said when it does not work."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from harness.registry import load_task
from harness.rewards import RewardError, check, compile_reward
from harness.rewards.graph.behaviour import Behaviour
from harness.rewards.graph.compile import compile_program
from harness.rewards.graph.states import record_states
from harness.rewards.language.program import FILENAME, Program

from .fixtures import GOOD, RETURN, TOY, WORLDS, bind, body, reference_of, states


def compiled(source: str, reference: str = "cartpole"):
    return compile_program(bind(source, reference), states(reference))


@pytest.mark.parametrize("program", GOOD, ids=lambda path: path.stem)
def test_a_graph_computes_what_the_program_computes_on_any_states(program: Path) -> None:
    reference = reference_of(program)
    source = program.read_text()
    graph = compile_reward(source, load_task(reference), WORLDS)
    behaviour = bind(source, reference)
    rng = torch.Generator().manual_seed(1)
    for _ in range(5):
        named = {
            name: torch.randn(value.shape, generator=rng).to(value.dtype)
            for name, value in states(reference).real[0].items()
        }
        expected, names = behaviour(*behaviour.arguments(named))
        before = {name: value.clone() for name, value in named.items()}
        reward, components = graph(named)
        assert tuple(components) == graph.components == names
        for found, wanted in zip((reward, *components.values()), expected, strict=True):
            assert found.shape == (WORLDS,)
            assert found.dtype == torch.float32
            torch.testing.assert_close(found, wanted, rtol=1e-6, atol=1e-6, equal_nan=True)
        assert all(torch.equal(named[name], before[name]) for name in named)


def test_the_expert_rewards_of_cartpole_compile_to_their_formulas() -> None:
    baselines = Path(__file__).parents[2] / "baselines"
    human = (baselines / "human_rewards/isaac/cartpole.py").read_text()
    graph = compile_reward(human, load_task("cartpole"), 3)
    pos = torch.tensor([[0.5, 0.1], [3.5, 0.0], [0.0, 2.0]])
    vel = torch.tensor([[1.0, -2.0], [0.0, 0.0], [0.0, 0.0]])
    reward, components = graph({"dof_pos": pos, "dof_vel": vel})
    torch.testing.assert_close(reward, torch.tensor([1.0 - 0.01 - 0.01 - 0.01, -2.0, -2.0]))
    torch.testing.assert_close(components["cart_speed"], torch.tensor([-0.01, 0.0, 0.0]))
    sparse = (baselines / "sparse_rewards/isaac/cartpole.py").read_text()
    graph, progress = compile_reward(sparse, load_task("cartpole"), 3), torch.tensor([40, 50, 60])
    assert graph({"dof_pos": pos, "progress_buf": progress})[0].tolist() == [0.0, 50.0, 60.0]
    assert graph({"dof_pos": pos[:1].expand(3, 2), "progress_buf": progress + 450})[0].tolist() == [
        0,
        500,
        510,
    ]


def test_components_may_be_numbers_scalars_columns_and_flags() -> None:
    parts = "{'number': 2, 'mean': x.mean(), 'column': x[:, None], 'flag': x > 0}"
    graph = compiled(body(f"x = dof_pos[:, 0]\nreturn x > 0, {parts}"))
    state = states("cartpole").real[1]
    reward, parts = graph(state)
    x = state["dof_pos"][:, 0]
    torch.testing.assert_close(reward, (x > 0).float())
    torch.testing.assert_close(parts["number"], torch.full((WORLDS,), 2.0))
    torch.testing.assert_close(parts["mean"], x.mean().expand(WORLDS))
    torch.testing.assert_close(parts["column"], x)
    torch.testing.assert_close(parts["flag"], (x > 0).float())


@pytest.mark.parametrize(
    "lines",
    [
        "r[m] -= 5.0",
        "r[~m] = r[~m] * 0.5",
        "r = r + dof_pos[m].mean()",
        "index = m.nonzero(as_tuple=True)[0]\nr[index] = 1.0",
        "r = r + torch.where(m.any(), 1.0, 0.0)",
        "a, b = dof_pos.T\nr = a + b * len(dof_pos)",
    ],
)
def test_selections_whose_size_nobody_reads_are_followed(lines: str) -> None:
    source = body(f"r = dof_pos[:, 1].abs()\nm = dof_pos[:, 0] > 0\n{lines}\nreturn r, {{}}")
    graph, behaviour = compiled(source), bind(source)
    for state in (*states("cartpole").real, *states("cartpole").extreme):
        torch.testing.assert_close(graph(state)[0], behaviour.run(state).results[0])


def test_double_precision_states_give_single_precision_rewards() -> None:
    graph = compiled(body("return potentials, {'p': potentials}", "potentials"), TOY)
    state = states(TOY).real[0]
    assert state["potentials"].dtype == torch.float64
    reward, parts = graph(state)
    assert reward.dtype == parts["p"].dtype == torch.float32


FAULTY = {
    "if on a state": ("if dof_pos.mean() > 0:\n    pass\n" + RETURN, "control_flow", 4, "torch.where"),
    "any": ("if (dof_pos > 9).any():\n    pass\n" + RETURN, "control_flow", 4, "torch.where"),
    "item": ("x = dof_pos.mean().item()\nreturn dof_pos[:, 0] * x, {}", "control_flow", 4, "torch.where"),
    "float": ("x = float(dof_pos.mean())\nreturn dof_pos[:, 0] * x, {}", "control_flow", 4, "torch.where"),
    "tensor of a state": (
        "x = torch.tensor([dof_pos[0, 0]])\nreturn dof_pos[:, 0] * x, {}",
        "control_flow",
        4,
        "torch.where",
    ),
    "while": (
        "x = dof_pos[:, 0]\nwhile x.sum() > 1e9:\n    x = x / 2\nreturn x, {}",
        "control_flow",
        5,
        "torch.where",
    ),
    "baked count": (
        "n = len((dof_pos[:, 0] > 0).nonzero())\nreturn dof_pos[:, 0] * n, {}",
        "control_flow",
        4,
        "len(mask.nonzero())",
    ),
    "baked shape": (
        "n = dof_pos[dof_pos[:, 0] > 0].shape[0]\nreturn dof_pos[:, 0] * n, {}",
        "control_flow",
        4,
        "how many entries a selection has",
    ),
    "Python's min": ("x = min(dof_pos[:, 0], dof_vel[:, 0])\nreturn x, {}", "control_flow", 4, "torch.where"),
    "float of many": ("x = float(dof_pos)\nreturn dof_pos[:, 0] * x, {}", "control_flow", 4, "torch.where"),
    "rows of a selection": (
        "x = dof_pos[:, 0]\nfor row in dof_pos[x > 0]:\n    x = x + row.sum()\nreturn x, {}",
        "control_flow",
        5,
        "torch.where",
    ),
    "size after more steps": (
        "x = dof_pos[dof_pos[:, 0] > 0]\ny = (x * 2).sort(dim=0)[0]\nreturn dof_pos[:, 0] * y.size(0), {}",
        "control_flow",
        6,
        "`mask.sum()` to count",
    ),
    "another device": (
        "where = 'me' + 'ta'\nreturn dof_pos[:, 0].to(where), {}",
        "device",
        5,
        "device=x.device",
    ),
    "wrong sizes": ("x = dof_pos + torch.ones(3)\n" + RETURN, "error", 4, "dof_pos (N, 2)"),
    "index": ("x = dof_pos[:, 7]\n" + RETURN, "error", 4, "out of bounds"),
    "unbound": ("if False:\n    x = 1\nreturn x, {}", "error", 6, "UnboundLocalError"),
    "recursion": ("f = lambda g: g(g)\nreturn f(f), {}", "error", 4, "RecursionError"),
    "assertion": ("assert dof_pos.shape[1] == 3, 'three'\n" + RETURN, "error", 4, "AssertionError: three"),
    "endless trace": (
        "x = dof_pos[:, 0]\nfor i in range(2100):\n    x = x + 1\nreturn x, {}",
        "resources",
        None,
        "2101",
    ),
    "complex": ("return dof_pos[:, 0] * 1j, {}", "shape", 4, "real numbers"),
    "mean reward": ("return dof_pos.mean(), {}", "shape", 4, "one number for all worlds"),
    "column reward": ("return dof_pos[:, :1], {}", "shape", 4, "squeeze(-1)"),
    "matrix reward": ("return dof_pos, {}", "shape", 4, "(32, 2)"),
    "no return": ("x = dof_pos", "shape", None, "returns nothing"),
    "no components": ("return dof_pos[:, 0]", "shape", 4, "reward, components"),
    "three results": ("return dof_pos[:, 0], {}, {}", "shape", 4, "a tuple of 3"),
    "number reward": ("return 1.0, {}", "shape", 4, "one float, not a tensor"),
    "listed components": ("return dof_pos[:, 0], [dof_pos[:, 0]]", "shape", 4, "not a dict"),
    "matrix component": ("return dof_pos[:, 0], {'both': dof_pos}", "shape", 4, "`both`"),
    "text component": ("return dof_pos[:, 0], {'text': 'a'}", "shape", 4, "`text`"),
    "numbered component": ("return dof_pos[:, 0], {1: dof_pos[:, 0]}", "signature", 4, "component name 1"),
    "comma in a name": ("return dof_pos[:, 0], {'a,b': dof_pos[:, 0]}", "signature", 4, "'a,b'"),
    "line break in a name": ("return dof_pos[:, 0], {'a\\nb': dof_pos[:, 0]}", "signature", 4, "printable"),
    "empty name": ("return dof_pos[:, 0], {'': dof_pos[:, 0]}", "signature", 4, "1 to 64"),
    "long name": ("return dof_pos[:, 0], {'a' * 65: dof_pos[:, 0]}", "signature", 4, "1 to 64"),
    "too many components": ("return dof_pos[:, 0], {str(i): 1.0 for i in range(65)}", "signature", 4, "64"),
    "root": ("x = dof_pos[:, 0] - 9.0\nreturn torch.sqrt(x), {}", "non_finite", 5, "clamp"),
    "division": ("x = dof_pos[:, 0] * 0.0\ny = 1.0 / x\nreturn y, {}", "non_finite", 5, "32 of 32 worlds"),
    "component not finite": (
        "x = torch.log(-dof_pos[:, 0].abs())\nreturn dof_pos[:, 0], {'bad': x}",
        "non_finite",
        4,
        "`bad`",
    ),
    "assignment": ("dof_pos[:, 0] = 1.0\n" + RETURN, "mutation", 4, "`dof_pos`"),
    "through a view": ("x = dof_vel[:, 0]\nx *= 2.0\nreturn x, {}", "mutation", 5, "`dof_vel`"),
    "in-place method": ("dof_pos.clamp_(-0.01, 0.01)\n" + RETURN, "mutation", 4, "dof_pos.clone()"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_faults_are_explained_with_the_offending_line(name: str) -> None:
    lines, kind, line, words = FAULTY[name]
    source = body(lines)
    with pytest.raises(RewardError) as caught:
        compiled(source)
    error = caught.value
    assert (error.kind, error.line) == (kind, line)
    assert words in error.designer
    assert "\n" not in error.message
    if line is not None:
        assert f"Line {line}: `{source.splitlines()[line - 1].strip()}`" in error.designer


@pytest.mark.parametrize(
    "before",
    [
        "memory = []\ndef state(x):\n    memory.append(1.0)\n    return len(memory)\n",
        "def state(x, memory=[]):\n    memory.append(1.0)\n    return len(memory)\n",
        "memory = {'n': 0}\ndef state(x):\n    memory['n'] += 1\n    return memory['n'] > 6\n",
        "def state(x, first=[]):\n    first.append(x.clone())\n    return first[0]\n",
    ],
)
def test_what_is_kept_between_calls_is_found(before: str) -> None:
    """The static check refuses such programs; should one pass it, it is caught when it is tried."""
    source = body("return dof_pos[:, 0] + state(dof_pos[:, 0]), {}", "dof_pos", before)
    with pytest.raises(RewardError) as refused:
        check(source, load_task("cartpole"))
    assert refused.value.kind == "forbidden"
    code = compile(source, FILENAME, "exec")
    program = Program(source, code, "compute_reward", ("dof_pos",), {}, None)
    with pytest.raises(RewardError) as caught:
        compile_program(
            Behaviour(program, load_task("cartpole"), WORLDS, torch.device("cpu")), states("cartpole")
        )
    assert caught.value.kind == "error"
    assert "between calls" in caught.value.designer


def test_a_row_of_constants_cannot_be_changed_either() -> None:
    with pytest.raises(RewardError) as caught:
        compiled(body("goal[0] += 1.0\nreturn ball_pos[:, 0] + goal[0], {}", "ball_pos, goal"), TOY)
    assert (caught.value.kind, caught.value.line) == ("mutation", 4)
    assert "`goal`" in caught.value.designer


def test_every_in_place_operator_works_on_the_program_s_own_tensors() -> None:
    lines = "\n".join(f"x {op}= 1.5" for op in ("+", "-", "*", "/", "%", "//"))
    flags = "\n".join(f"m {op}= dof_vel[:, 0] > 0" for op in "&|^")
    end = "m[3:5] &= False\nreturn x * m, {}"
    graph = compiled(body(f"x = dof_pos[:, 0].clone()\n{lines}\nx **= 2\nm = x > 0\n{flags}\n{end}"))
    x = states("cartpole").real[1]["dof_pos"][:, 0].clone()
    v = states("cartpole").real[1]["dof_vel"][:, 0] > 0
    x = ((((((x + 1.5) - 1.5) * 1.5) / 1.5) % 1.5) // 1.5) ** 2
    m = (((x > 0) & v) | v) ^ v
    m[3:5] = False
    torch.testing.assert_close(graph(states("cartpole").real[1])[0], x * m)


def test_recorded_states_cover_reset_motion_nothing_and_extremes() -> None:
    recorded = record_states(load_task(TOY), 100)
    names = {
        "ball_pos",
        "ball_rot",
        "ball_vel",
        "potentials",
        "touching",
        "obs_buf",
        "actions",
        "progress_buf",
    }
    for state in (*recorded.real, *recorded.artificial):
        assert set(state) == names
        assert all(len(value) == 100 for value in state.values())
    reset, first, middle, last = recorded.real
    assert torch.equal(reset["actions"], torch.zeros(100, 3))
    assert not reset["progress_buf"].any()
    assert last["progress_buf"].max() == 20
    assert not torch.equal(first["actions"], last["actions"])
    assert not torch.equal(first["ball_pos"], middle["ball_pos"])
    assert all(value.isfinite().all() for value in last.values())
    zeros, large = recorded.artificial
    assert not any(value.any() for value in zeros.values())
    assert torch.equal(large["ball_pos"], last["ball_pos"] * 100)
    again = record_states(load_task(TOY), 100)
    assert all(torch.equal(last[name], again.real[3][name]) for name in names)
