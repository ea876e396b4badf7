"""Compile a reward program in a process of its own: time limit, memory limit, nothing of the environment."""

from __future__ import annotations

import contextlib
import json
import math
import os
import resource
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import torch

from harness.errors import EnvironmentProblem, UserError
from harness.registry import load_task
from harness.rewards.behaviour import Behaviour
from harness.rewards.check import check
from harness.rewards.compile import compile_program
from harness.rewards.errors import RewardError, problem
from harness.rewards.graph import Graph
from harness.rewards.states import States, record_states
from harness.rewards.verify import LONGEST_JSON

TIMEOUT_S = 20.0
START_S = 120.0
"""A fork server that starts has much to import; that is not the program's time."""
MEMORY_BYTES = 4 << 30
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "OMP_NUM_THREADS", "MUJOCO_GL")
"""Environment variables that a probe has."""
STARTED = b" "
"""What a probe writes first; JSON does not mind."""


def probe(
    source: str, task_ref: str, worlds: int, timeout: float = TIMEOUT_S, memory_bytes: int = MEMORY_BYTES
) -> Graph:
    """The graph of a reward program, compiled for N `worlds` in a fresh process of the fork server.

    The static check runs here first, since it executes nothing. What comes back is bytes, read as JSON and
    verified. Raises RewardError; UserError if the task itself does not load or simulate; EnvironmentProblem
    if no process can be started.
    """
    from harness.execution.fork_server import fork_server

    check(source, load_task(task_ref))
    context = fork_server()
    ours, theirs = context.Pipe(duplex=False)
    limits = (math.ceil(timeout) + 1, memory_bytes)
    process = context.Process(target=_child, args=(source, task_ref, worlds, limits, theirs), daemon=True)
    answer: bytes | None = None
    with ours, theirs:
        process.start()
        theirs.close()
        try:
            started = ours.poll(START_S)
            answer = _read(ours, time.monotonic() + timeout) if started else b""
        finally:
            _end(process, grace=0.0 if answer is None else 1.0)
    if answer is None:
        what = f"no result within {timeout:g} s"
        advice = f"Look for endless loops; a call at {worlds} worlds should take milliseconds."
        raise problem("timeout", what, advice)
    return _understand(answer, process.exitcode)


def _understand(answer: bytes, exitcode: int | None) -> Graph:
    if not answer:
        raise EnvironmentProblem(
            f"a process to try reward programs in did not start (exit code {exitcode}): a script that uses"
            ' the harness must be a file, and do its work under `if __name__ == "__main__":`'
        )
    try:
        data = json.loads(answer)
        kind, content = data["kind"], data["content"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _died(exitcode) from None
    if kind == "graph" and isinstance(content, str):
        return Graph.from_json(content)
    if kind == "rejected" and isinstance(content, dict):
        raise RewardError.from_dict(content)
    if kind == "task" and isinstance(content, str):
        raise UserError(content[:1000])
    raise _died(exitcode)


def _died(exitcode: int | None) -> RewardError:
    if exitcode is not None and exitcode < 0:
        cause = f"was ended by signal {signal.Signals(-exitcode).name}"
    else:
        cause = f"ended with exit code {exitcode}"
    advice = "It may have asked for too much memory: look for large tensors, and N x N ones."
    return problem("error", f"the program's process {cause} without a result", advice)


def _read(pipe: Connection, deadline: float) -> bytes | None:
    """Everything until the other end is closed; None at the deadline. Never blocks beyond it."""
    answer = bytearray()
    while True:
        if not pipe.poll(max(0.0, deadline - time.monotonic())):
            return None
        piece = os.read(pipe.fileno(), 1 << 16)
        answer += piece
        if not piece or len(answer) > 2 * LONGEST_JSON:
            return bytes(answer)


def _end(process: BaseProcess, grace: float) -> None:
    """Wait `grace` seconds for a process that is closing down, then kill it with all its descendants."""
    process.join(grace)
    if process.is_alive() and process.pid is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    process.join()


def _child(source: str, task_ref: str, worlds: int, limits: tuple[int, int], pipe: Connection) -> None:
    """Runs in the probe's process: shut doors, record states, compile, answer."""
    os.write(pipe.fileno(), STARTED)
    _shut(*limits)
    answer = _answer(source, task_ref, worlds)
    rest = memoryview(json.dumps(answer).encode())
    while rest:
        rest = rest[os.write(pipe.fileno(), rest) :]
    pipe.close()


def _answer(source: str, task_ref: str, worlds: int) -> dict[str, Any]:
    try:
        task = load_task(task_ref)
        states = _recorded(lambda: record_states(task, worlds), task_ref)
        graph = compile_program(Behaviour(check(source, task), task, worlds, torch.device("cpu")), states)
    except RewardError as error:
        return {"kind": "rejected", "content": error.to_dict()}
    except UserError as error:
        return {"kind": "task", "content": str(error)}
    return {"kind": "graph", "content": graph.to_json()}


def _recorded(record: Callable[[], States], task_ref: str) -> States:
    try:
        return record()
    except Exception as error:
        message = (
            f"task {task_ref!r} does not simulate: {type(error).__name__}: {error}; check reset, act, read"
        )
        raise UserError(" ".join(message.split())) from error


def _shut(cpu_seconds: int, memory_bytes: int) -> None:
    """No output, no environment, no core file, bounded time and memory, one thread, an own process group."""
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    os.environ.clear()
    os.environ.update(kept)
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_DATA, memory_bytes),
    ):
        _, hard = resource.getrlimit(limit)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))
    torch.set_num_threads(1)
