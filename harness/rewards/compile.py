"""From a reward program to its graph, in this process: check, try out, trace, compare."""

from __future__ import annotations

import torch
from torch import Tensor

from harness.rewards.behaviour import Behaviour
from harness.rewards.check import check
from harness.rewards.errors import RewardError
from harness.rewards.graph import Graph
from harness.rewards.states import Named, States, record_states
from harness.rewards.trace import graph_data, trace
from harness.rewards.verify import MOST_NODES
from harness.task import Task

USE_WHERE = (
    "Tracing turns the program into fixed tensor operations, so no Python value may depend on the states: not"
    " the condition of an `if`, not `.item()`, `float(x)`, `len(mask.nonzero())` or a shape after masking."
    " Use `torch.where(condition, a, b)`."
)


def compile_reward(source: str, task: Task, worlds: int, device: str | torch.device = "cpu") -> Graph:
    """The graph of a reward program for N `worlds` of a task.

    The program is run here (`probe` does it at arm's length): on recorded states in the order A, A, B, A, to
    see that results are finite, repeatable and of the right shape and arguments untouched; then it is traced,
    and the graph compared with it on five more states. Raises RewardError.
    """
    program = check(source, task)
    return compile_program(
        Behaviour(program, task, worlds, torch.device(device)), record_states(task, worlds, device)
    )


def compile_program(behaviour: Behaviour, states: States) -> Graph:
    """The graph of a bound program, tried out on `states`."""
    reset, first, middle, last = states.real
    try_out(behaviour, first, last)
    behaviour.run(middle)
    graph = trace_program(behaviour, first)
    for state in (reset, middle, last, *states.artificial):
        compare(graph, behaviour, state)
    return graph


def try_out(behaviour: Behaviour, a: Named, b: Named) -> None:
    """Run a program on A, A, B, A, and afresh on B. RewardError unless equal states give equal results."""
    once = behaviour.run(a)
    again = behaviour.run(a)
    other = behaviour.run(b)
    after = behaviour.run(a)
    alone = behaviour.fresh().run(b)
    for results, expected in ((again, once), (after, once), (other, alone)):
        if not all(map(torch.equal, results, expected)):
            what = "the program gives different results for the same states"
            advice = (
                "It must depend on its arguments alone: keep nothing between calls, in lists or defaults."
            )
            raise behaviour.problem("error", what, advice)


def trace_program(behaviour: Behaviour, state: Named) -> Graph:
    """Trace a program that runs. RewardError `error` where a Python value depends on a tensor's."""
    arguments = behaviour.arguments(state)
    components: tuple[str, ...] = ()

    def function(*tensors: Tensor) -> list[Tensor]:
        nonlocal components
        results, components = behaviour(*tensors)
        return results

    try:
        traced = trace(function, arguments)
    except Exception as error:
        line = error.line if isinstance(error, RewardError) else None
        what = f"the program runs but cannot be traced, {_why(error)}"
        raise behaviour.problem("error", what, USE_WHERE, line) from error
    try:
        data = graph_data(
            traced, behaviour.inputs, arguments, tuple(behaviour.tables), components, behaviour.worlds
        )
    except ValueError as error:
        what = f"the program cannot be written as a graph: {error}"
        raise behaviour.problem("error", what, "Keep to tensors of real numbers.") from error
    if len(data["nodes"]) > MOST_NODES:
        what = f"the program makes {len(data['nodes'])} tensor operations, more than {MOST_NODES}"
        raise behaviour.problem("error", what, "Replace Python loops by operations on whole tensors.")
    return Graph(data, behaviour.device)


def compare(graph: Graph, behaviour: Behaviour, state: Named) -> None:
    """RewardError `error` where graph and program differ: numbers of the traced states were baked in."""
    arguments = behaviour.arguments(state)
    try:
        expected, _ = behaviour(*arguments)
    except RewardError:  # on artificial states only: real ones have been tried
        return
    reward, components = graph(dict(zip(behaviour.inputs, behaviour.arguments(state), strict=True)))
    found = [reward, *components.values()]
    if not all(map(_same, expected, found)):
        what = (
            "the traced program differs from the program: a value read from the states, or kept, was baked in"
        )
        raise behaviour.problem("error", what, USE_WHERE)


def _same(a: Tensor, b: Tensor) -> bool:
    # memory may be laid out otherwise, and sums rounded; a number that was baked in differs by far more
    return a.shape == b.shape and torch.allclose(a, b, rtol=1e-3, atol=1e-5, equal_nan=True)


def _why(error: Exception) -> str:
    text = " ".join(str(error).split())
    if "value out of a tracing tensor" in text or "data is not allocated" in text:
        return "since a Python value in it depends on the states"
    return text[:200]
