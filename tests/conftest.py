"""One torch thread, as in a trial: results do not depend on the machine's cores, nor tests on each other.

The garbage collector waits until all tests are imported, and never looks through these modules again: that is faster.
"""

# ruff: noqa: E402
import gc

gc.disable()

import resource
import signal
from collections.abc import Callable, Iterator

import pytest
import torch

from harness.execution import local, trial_runner
from harness.machine import available_cores

torch.set_num_threads(1)
if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # as a shell has it for what it starts in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what tests start has to hear Ctrl-C


def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: one more than there are cores, since tests wait for the processes that they start."""
    return available_cores() + 1


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def impatient() -> Iterator[None]:
    """Trials of this process that are lost or fail are seen to at once: what gives a machine time to recover waits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "PAUSES_S", (0.0, 0.0))
        patch.setattr(trial_runner, "STOP_GRACE_S", 0.0)
        yield


@pytest.fixture
def no_space() -> Iterator[Callable[[], None]]:
    """Call it, and no file can grow beyond 100 kB any more: the kernel refuses, as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
