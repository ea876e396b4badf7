"""Requests and tasks for the tests of proposers."""

from __future__ import annotations

import dataclasses
from typing import Any

from harness.proposers import Request

MESSAGES = [{"role": "system", "content": "Write rewards."}, {"role": "user", "content": "For this task."}]


def request(samples: int = 1, **changes: Any) -> Request:
    """The first request of a search."""
    first = Request(
        task="cartpole",
        method="eureka",
        search=0,
        iteration=0,
        attempt=0,
        response=None,
        messages=MESSAGES,
        samples=samples,
        seed=1,
    )
    return dataclasses.replace(first, **changes)
