"""From a reward program to its graph, in this process: check, try out, trace, compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from harness.rewards.errors import RewardError
from harness.rewards.graph.behaviour import Behaviour, Outcome
from harness.rewards.graph.graph import Graph
from harness.rewards.graph.remarks import remarks
from harness.rewards.graph.states import Named, States, record_states
from harness.rewards.graph.trace import graph_data, trace
from harness.rewards.graph.verify import MOST_NODES
from harness.rewards.graph.watch import USE_WHERE, Refused
from harness.rewards.language.check import check
from harness.task import Task

if TYPE_CHECKING:
    from torch import Tensor


def compile_reward(source: str, task: Task, worlds: int, device: str | torch.device = "cpu") -> Graph:
    """The graph of a reward program for N `worlds` of a task, with `flags` for what is odd about it.

    The program is run here (`probe` does it at arm's length): on recorded states in the order A, A, B, A and
    then on all others, to see that results are numbers, repeatable and of the right shape and arguments
    untouched; then it is traced, and the graph compared with what was recorded. Raises RewardError.
    """
    program = check(source, task)
    return compile_program(
        Behaviour(program, task, worlds, torch.device(device)), record_states(task, worlds, device)
    )


def compile_program(behaviour: Behaviour, states: States) -> Graph:
    """The graph of a bound program, tried out on `states`."""
    simulated, artificial = try_out(behaviour, states)
    graph = trace_program(behaviour, states.real[1])
    for outcome in (*simulated, *artificial):
        compare(graph, behaviour, outcome)
    graph.flags = remarks(graph, behaviour, simulated, artificial)
    return graph


def try_out(behaviour: Behaviour, states: States) -> tuple[list[Outcome], list[Outcome]]:
    """Run a program on A, A, B, A, on all other states, on A again, and afresh on B.

    Returns what came out on simulated and on artificial states. RewardError unless equal states give equal
    results, and numbers in most worlds.
    """
    reset, a, middle, b = states.real
    once = behaviour.run(a, watch=True)
    behaviour.check_finite(once)
    again, other, after = behaviour.run(a), behaviour.run(b), behaviour.run(a)
    simulated = [once, other, *map(behaviour.run, (reset, middle, *states.extreme))]
    artificial = [outcome for state in states.artificial if (outcome := _if_defined(behaviour, state))]
    last = behaviour.run(a)
    alone = behaviour.fresh().run(b)
    for found, expected in ((again, once), (after, once), (last, once), (alone, other)):
        if found.names != expected.names or not all(map(_identical, found.results, expected.results)):
            what = "the program gives different results for the same states"
            advice = (
                "It must depend on its arguments alone: keep nothing between calls, in lists or defaults."
            )
            raise behaviour.problem("error", what, advice)
    for outcome in simulated[: len(states.real)]:
        behaviour.check_finite(outcome)
    return simulated, artificial


def trace_program(behaviour: Behaviour, state: Named) -> Graph:
    """Trace a program that runs. RewardError `control_flow` where a Python value depends on a tensor's."""
    arguments = behaviour.arguments(state)
    components: tuple[str, ...] = ()

    def function(*tensors: Tensor) -> list[Tensor]:
        nonlocal components
        results, components = behaviour(*tensors)
        return results

    try:
        traced = trace(function, arguments)
    except Refused as refused:
        raise behaviour.problem(refused.kind, refused.what, refused.advice) from refused
    except Exception as error:
        if isinstance(error, RewardError) and error.kind == "timeout":
            raise
        line = error.line if isinstance(error, RewardError) else None
        kind, why = _why(error)
        what = f"the program runs but cannot be traced, {why}"
        raise behaviour.problem(kind, what, USE_WHERE, line) from error
    try:
        data = graph_data(
            traced, behaviour.inputs, arguments, tuple(behaviour.tables), components, behaviour.worlds
        )
    except ValueError as error:
        what = f"the program cannot be written as a graph: {error}"
        raise behaviour.problem("error", what, "Keep to tensors of real numbers.") from error
    if len(data["nodes"]) > MOST_NODES:
        what = f"the program makes {len(data['nodes'])} tensor operations, more than {MOST_NODES}"
        advice = "Replace Python loops by operations on whole tensors."
        raise behaviour.problem("resources", what, advice)
    return Graph(data, behaviour.device)


def compare(graph: Graph, behaviour: Behaviour, outcome: Outcome) -> None:
    """RewardError `control_flow` where the graph gives something else than the program gave.

    What was recorded counts, not another call: the graph is the program that was tried, or it is none.
    """
    arguments = behaviour.arguments(outcome.state)
    reward, components = graph(dict(zip(behaviour.inputs, arguments, strict=True)))
    if tuple(components) != outcome.names or not all(
        map(_close, outcome.results, [reward, *components.values()])
    ):
        what = (
            "the traced program differs from the program: a value read from the states, or kept, was baked in"
        )
        raise behaviour.problem("control_flow", what, USE_WHERE)


def _if_defined(behaviour: Behaviour, state: Named) -> Outcome | None:
    """What comes out on an artificial state, where a program may fail: a matrix of zeros has no inverse."""
    try:
        return behaviour.run(state)
    except RewardError as error:
        if error.kind == "error":
            return None
        raise


def _identical(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and bool(((a == b) | (a.isnan() & b.isnan())).all())


def _close(a: Tensor, b: Tensor) -> bool:
    # memory may be laid out otherwise, and sums rounded; a number that was baked in differs by far more
    return a.shape == b.shape and torch.allclose(a, b, rtol=1e-3, atol=1e-5, equal_nan=True)


def _why(error: Exception) -> tuple[str, str]:
    text = " ".join(str(error).split())
    if "value out of a tracing tensor" in text or "data is not allocated" in text:
        return "control_flow", "since a Python value in it depends on the states"
    return "error", text[:200]
