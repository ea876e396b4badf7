"""What the Eureka paper published: values as data, and those that a run under its protocol has beside its own.

baselines/published/README.md says where each comes from, and what it cannot be compared with.
"""

from __future__ import annotations

import importlib.resources
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from harness.errors import EnvironmentProblem
from harness.fields import line
from harness.scoring.analysis import Analysis
from harness.scoring.rundata import base_name
from harness.scoring.task_info import TaskInfo

FILES: Final = ("scores", "iterations", "ablations", "human_initialisation", "correlation")
COLUMNS: Final = {
    "task": "str",
    "method": "str",
    "iteration": "Int64",
    "metric": "str",
    "runs": "str",
    "value": "float",
    "spread": "float",
    "source": "str",
    "read": "str",
    "note": "str",
}
NUMBERS: Final = tuple(name for name, kind in COLUMNS.items() if kind != "str")
KEY: Final = ("task", "method", "iteration", "metric", "source")
"""What no two rows of a file share."""
NORMALISED, SUCCESS = "normalised score", "success rate"


@dataclass(frozen=True)
class Ours:
    """A run's own score with the ends of its interval: None where there is none, infinite where it is unbounded."""

    point: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Pair:
    """A method's score on a task, ours and the published one."""

    task: TaskInfo
    method: str
    """As the run names it."""
    metric: str
    """NORMALISED or SUCCESS."""
    ours: Ours
    published: float
    runs: str
    """Which searches the published value is of, "" where the paper does not say."""
    source: str
    read: str
    note: str


def published_file(name: str) -> Path:
    """Where a file of published values lies."""
    return Path(str(importlib.resources.files("baselines"))) / "published" / f"{name}.csv"


def read_published(name: str) -> pd.DataFrame:
    """One of `FILES` as a table of `COLUMNS`. EnvironmentProblem if it is damaged or not there."""
    path = published_file(name)
    try:
        table = pd.read_csv(path, dtype=COLUMNS, keep_default_na=False, na_values=dict.fromkeys(NUMBERS, ""))
    except (ValueError, OSError) as error:
        raise EnvironmentProblem(
            f"{path} is damaged ({line(error, 200)}): reinstall eureka-harness"
        ) from error
    values = table.get("value", pd.Series([np.nan]))
    if (
        list(table.columns) != list(COLUMNS)
        or not np.isfinite(values).all()
        or table.duplicated([*KEY]).any()
    ):
        raise EnvironmentProblem(
            f"{path} is damaged (expected {', '.join(COLUMNS)}, a value in each row and no row twice): "
            "reinstall eureka-harness"
        )
    return table


def pairs(analysis: Analysis) -> list[Pair]:
    """Ours and the published score, of each task and method that has both; none but under the paper's protocol.

    Of built-in tasks with their options at the defaults. Human and sparse have published success rates; normalised they
    are 1 and 0 by definition, ours as theirs.
    """
    if analysis.strict:
        return []
    known = {
        (row["task"], row["method"]): row
        for row in read_published("scores").rename(columns={"value": "published"}).to_dict("records")
    }
    found = []
    for task in (task for task in analysis.run.tasks if task.suite is not None and not task.chosen):
        for method in analysis.run.methods:
            row = known.get((task.slug, base_name(method)))
            ours = None if row is None else _ours(analysis, task, method, row["metric"])
            if row is not None and ours is not None:
                facts = {
                    name: row[name] for name in ("metric", "published", "runs", "source", "read", "note")
                }
                found.append(Pair(task, method, ours=ours, **facts))
    return found


def _ours(analysis: Analysis, task: TaskInfo, method: str, metric: object) -> Ours | None:
    """The run's score in a published metric; None where it has none."""
    score = analysis.score(task, method)
    if metric == SUCCESS and task.fitness == "SUCCESS" and score.mean is not None:
        interval = score.interval
        return Ours(score.mean) if interval is None else Ours(score.mean, interval.low, interval.high)
    if metric == NORMALISED and score.ratio is not None and (task.slug, method) not in analysis.unscaled:
        return Ours(score.ratio.point, score.ratio.low, score.ratio.high)
    return None
