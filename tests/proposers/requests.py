"""Requests and tasks for the tests of proposers."""

from __future__ import annotations

import dataclasses
from typing import Any

from harness.proposers import Request, RewardContext

MESSAGES = [{"role": "system", "content": "Write rewards."}, {"role": "user", "content": "For this task."}]


def request(samples: int = 1, **changes: Any) -> Request:
    """The first request of a search."""
    place = {
        "task": "cartpole",
        "method": "eureka",
        "search": 0,
        "iteration": 0,
        "attempt": 0,
        "response": None,
    }
    reward = RewardContext()
    for name in [name for name in changes if name in place]:
        place[name] = changes.pop(name)
    for name in [name for name in changes if hasattr(reward, name)]:
        reward = dataclasses.replace(reward, **{name: changes.pop(name)})
    first = Request(place, MESSAGES, samples, seed=1, reward=reward)
    return dataclasses.replace(first, **changes)
