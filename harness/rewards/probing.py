"""Compile a reward program in a process of its own: time limit, memory limit, nothing of the environment."""

from __future__ import annotations

import contextlib
import functools
import json
import resource
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

import torch

from harness.confine.process import FROM_OUTSIDE, OUT_OF_TIME, PATIENCE, Ended, Limits, confined
from harness.errors import Lost, UserError
from harness.identity import TaskId
from harness.registry import load_task, resolve
from harness.rewards.errors import RewardError, problem
from harness.rewards.flags import Flag
from harness.rewards.graph.behaviour import Behaviour
from harness.rewards.graph.compile import compile_program
from harness.rewards.graph.graph import Graph
from harness.rewards.graph.states import States, simulate
from harness.rewards.graph.verify import LONGEST_JSON
from harness.rewards.graph.watch import Refused
from harness.rewards.language.check import check

TIMEOUT_S = 20.0
ALARM = 0.9
"""Share of that time after which the program is stopped from inside, where its line is still known."""
STATES_TIMEOUT_S = 300.0
MEMORY_BYTES = 4 << 30
MOST_STATES = 256 << 20
MOST_FLAGS = 40
ENDLESS = "Look for endless or long loops; a call should take milliseconds."
_RECORDING = threading.Lock()


def probe(
    source: str,
    task_ref: str | TaskId,
    worlds: int,
    timeout: float = TIMEOUT_S,
    memory_bytes: int = MEMORY_BYTES,
) -> Graph:
    """The graph of a reward program, compiled for N `worlds` in a fresh process of the fork server.

    That process checks the program's text, and only then runs it. What it gives is bytes, read as JSON; another
    fresh process, which has not seen the program, verifies the graph in them. `timeout` is in seconds of the
    processor: a machine with much else to do refuses nothing. Raises RewardError; UserError if the task itself does
    not load or simulate; EnvironmentProblem if no process can be started; Lost if the machine ended it.
    """
    task = task_ref if isinstance(task_ref, TaskId) else resolve(task_ref)
    load_task(task)
    states = recorded_states(task)
    work = (_compiled, source, task, worlds, states)
    limits = Limits(timeout, memory_bytes)
    found = _graph("probe", work, limits)
    verified = _graph("verify", (_verified, found["content"]), Limits(TIMEOUT_S, MEMORY_BYTES))
    graph = Graph(json.loads(verified["content"]), elements=verified["elements"])
    graph.flags = found["flags"]
    return graph


def recorded_states(task: TaskId) -> bytes:
    """States of a task to try programs on (see `States.from_bytes`), simulated once in this program's life.

    No reward is anywhere near. Raises UserError if the task does not simulate.
    """
    with _RECORDING:
        return _recorded_states(task)


@functools.cache
def _recorded_states(task: TaskId) -> bytes:
    limits = Limits(STATES_TIMEOUT_S, resource.RLIM_INFINITY)
    ended = confined("states", (_simulated, task), limits, MOST_STATES)
    if ended.answer is None or ended.signal in OUT_OF_TIME:
        raise UserError(
            f"task {task.reference!r} does not simulate: no states within {STATES_TIMEOUT_S:.0f} s"
        )
    if ended.signal in FROM_OUTSIDE:
        raise Lost(f"simulating states of {task} {ended.cause}")
    kind, content = ended.answer[:1], ended.answer[1:]
    if kind == b"s" and content:
        return content
    cause = content[:1000].decode(errors="replace") if kind == b"e" else ended.cause
    raise UserError(f"task {task.reference!r} does not simulate: {cause}; check scene, reset, act, read")


def _graph(name: str, work: tuple[Any, ...], limits: Limits) -> dict[str, Any]:
    """What a process tells of a graph: its JSON as `content`, and `flags`. Raises what it tells of errors."""
    ended, timeout = confined(name, work, limits, 2 * LONGEST_JSON), limits.seconds
    if ended.answer is None and not ended.idle:
        raise Lost(
            f"no word of a program's try within {PATIENCE * timeout:g} s: this machine has too much to do"
        )
    if ended.answer is None:
        raise _out_of_time(timeout)
    try:
        data = json.loads(ended.answer)
        kind, content = data["kind"], data["content"]
        data["flags"] = tuple(Flag.from_dict(flag) for flag in data.get("flags", [])[:MOST_FLAGS])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _died(ended, timeout) from None
    if kind == "graph" and isinstance(content, str):
        return dict(data)
    if kind == "rejected" and isinstance(content, dict):
        raise RewardError.from_dict(content)
    if kind == "task" and isinstance(content, str):
        raise UserError(content[:1000])
    raise _died(ended, timeout)


def _died(ended: Ended, timeout: float) -> Exception:
    """A program's own doing, unless someone else ended its process."""
    if ended.signal in OUT_OF_TIME:
        return _out_of_time(timeout)
    if ended.signal in FROM_OUTSIDE:
        return Lost(f"the try of a program {ended.cause}")
    advice = "It may have asked for too much memory: look for large tensors, and N x N ones."
    what = f"the program's process {ended.cause} without a result"
    return problem("error", what, advice)


def _out_of_time(seconds: float) -> RewardError:
    return problem("timeout", f"no result within {seconds:g} s", ENDLESS)


def _simulated(task: TaskId, seconds: float) -> bytes:
    """`s` and states, or `e` and why there are none."""
    try:
        return b"s" + simulate(load_task(task)).to_bytes()
    except Exception as error:
        return b"e" + " ".join(f"{type(error).__name__}: {error}".split()).encode()


def _compiled(source: str, task_id: TaskId, worlds: int, states: bytes, seconds: float) -> bytes:
    """A graph with flags, or why there is none, as JSON."""
    answer: dict[str, Any]
    try:
        with _alarm(seconds):
            task, device = load_task(task_id), torch.device("cpu")
            behaviour = Behaviour(check(source, task), task, worlds, device)
            graph = compile_program(behaviour, States.from_bytes(states).spread(worlds, device))
            flags = [flag.to_dict() for flag in graph.flags]
            answer = {"kind": "graph", "content": graph.to_json(), "flags": flags}
    except Refused as refused:  # the alarm, while none of the program's lines was running
        error = problem(refused.kind, refused.what, refused.advice)
        answer = {"kind": "rejected", "content": error.to_dict()}
    except RewardError as error:
        answer = {"kind": "rejected", "content": error.to_dict()}
    except UserError as error:
        answer = {"kind": "task", "content": str(error)}
    return json.dumps(answer).encode()


def _verified(content: str, seconds: float) -> bytes:
    """A graph whose JSON came from a program's process, in its canonical form, or why it is refused."""
    answer: dict[str, Any]
    try:
        graph = Graph.from_json(content)
        answer = {"kind": "graph", "content": graph.to_json(), "elements": graph.elements}
    except RewardError as error:
        answer = {"kind": "rejected", "content": error.to_dict()}
    return json.dumps(answer).encode()


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Stop a program from inside shortly before its time is over: then its line is known."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise Refused("timeout", f"no result within {seconds:g} s", ENDLESS)

    signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, ALARM * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
