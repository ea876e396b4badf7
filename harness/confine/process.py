"""A function in a process that may run untrusted code: bounded time and memory, nothing of the environment."""

from __future__ import annotations

import math
import os
import resource
import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import torch

from harness.confine.child import Child
from harness.confine.fork_server import fork_server
from harness.errors import EnvironmentProblem

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
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "OMP_NUM_THREADS", "MUJOCO_GL")
"""Environment variables that it has."""
STARTED = b" "
"""What a process writes first; neither JSON nor a file of states minds, once it is taken off."""


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


def confined(name: str, work: tuple[Any, ...], limits: Limits, longest: int) -> Ended:
    """What `work` gives in a process of its own: a function, its arguments, and then the seconds that it has.

    `name` is the process's, `longest` the most bytes that are taken of it. EnvironmentProblem if it did not even start.
    """
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
            f"a process to try programs in did not start (exit code {exitcode}): a script that"
            ' uses the harness must be a file, and do its work under `if __name__ == "__main__":`'
        )
    content = bytes(answer).removeprefix(STARTED) if whole else None
    return Ended(content, exitcode if by_itself else None, idle)


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
