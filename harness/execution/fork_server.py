"""The fork server: processes that start in milliseconds, with torch, MuJoCo and rl-games loaded already."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from multiprocessing import resource_tracker
from multiprocessing.context import ForkServerContext
from multiprocessing.forkserver import ensure_running

from harness.execution.sockets import short_socket_folder

PRELOADED = [
    "__main__",
    "torch",
    "torch._dynamo",
    "torch.fx.experimental.proxy_tensor",
    "torch._inductor.fx_passes.dedupe_symint_uses",
    "mujoco",
    "rl_games.algos_torch.a2c_continuous",
    "harness.rewards",
    "harness.execution.trial_runner",
    "harness.execution.worker",
]
"""What tracing imports when it is first used is listed too: it would cost every probe a second."""

INHERITED = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "LD_LIBRARY_PATH")
INHERITED_PREFIXES = ("LC_", "CUDA_", "NVIDIA_", "XDG_", "WARP_")
SET = {
    "MUJOCO_GL": "disable",
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}
"""Importing mujoco with a rendering backend would start a process; numpy and torch would start threads."""


_STARTING = threading.Lock()


def fork_server() -> ForkServerContext:
    """The multiprocessing context of this program's fork server.

    The server only imports and never starts threads, so that it can fork at any time. It does not know the
    environment's secrets: a process's first environment stays readable in its memory, and that of all its
    children, so the server is started without them. May be called from any thread.
    """
    with _STARTING:
        return _started()


@functools.cache
def _started() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    resource_tracker.ensure_running()  # by itself: it unblocks signals when it starts
    with short_socket_folder(), _environment(), _without_ctrl_c():
        ensure_running()
    return context


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
