"""Compile a reward program in a process of its own: time limit, memory limit, nothing of the environment."""

from __future__ import annotations

import contextlib
import functools
import json
import math
import os
import resource
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

import torch

from harness.errors import EnvironmentProblem, Lost, UserError
from harness.identity import TaskId
from harness.registry import load_task, resolve
from harness.rewards.behaviour import Behaviour
from harness.rewards.check import check
from harness.rewards.compile import compile_program
from harness.rewards.errors import RewardError, problem
from harness.rewards.flags import Flag
from harness.rewards.graph import Graph
from harness.rewards.states import States, simulate
from harness.rewards.verify import LONGEST_JSON
from harness.rewards.watch import Refused

TIMEOUT_S = 20.0
ALARM = 0.9
"""Share of that time after which the program is stopped from inside, where its line is still known."""
STATES_TIMEOUT_S = 300.0
PATIENCE = 6.0
"""Seconds by the clock for each of the processor: a busy machine is no fault of a program's."""
OUT_OF_TIME = (signal.SIGXCPU,)
FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""Signals that no program sends itself: the kernel's lack of memory, or a person."""
CPU_GRACE_S = 2
"""Before the kernel's plain kill, which would not tell why."""
CLOSING_S = 1.0
START_S = 120.0
"""A fork server that starts has much to import; that is not the program's time."""
MEMORY_BYTES = 4 << 30
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "OMP_NUM_THREADS", "MUJOCO_GL")
"""Environment variables that a probe has."""
STARTED = b" "
"""What a process writes first; neither JSON nor a file of states minds, once it is taken off."""
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
    ended = _run("states", (_simulated, task), limits, MOST_STATES)
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


@dataclass(frozen=True)
class Limits:
    """What a process may use."""

    seconds: float
    """Of the processor; by the clock it has PATIENCE times as long."""
    memory_bytes: int


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    answer: bytes | None
    """None when it took too long, nothing when it died."""
    exitcode: int | None
    """None where it went on, and was ended here."""
    idle: bool = False
    """It took too long although it did nothing: that is no fault of a busy machine."""

    @property
    def signal(self) -> int:
        """The signal that ended it, 0 if none did."""
        return max(0, -(self.exitcode or 0))

    @property
    def cause(self) -> str:
        """What ended it, in words."""
        if self.exitcode is None:
            return "went on after its time or its answer"
        if self.signal:
            return f"was ended by signal {signal.Signals(self.signal).name}"
        return f"ended with exit code {self.exitcode}"


def _run(name: str, work: tuple[Any, ...], limits: Limits, longest: int) -> Ended:
    """What `work` (a function and its arguments) gives in a process of its own.

    EnvironmentProblem if it did not even start.
    """
    from harness.execution.child import Child
    from harness.execution.fork_server import fork_server

    ours, theirs = fork_server().Pipe(duplex=False)
    process = Child(name, _child, (work, limits, theirs))
    answer, whole, idle = bytearray(), False, False
    with ours, theirs:
        process.start()
        theirs.close()
        try:
            whole = not ours.poll(START_S)
            began = time.monotonic()
            for patience in (1.0, PATIENCE):
                whole = whole or _read(ours, began + patience * limits.seconds, longest, answer)
                idle = not whole and process.sleeps()
                if whole or idle:
                    break
        finally:
            by_itself = process.wait(CLOSING_S if whole else 0.0)
            exitcode = process.end(group=True)
    if whole and not answer:
        raise EnvironmentProblem(
            f"a process to try reward programs in did not start (exit code {exitcode}): a script that"
            ' uses the harness must be a file, and do its work under `if __name__ == "__main__":`'
        )
    content = bytes(answer).removeprefix(STARTED) if whole else None
    return Ended(content, exitcode if by_itself else None, idle)


def _graph(name: str, work: tuple[Any, ...], limits: Limits) -> dict[str, Any]:
    """What a process tells of a graph: its JSON as `content`, and `flags`. Raises what it tells of errors."""
    ended, timeout = _run(name, work, limits, 2 * LONGEST_JSON), limits.seconds
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


def _read(pipe: Connection, deadline: float, longest: int, answer: bytearray) -> bool:
    """Add to `answer` what comes until the other end is closed; False at the deadline. Never blocks beyond it."""
    while pipe.poll(max(0.0, deadline - time.monotonic())):
        piece = os.read(pipe.fileno(), 1 << 16)
        answer += piece
        if not piece or len(answer) > longest:
            return True
    return False


def _child(work: tuple[Any, ...], limits: Limits, pipe: Connection) -> None:
    """Runs in the process: shut doors, work, answer."""
    os.write(pipe.fileno(), STARTED)
    _shut(limits)
    function, *arguments = work
    rest = memoryview(function(*arguments, limits.seconds))
    while rest:
        rest = rest[os.write(pipe.fileno(), rest) :]
    pipe.close()


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


def _shut(limits: Limits) -> None:
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
        (resource.RLIMIT_CPU, math.ceil(limits.seconds) + 1),
        (resource.RLIMIT_DATA, limits.memory_bytes),
    ):
        _, hard = resource.getrlimit(limit)
        if hard != resource.RLIM_INFINITY:
            value = hard if value == resource.RLIM_INFINITY else min(value, hard)
        most = (
            value + CPU_GRACE_S if limit == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else value
        )
        resource.setrlimit(limit, (value, most))
    torch.set_num_threads(1)
