"""A process of the fork server, and how it ended: told to the one who started it, and never twice."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing import connection
from typing import Any

import psutil

from harness.confine.fork_server import fork_server

_POLLING = threading.Lock()
"""`multiprocessing` polls all children of the program whenever one is started, whichever thread owns them, and the
fork server tells an exit code only once: of two threads that poll one child together, one is told 255."""


NO_SPACE = 74
"""Exit code of a process that could not write; there may be no space for a word about it."""


class Child:
    """`function(*arguments)` in a process of its own."""

    def __init__(self, name: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.name = name
        self._process = fork_server().Process(name=name, target=function, args=arguments, daemon=True)

    def start(self) -> None:
        """Let it run."""
        with _POLLING:
            self._process.start()

    @property
    def pid(self) -> int | None:
        """Its process id, once started."""
        return self._process.pid

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it has ended, at the latest after so many seconds. Does not poll."""
        return bool(connection.wait([self._process.sentinel], seconds))

    def sleeps(self) -> bool:
        """Whether it waits for something, and not for a processor or a disk."""
        try:
            return bool(psutil.Process(self.pid).status() == psutil.STATUS_SLEEPING)
        except psutil.Error:
            return False

    def end(self, group: bool = False) -> int:
        """Kill it if it still runs, with `group` also what it has started; its exit code (a signal's is negative)."""
        if group and self.pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        with _POLLING:
            self._process.kill()
        self.wait()
        with _POLLING:
            self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode
