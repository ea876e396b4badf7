"""The fork server: processes that start in milliseconds, with torch, MuJoCo and rl-games loaded already."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerContext
from typing import Any

from harness.confine.sockets import short_socket_folder

PRELOADED = [
    "harness.confine.before_imports",
    "__main__",
    "torch",
    "torch._dynamo",
    "torch.fx.experimental.proxy_tensor",
    "torch._inductor.fx_passes.dedupe_symint_uses",
    "mujoco",
    "harness.rewards",
    "harness.execution.trial_runner",
    "harness.execution.worker",
    "harness.training.trainer",
    "harness.confine.after_imports",
]
"""What tracing imports when it is first used is listed too: it would cost every probe a second."""

INHERITED = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "LD_LIBRARY_PATH")
INHERITED_PREFIXES = ("LC_", "CUDA_", "NVIDIA_", "XDG_", "WARP_")
SET = {
    "MUJOCO_GL": "disable",
    "PYTHONUTF8": "1",  # in an ASCII locale torch cannot even be imported wholly
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}
"""Importing mujoco with a rendering backend would start a process; numpy and torch would start threads."""


def fork_server() -> ForkServerContext:
    """The multiprocessing context of this program's fork server.

    The server only imports and never starts threads, so that it can fork at any time. It does not know the
    environment's secrets: a process's first environment stays readable in its memory, and that of all its
    children, so the server is started without them, also when it has to be started again. May be called from any
    thread.
    """
    context = _context()
    forkserver.ensure_running()
    return context


_STARTING = threading.Lock()


@functools.cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    server: Any = forkserver._forkserver
    server.ensure_running = functools.partial(_ensure_running, server.ensure_running)
    forkserver.ensure_running = server.ensure_running
    return context


def _ensure_running(start: Callable[[], None]) -> None:
    """In place of the server's own method, which each start of a process calls too: it may have died since."""
    resource_tracker.ensure_running()  # by itself: it unblocks signals when it starts
    with _STARTING, short_socket_folder(), _without_ctrl_c(), _environment():
        start()


@contextlib.contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """What is started here never hears Ctrl-C: a terminal sends it to all, but it is the harness's to handle."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """What a process that is started here finds as its environment; one that forks off the server changes nothing."""
    if _is_running():
        yield
        return
    before = dict(os.environ)
    for name in before:
        if name not in INHERITED and not name.startswith(INHERITED_PREFIXES):
            del os.environ[name]
    os.environ.update(SET)
    try:
        yield
    finally:
        for name in SET:
            os.environ.pop(name, None)
        os.environ.update(before)


def _is_running() -> bool:
    """Whether the server lives; a dead one is left for `ensure_running` to bury."""
    pid = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    if pid is None:
        return False
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except ChildProcessError:
        return False
