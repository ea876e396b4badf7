"""One torch thread, as in a trial: results do not depend on the machine's cores, nor tests on each other."""

import resource
from collections.abc import Callable, Iterator

import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture
def no_space() -> Iterator[Callable[[], None]]:
    """Call it, and no file can grow beyond 100 kB any more: the kernel refuses, as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
