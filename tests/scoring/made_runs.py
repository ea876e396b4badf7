"""Runs out of nothing but scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.scoring.rundata import Config, RunData
from harness.scoring.searchdata import Search, Trial
from harness.scoring.task_info import TaskInfo

Scores = Mapping[tuple[str, str], Sequence[Sequence[float]]]
"""By task and method: a row of seed scores per search."""
TASKS = {
    "cartpole": TaskInfo("cartpole", "SURVIVAL", "steps", episode_steps=500),
    "ball_balance": TaskInfo("ball_balance", "SURVIVAL", "steps", episode_steps=500),
    "quadcopter": TaskInfo("quadcopter", "RATE", "m"),
}


def made_run(name: str, scores: Scores, *, code: str = "a", **settings: Any) -> RunData:
    """A run in which all that was asked for is there. `code` is of its trials' keys."""
    slugs = list(dict.fromkeys(task for task, _ in scores))
    methods = tuple(dict.fromkeys(method for _, method in scores))
    config: dict[str, Any] = {
        "seeds": 5,
        "searches": 1,
        "budget": "quick",
        "engine": "cpu",
        "precision": "fp32",
        "protocol": "strict",
        "goal_bonus": False,
        "methods": methods,
        "versions": {"torch": "2.13.0"},
    }
    return RunData(
        configs=((name, Config(**(config | settings))),),
        tasks=tuple(TASKS[slug] for slug in slugs),
        methods=methods,
        searches={
            key: tuple(_search(*key, k, row, code) for k, row in enumerate(found))
            for key, found in scores.items()
        },
        expected={key: (len(found), max(map(len, found))) for key, found in scores.items()},
    )


def _search(task: str, method: str, index: int, scores: Sequence[float], code: str) -> Search:
    finals = tuple(
        Trial(f"{code}-{task}-{method}-{index}-{seed}", seed, "ok", f=float(f))
        for seed, f in enumerate(scores)
    )
    return Search(task, method, index, "ok", None, "program", None, 1.0, (), finals)
