"""Processes of the fork server, many at a time."""

from __future__ import annotations

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.execution.child import Child

CODES = (0, 0, 0, 3)


def outcome(number: int) -> int:
    child = Child("trivial", sys.exit, (CODES[number % len(CODES)],))
    child.start()
    assert child.wait(60.0)
    return child.end()


@pytest.mark.parametrize(
    ("threads", "count"),
    [(8, 160), *(pytest.param(jobs, 2000, marks=pytest.mark.slow) for jobs in (2, 4, 8))],
)
def test_how_a_process_ended_is_told_right_however_many_are_started(threads: int, count: int) -> None:
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
