"""Processes of the fork server, many at a time."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from harness.confine.child import Child
from harness.confine.fork_server import fork_server
from harness.importing import uncollected

CODES = (0, 0, 0, 3)


def outcome(number: int) -> int:
    child = Child("trivial", sys.exit, (CODES[number % len(CODES)],))
    child.start()
    assert child.wait(60.0)
    return child.end()


def test_an_exit_code_is_read_once_however_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads that read one child's exit code together leave one of them without it."""
    read = forkserver.read_signed

    def slowly(descriptor: int) -> int:
        time.sleep(0.02)
        return read(descriptor)

    monkeypatch.setattr(forkserver, "read_signed", slowly)
    assert_exit_reported(threads=8, count=40)


@pytest.mark.slow
@pytest.mark.parametrize("threads", [2, 4, 8])
def test_how_a_process_ended_is_told_right_however_many_are_started(threads: int) -> None:
    assert_exit_reported(threads, count=2000)


def assert_exit_reported(threads: int, count: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(outcome, range(count)))
    assert found == [CODES[number % len(CODES)] for number in range(count)]


def test_a_process_that_still_runs_is_killed() -> None:
    child = Child("sleeper", time.sleep, (60.0,))
    child.start()
    assert not child.wait(0.05)
    assert child.end() == -signal.SIGKILL
    assert child.pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


def exit_seven_if_deaf() -> None:
    os._exit(7 if signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, set()) else 8)


def test_ctrl_c_is_never_heard_from_the_first_moment_on() -> None:
    child = Child("deaf", exit_seven_if_deaf, ())
    child.start()
    assert child.wait(60.0)
    assert child.end() == 7
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, set())


def environment_of(pipe: Connection) -> None:
    pipe.send((dict(os.environ), Path("/proc/self/environ").read_bytes()))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_fork_server_that_comes_back_knows_no_secrets_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has died is started again by whoever needs a process next, with an environment of its own."""
    monkeypatch.setenv("OPENAI_API_KEY", "hunter2-and-more")
    monkeypatch.setenv("MUJOCO_GL", "egl")
    Child("trivial", sys.exit, (0,)).start()
    server = forkserver._forkserver._forkserver_pid
    os.kill(server, signal.SIGKILL)
    os.waitid(os.P_PID, server, os.WEXITED | os.WNOWAIT)
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = Child("environment", environment_of, (sender,))
    child.start()
    assert forkserver._forkserver._forkserver_pid != server
    seen, first = receiver.recv()
    assert child.wait(30.0)
    assert child.end() == 0
    assert "OPENAI_API_KEY" not in seen
    assert b"hunter2" not in first
    assert seen["MUJOCO_GL"] == "disable"
    assert os.environ["OPENAI_API_KEY"] == "hunter2-and-more"
    assert os.environ["MUJOCO_GL"] == "egl"


def collector(sender: Connection) -> None:
    sender.send((gc.isenabled(), gc.get_freeze_count(), "rl_games" in sys.modules))


def test_a_process_collects_its_own_garbage_and_leaves_what_the_server_has_imported_alone() -> None:
    receiver, sender = fork_server().Pipe(duplex=False)
    child = Child("collector", collector, (sender,))
    with receiver, sender:
        child.start()
        collects, frozen, imported = receiver.recv()
        child.end()
    assert collects
    assert imported
    assert frozen > 100_000


def test_imports_leave_the_collector_as_it_was() -> None:
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()
    with contextlib.suppress(ZeroDivisionError), uncollected():
        _ = 1 / 0
    assert gc.isenabled()
