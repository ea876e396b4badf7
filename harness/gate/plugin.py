"""A plugin of pytest, found by its entry point: the fixture `assert_no_regression`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gate.asserting import assert_no_regression as assertion


@pytest.fixture
def assert_no_regression() -> Callable[..., None]:
    """`assert_no_regression(base, new, margin=0.1)`: fails unless NEW is shown to be no worse than BASE."""
    return assertion
